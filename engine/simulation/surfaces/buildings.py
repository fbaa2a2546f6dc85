"""Buildings: rectangles along the streets, drawn onto the ground."""

import math
from typing import NamedTuple, Union

import torch

from ..noise import uniform
from .courtyards import Rows, ends, gardens
from .districts import column
from .tracts import Blocks, Tracts, axes

_CELLS_AT_ONCE = 2_000_000


class Rectangles(NamedTuple):
    """Parts of buildings, all [R]: most buildings are one rectangle, L-shapes are two with the same number.

    x, y: centre, metres right and down from the square's corner. u, v: half sides across and along the azimuth, metres.
    azimuth: degrees clockwise from north. eaves: height above the ground. rise: of a gabled roof's ridge, which runs
    along the longer side, above the eaves; 0 for flat roofs. number: of the building, from 1. tract: where it belongs.
    """

    x: torch.Tensor
    y: torch.Tensor
    u: torch.Tensor
    v: torch.Tensor
    azimuth: torch.Tensor
    eaves: torch.Tensor
    rise: torch.Tensor
    number: torch.Tensor
    tract: torch.Tensor

    def of(self, chosen: Union[torch.Tensor, slice]) -> "Rectangles":
        """Return the rectangles at `chosen` (bool [R], indices or a slice)."""
        return Rectangles(*(values[chosen] for values in self))


def along_streets(land: Tracts, divided: Blocks, kind: torch.Tensor, generator: torch.Generator) -> Rectangles:
    """Return the `Rectangles` on all lots of the tracts of `kind` [T], two rows a block; no ground is looked at."""
    device = kind.device
    tract, strip, part = _blocks_near(land, divided, kind).unbind(1)
    fields = ("street", "setback", "lot", "gap", "eaves", "depth", "gabled", "winged", "occupied")
    fields += ("closed", "houses")
    values = {field: column(field, device)[kind[tract]][:, None, None] for field in fields}
    aside = values["street"] / 2 + values["setback"]
    borders = [divided.u[tract, strip], divided.u[tract, strip + 1]]
    borders += [divided.v[tract, strip, part], divided.v[tract, strip, part + 1]]
    u0, u1, v0, v1 = (border[:, None, None] for border in borders)
    length = v1 - v0 - 2 * aside
    lots = (length / values["lot"]).floor().clamp_min(1)
    most = int(lots.max()) if len(tract) else 0
    shape = (len(tract), most, 2)
    random = uniform(generator, 9, *shape)
    slot = torch.arange(most, device=device)[None, :, None]
    is_right = torch.arange(2, device=device)[None, None] == 1
    lot = length / lots
    v = v0 + aside + (slot + 0.5) * lot
    half_v = (lot - values["gap"] * (0.7 + 0.7 * random[0])) / 2
    depth = torch.lerp(values["depth"][..., 0], values["depth"][..., 1], random[1])
    depth = torch.minimum(depth, (u1 - u0) / 2 - aside - 2)
    u = torch.where(is_right, u1 - aside - depth / 2, u0 + aside + depth / 2)
    eaves = torch.lerp(values["eaves"][..., 0], values["eaves"][..., 1], 0.6 * random[2] + 0.4 * random[3, :, :1, :1])
    shorter = torch.minimum(depth, 2 * half_v)
    rise = (random[4] < values["gabled"]) * (shorter * (0.3 + 0.15 * random[5])).clamp_max(7)
    stands = (random[6] < values["occupied"]) & (slot < lots) & (depth > 5) & (half_v > 2.5)
    number = torch.arange(1, stands.numel() + 1, device=device).reshape(shape)
    house = [u, v, depth / 2, half_v, eaves, rise, number]
    # The wing stands behind the house, at one of its ends.
    inwards, half_wing = torch.where(is_right, -1, 1), torch.minimum(half_v * 0.9, shorter * 0.35)
    reach = (0.4 + 0.4 * random[7]) * depth / 2
    end = v + (2 * (random[8] < 0.5) - 1) * (half_v - half_wing)
    wing = [u + inwards * (depth / 2 + reach - 0.5), end, reach + 0.5, half_wing, eaves * 0.85, rise * 0.6, number]
    has_wing = stands & (random[7] < values["winged"])
    pieces = [(house, stands), (wing, has_wing)]
    rows = Rows(u, v, depth, half_v, inwards, number, stands)
    if (values["closed"] > 0).any():
        pieces.append(ends(rows, (u0, u1, v0, v1), aside, eaves, values["closed"], generator))
    if (values["houses"] > 0).any():
        pieces += gardens(rows, values["houses"], generator)
    parts = [torch.cat([each[i].expand(mask.shape)[mask] for each, mask in pieces]) for i in range(len(house))]
    owners = [tract.reshape(-1, *[1] * (mask.ndim - 1)).expand(mask.shape)[mask] for _, mask in pieces]
    return _on_the_map(land, torch.cat(owners), *parts)


def _blocks_near(land, divided, kind):
    """Tract, strip and part [B, 3] of the blocks with lots that reach into their tract, in or near the square."""
    tract, strip, part = torch.meshgrid(
        (column("occupied", kind.device)[kind] > 0).nonzero()[:, 0],
        *[torch.arange(divided.v.shape[1], device=kind.device)] * 2,
        indexing="ij",
    )
    across, along = (axis[:, tract] for axis in axes(land.azimuth))
    side, pixel_size = len(land.x), float(land.x[0, 0]) * 2
    extent, margin = side * pixel_size, float(divided.spacing.max())
    touches = torch.zeros_like(tract, dtype=torch.bool)
    for right, down in [(right, down) for right in (0, 0.5, 1) for down in (0, 0.5, 1)]:
        u = torch.lerp(divided.u[tract, strip], divided.u[tract, strip + 1], right)
        v = torch.lerp(divided.v[tract, strip, part], divided.v[tract, strip, part + 1], down)
        place = land.cells.points[:, tract] + u * across + v * along
        near = ((place > -margin) & (place < extent + margin)).all(0)
        col, row = (place / pixel_size).long().clamp(0, side - 1)
        touches |= near & (land.cells.index[row, col] == tract)
    return torch.stack((tract[touches], strip[touches], part[touches]), 1)


def _on_the_map(land, tract, u, v, half_u, half_v, eaves, rise, number):
    across, along = axes(land.azimuth[tract])
    x, y = land.cells.points[:, tract] + u * across + v * along
    return Rectangles(x, y, half_u, half_v, land.azimuth[tract], eaves, rise, number, tract)


def on_free_ground(parts: Rectangles, land: Tracts, is_free: torch.Tensor, pixel_size: float) -> Rectangles:
    """Return the `Rectangles` of buildings that stand in their tract and where `is_free` (bool [H, W]).

    Looked at are the corners, the middles of the sides and the centre.
    """
    side = len(is_free)
    across, along = axes(parts.azimuth)
    places = [(u, v) for u in (-1, 0, 1) for v in (-1, 0, 1)]
    places = torch.stack([u * parts.u * across + v * parts.v * along for u, v in places], 1)
    places += torch.stack((parts.x, parts.y))[:, None]
    col, row = (places / pixel_size).long().clamp(0, side - 1)
    blocked = ~(is_free[row, col] & (land.cells.index[row, col] == parts.tract)).all(0)
    is_blocked = torch.zeros(int(parts.number.max()) + 1 if len(parts.x) else 1, dtype=torch.bool, device=col.device)
    is_blocked[parts.number[blocked]] = True
    return parts.of(~is_blocked[parts.number])


def drawn(parts: Rectangles, terrain: torch.Tensor, pixel_size: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (height, building): heights of roofs in metres (-inf elsewhere) and `Rectangles.number`s, [H, W].

    A building stands level on the terrain under its middle.
    """
    side = len(terrain)
    height = torch.full((side * side + 1,), -torch.inf, device=terrain.device)
    number = torch.zeros(side * side + 1, dtype=torch.int64, device=terrain.device)
    parts = parts.of(torch.hypot(parts.u, parts.v).argsort())
    start = 0
    while start < len(parts.x):
        # In the order of size: each batch is as large as its windows, which are those of its largest, allow.
        chunk = _batch(parts, start, pixel_size)
        start += len(chunk.x)
        index, top, inside = _window(chunk, terrain, pixel_size)
        index = index.masked_fill(~inside, side * side)
        height.scatter_reduce_(0, index.flatten(), top.flatten(), "amax")
        number.scatter_reduce_(0, index.flatten(), chunk.number[:, None].expand_as(index).flatten(), "amax")
    return height[:-1].reshape(side, side), number[:-1].reshape(side, side)


def _batch(parts, start, pixel_size):
    size = 1
    while True:
        more = parts.of(slice(start, start + 2 * size))
        if len(more.x) <= size or len(more.x) * (2 * _half_window(more, pixel_size) + 1) ** 2 > _CELLS_AT_ONCE:
            return parts.of(slice(start, start + size))
        size *= 2


def _half_window(parts, pixel_size):
    return math.ceil(float(torch.hypot(parts.u[-1], parts.v[-1])) / pixel_size) + 1


def _window(parts, terrain, pixel_size):
    """Cell index, height and whether it is inside, [R, cells], for the cells around each of the rectangles."""
    side, half = len(terrain), _half_window(parts, pixel_size)
    steps = torch.arange(-half, half + 1, device=terrain.device)
    down, right = (offset.flatten() for offset in torch.meshgrid(steps, steps, indexing="ij"))
    middle_col, middle_row = ((way / pixel_size).floor().long() for way in (parts.x, parts.y))
    col, row = middle_col[:, None] + right, middle_row[:, None] + down
    offset = torch.stack(((col + 0.5) * pixel_size - parts.x[:, None], (row + 0.5) * pixel_size - parts.y[:, None]))
    across, along = axes(parts.azimuth)
    u, v = ((offset * axis[..., None]).sum(0).abs() for axis in (across, along))
    half_u, half_v = parts.u[:, None], parts.v[:, None]
    inside = (u <= half_u) & (v <= half_v) & (col >= 0) & (col < side) & (row >= 0) & (row < side)
    to_ridge = torch.where(half_u < half_v, u / half_u, v / half_v)
    base = terrain[middle_row.clamp(0, side - 1), middle_col.clamp(0, side - 1)]
    top = (base + parts.eaves)[:, None] + parts.rise[:, None] * (1 - to_ridge)
    return row * side + col, top, inside
