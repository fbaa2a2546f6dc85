"""Where a heat map peaks, to a fraction of a pixel, and how far it stands out."""

from typing import NamedTuple

import torch
from torch import Tensor

EXCLUSION = 5
"""A second peak counts from this many pixels away from the highest on (Chebyshev distance)."""


class Peaks(NamedTuple):
    """Per heat map, float32 [N]: offset from the map's centre in pixels (right, down), height, and peak ratio."""

    dx: Tensor
    dy: Tensor
    height: Tensor
    ratio: Tensor


def find_peaks(heat: Tensor) -> Peaks:
    """Return the `Peaks` of heat maps [N, 2m+1, 2m+1].

    The sub-pixel part is the vertex of a parabola through the highest cell and its two neighbours, per axis; it is zero
    at the edge of the map. The ratio is the highest over the second highest peak, both above the map's mean;
    it is NaN where the map is too small for a second peak.
    """
    count, side = heat.shape[0], heat.shape[-1]
    flat = heat.flatten(1)
    height, index = flat.max(1)
    row, col = index // side, index % side
    each = torch.arange(count, device=heat.device)
    dx = _vertex(heat, each, row, col, 0, 1)
    dy = _vertex(heat, each, row, col, 1, 0)
    steps = torch.arange(side, device=heat.device)
    near_row = (steps[None, :] - row[:, None]).abs() < EXCLUSION
    near_col = (steps[None, :] - col[:, None]).abs() < EXCLUSION
    near = near_row[:, :, None] & near_col[:, None, :]
    second = heat.masked_fill(near, -torch.inf).flatten(1).amax(1)
    mean = flat.mean(1)
    ratio = (height - mean) / (second - mean).clamp_min(1e-6)
    ratio = torch.where(second.isfinite(), ratio, torch.nan)
    return Peaks(col - side // 2 + dx, row - side // 2 + dy, height, ratio)


def _vertex(heat: Tensor, each: Tensor, row: Tensor, col: Tensor, down: int, right: int) -> Tensor:
    """Offset in -0.5..0.5 of the parabola's vertex along one axis."""
    side = heat.shape[-1]
    inside = (row >= down) & (row < side - down) & (col >= right) & (col < side - right)
    before = heat[each, (row - down).clamp_min(0), (col - right).clamp_min(0)]
    after = heat[each, (row + down).clamp_max(side - 1), (col + right).clamp_max(side - 1)]
    curvature = 2 * heat[each, row, col] - before - after
    offset = (after - before) / (2 * curvature.clamp_min(1e-12))
    return torch.where(inside, offset.clamp(-0.5, 0.5), torch.zeros_like(offset))
