"""Random fields over a square of ground: smooth noise of chosen wavelengths, and points spread evenly."""

import math
from typing import NamedTuple, Optional

import torch

SPLINE_DEVIATION = 151 / 315
"""Standard deviation of a cubic B-spline surface over white noise of unit variance, from its integral of squares."""


def uniform(generator: torch.Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Return float32 of `shape`, uniform from `low` to `high`, on the generator's device."""
    return low + (high - low) * torch.rand(shape, generator=generator, device=generator.device)


def spline(nodes: torch.Tensor, side: int, step: float, corner: tuple[float, float]) -> torch.Tensor:
    """Return [side, side] of the cubic B-spline surface over `nodes` [n, n].

    `step`: spacing of the cells in node spacings. `corner` (x, y): where the square begins, in nodes, at least 1.
    """
    across, down = (spline_weights(nodes.shape[0], side, step, start, nodes.device) for start in corner)
    return down @ nodes @ across.T


def spline_weights(
    count: int, side: int, step: float, offset: float, device: Optional[torch.device] = None
) -> torch.Tensor:
    """Return the weights [side, count] of nodes in a cubic B-spline, `step` node spacings from cell to cell.

    offset: where the first cell begins, in nodes, at least 1.
    """
    position = offset + (torch.arange(side, device=device) + 0.5) * step
    first = position.floor()
    t = position - first
    cubic = torch.stack(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), 1) / 6
    index = first.long()[:, None] - 1 + torch.arange(4, device=device)
    return torch.zeros(side, count, device=device).scatter_add_(1, index.clamp(0, count - 1), cubic)


def smooth_noise(side: int, pixel_size: float, wavelength: float, generator: torch.Generator) -> torch.Tensor:
    """Return [side, side] of unit variance and zero mean whose bumps are about `wavelength` metres apart."""
    step = pixel_size / wavelength
    nodes = torch.randn((math.ceil(side * step) + 4,) * 2, generator=generator, device=generator.device)
    return spline(nodes, side, step, (1.0, 1.0)) / SPLINE_DEVIATION


def fractal_noise(
    side: int, pixel_size: float, longest: float, generator: torch.Generator, gain: float = 0.5, octaves: int = 6
) -> torch.Tensor:
    """Return [side, side]: `smooth_noise` of `longest` metres and unit variance, and of halves with `gain` each.

    Wavelengths below two cells are left out: they would be noise from cell to cell.
    """
    total = torch.zeros(side, side, device=generator.device)
    for octave in range(octaves):
        wavelength = longest / 2**octave
        if octave and wavelength < 2 * pixel_size:
            break
        total += gain**octave * smooth_noise(side, pixel_size, max(wavelength, pixel_size), generator)
    return total


class Cells(NamedTuple):
    """The Voronoi cells of scattered points, seen from each place.

    index, other: int64 [H, W], numbers of the nearest and the second nearest point. distance, border: metres to the
    nearest point and to the border between the two, [H, W]. points: x and y of all points in metres, [2, P].
    """

    index: torch.Tensor
    other: torch.Tensor
    distance: torch.Tensor
    border: torch.Tensor
    points: torch.Tensor


def voronoi(
    x: torch.Tensor, y: torch.Tensor, extent: float, spacing: float, generator: torch.Generator, jitter: float = 0.8
) -> Cells:
    """Return the `Cells` of points about `spacing` metres apart for places x, y [H, W] (metres, from 0 to `extent`).

    The points are a lattice whose nodes move by up to `jitter` / 2 of the spacing, so that a place looks for the
    nearest one among nine nodes only. Places may lie up to one spacing outside.
    """
    count = math.ceil(extent / spacing) + 4
    node = torch.arange(count, device=x.device) - 1.5
    lattice = torch.stack(torch.meshgrid(node, node, indexing="xy"))
    points = spacing * (lattice + uniform(generator, 2, count, count, low=-jitter / 2, high=jitter / 2)).flatten(1)
    base = (torch.floor(y / spacing).long() + 2) * count + torch.floor(x / spacing).long() + 2
    nearest = torch.full_like(x, torch.inf)
    second, index, other = nearest.clone(), torch.zeros_like(base), torch.zeros_like(base)
    for offset in [down * count + right for down in (-1, 0, 1) for right in (-1, 0, 1)]:
        candidate = base + offset
        squared = (points[0][candidate] - x).square() + (points[1][candidate] - y).square()
        closer, close = squared < nearest, squared < second
        other = torch.where(closer, index, torch.where(close, candidate, other))
        second = torch.where(closer, nearest, torch.where(close, squared, second))
        index, nearest = torch.where(closer, candidate, index), torch.where(closer, squared, nearest)
    apart = (points[:, index] - points[:, other]).square().sum(0).sqrt()
    return Cells(index, other, nearest.sqrt(), (second - nearest) / (2 * apart), points)
