"""Curved lines on the ground: rivers and highways, and how far each place is from them."""

import math

import torch
import torch.nn.functional as F

from ...geometry.grid_positions import between
from ..line_of_sight import centres
from ..noise import uniform

_CELLS_IN_REACH = 16
"""Distances are worked out on a lattice of at most this many cells from the line to its reach, and interpolated."""


def smoothed(points: torch.Tensor, width: int, rounds: int = 2) -> torch.Tensor:
    """Return points [C, P] averaged over `width` (odd) neighbours, `rounds` times; the ends stay near."""
    for _ in range(rounds):
        padded = F.pad(points[None], (width // 2, width // 2), mode="replicate")
        points = F.avg_pool1d(padded, width, stride=1)[0]
    return points


def meandering(points: torch.Tensor, wavelength: float, swing: float, generator: torch.Generator) -> torch.Tensor:
    """Return points [2, P] (metres) moved sideways by up to about `swing` metres in bends of about `wavelength`."""
    along = F.pad(points.diff(dim=1).norm(dim=0).cumsum(0), (1, 0))
    heading = smoothed(torch.gradient(points, dim=1)[0], 5)
    heading = heading / heading.norm(dim=0).clamp_min(1e-6)
    bend = torch.zeros_like(along)
    for share in (1.0, 0.61, 0.37):
        phase = uniform(generator, 1, high=2 * math.pi)
        bend += share * torch.sin(2 * math.pi * along / (wavelength * share) + phase)
    return points + 0.5 * swing * bend * torch.stack((-heading[1], heading[0]))


def nearest_on_polyline(points: torch.Tensor, side: int, pixel_size: float, reach: float) -> torch.Tensor:
    """Return (distance, along) [2, side, side]: metres to the polyline, and where on it the nearest place lies.

    points: x right and y down in metres from the square's corner, [2, P]. distance: at most `reach`. along: in points,
    from 0 to P - 1; meaningless where the distance is `reach`.
    """
    cell = max(pixel_size, reach / _CELLS_IN_REACH)
    count = math.ceil(side * pixel_size / cell) + 1
    start, end = points[:, :-1], points[:, 1:]
    longest = float((end - start).norm(dim=0).max())
    half = math.ceil((reach + longest / 2) / cell) + 1
    middle = ((start + end) / (2 * cell)).floor().long()
    near = ((middle >= -half) & (middle < count + half)).all(0).nonzero()[:, 0]
    distance = torch.full((count * count + 1,), float(reach), device=points.device)
    along = torch.zeros_like(distance)
    window = torch.arange(-half, half + 1, device=points.device)
    down, right = (offset.reshape(-1) for offset in torch.meshgrid(window, window, indexing="ij"))
    for part in near.split(max(1, 2_000_000 // len(right))):
        col, row = middle[0, part, None] + right, middle[1, part, None] + down
        inside = (col >= 0) & (col < count) & (row >= 0) & (row < count)
        place = torch.stack((col + 0.5, row + 0.5)) * cell
        step = (end - start)[:, part, None]
        offset = place - start[:, part, None]
        share = ((offset * step).sum(0) / step.square().sum(0).clamp_min(1e-9)).clamp(0, 1)
        away = (offset - share * step).norm(dim=0)
        index = torch.where(inside, row * count + col, count * count)
        distance.scatter_reduce_(0, index.reshape(-1), away.reshape(-1), "amin")
        is_nearest = away <= distance[index]
        along[index[is_nearest]] = (part[:, None] + share)[is_nearest]
    grids = torch.stack((distance[:-1], along[:-1])).reshape(2, count, count)
    return _refined(grids, side, pixel_size / cell)


def _refined(grids, side, step):
    row, col = centres((side, side), grids.device)
    return between(grids, col * step, row * step)
