"""What is built behind the rows of houses of a block: ends that close it, extensions and sheds in the gardens."""

from typing import NamedTuple

import torch

from ..noise import uniform

_EXTENDED, _WITH_SHED = 0.5, 0.45  # shares of the houses of a row
_TO_SHED = 7.0, 10.0  # metres from a house to the middle of its shed
_LOW = 2.6, 3.2  # metres, height of extensions and sheds


class Rows(NamedTuple):
    """Rows of houses on the two sides of blocks [B, lots, 2], in the frame of their tract (u across, v along; metres).

    u, v: centres. depth, half_v: across, and half the length along the street. inwards: the sign of u towards the
    garden. number: of the buildings. stands: whether one does.
    """

    u: torch.Tensor
    v: torch.Tensor
    depth: torch.Tensor
    half_v: torch.Tensor
    inwards: torch.Tensor
    number: torch.Tensor
    stands: torch.Tensor


def ends(
    rows: Rows,
    borders: tuple[torch.Tensor, ...],
    aside: torch.Tensor,
    eaves: torch.Tensor,
    closed: torch.Tensor,
    generator: torch.Generator,
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return buildings between the two rows of a block along its short ends, in a `closed` share of the blocks.

    borders: near and far u and v of the blocks, aside: from there to the houses, closed: [B, 1, 1] each, metres.
    eaves: of `rows`, metres. Returned as by `gardens`, of shape [B, 1, 2].
    """
    u0, u1, v0, v1 = borders
    shape = (len(u0), 1, 2)
    is_far = torch.arange(2, device=u0.device) == 1
    depth, height = (each.broadcast_to(rows.stands.shape)[:, :1] for each in (rows.depth, eaves))
    v = torch.where(is_far, v1 - aside - depth / 2, v0 + aside + depth / 2)
    half_u = ((u1 - u0) / 2 - aside - depth).expand(shape)
    own = rows.number.max() + 1 + torch.arange(v.numel(), device=v.device).reshape(shape)
    stands = (uniform(generator, *shape) < closed) & (half_u > 3) & (v1 - v0 > 2 * aside + 3 * depth)
    return [(u0 + u1) / 2, v, half_u, depth / 2, height, torch.zeros_like(v), own], stands


def gardens(
    rows: Rows, width: torch.Tensor, generator: torch.Generator
) -> list[tuple[list[torch.Tensor], torch.Tensor]]:
    """Return extensions (parts of their row) and sheds (buildings of their own) of `Rows` of houses of some `width`.

    width: metres [B, 1, 1], 0 where blocks have none. Each of the two is ([u, v, half u, half v, eaves, rise, number],
    which of them stand); all have the shape [B, lots, 2, houses].
    """
    u, v, depth, half_v, inwards, number, stands = (each.broadcast_to(rows.stands.shape)[..., None] for each in rows)
    houses = torch.where(width > 0, 2 * half_v[..., 0] / width.clamp_min(1.0), 0).floor()[..., None]
    most = max(int(houses.max()), 1)
    slot = torch.arange(most, device=u.device)
    random = uniform(generator, 7, *stands.shape[:-1], most)
    there = stands & (slot < houses)
    middle = v - half_v + (slot + 0.5) * 2 * half_v / houses.clamp_min(1)
    back, flat = u + inwards * depth / 2, torch.zeros_like(random[0])
    low = torch.lerp(*(torch.full_like(flat, each) for each in _LOW), random[0])
    half = 1.2 + 0.8 * random[1]
    extension = [
        back + inwards * (half - 0.5),
        middle + 0.6 * random[2],
        half + 0.5,
        1.3 + random[3],
        low,
        flat,
        number,
    ]
    away = _TO_SHED[0] + (_TO_SHED[1] - _TO_SHED[0]) * random[4]
    own = rows.number.max() + 1 + 2 * len(u) + torch.arange(flat.numel(), device=u.device).reshape(flat.shape)
    shed = [
        back + inwards * away,
        middle + 1 - 2 * random[3],
        1.3 + 0.6 * random[1],
        1.2 + 0.6 * random[2],
        low,
        flat,
        own,
    ]
    return [(extension, there & (random[5] < _EXTENDED)), (shed, there & (random[6] < _WITH_SHED))]
