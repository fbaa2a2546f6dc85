"""Where a heat map peaks, to a fraction of a pixel, and how far it stands out."""

from typing import NamedTuple

import torch
from torch import Tensor

EXCLUSION = 5
"""A second peak counts from this many pixels away from the highest on (Chebyshev distance)."""


class Peaks(NamedTuple):
    """Per heat map, float32 [N]: offset from the map's centre in pixels (right, down), height, and peak ratio.

    at_edge, bool [N]: something beside the highest cell was not looked at, and what lies there may be higher.
    """

    dx: Tensor
    dy: Tensor
    height: Tensor
    ratio: Tensor
    at_edge: Tensor

    def cells(self) -> Tensor:
        """Return the cells of the peaks as whole offsets from the maps' centres, int64 [N, 2] (right, down)."""
        return torch.stack((self.dx, self.dy), 1).round().long()


def highest_cells(heat: Tensor) -> Tensor:
    """Return the highest cell of each of heat maps [N, h, w], int64 [N, 2] (col, row)."""
    index, width = heat.flatten(1).argmax(1), heat.shape[-1]
    return torch.stack((index % width, index // width), 1)


def find_peaks(heat: Tensor) -> Peaks:
    """Return the `Peaks` of heat maps [N, 2m+1, 2m+1]; cells of -inf are not looked at.

    The sub-pixel part is the vertex of a parabola through the highest cell and its two neighbours, per axis; it is zero
    at the edge of what is looked at. The ratio is the highest over the second highest peak, both above the map's mean;
    it is NaN where the map is too small for a second peak.
    """
    side = heat.shape[-1]
    height, index = heat.flatten(1).max(1)
    row, col = index // side, index % side
    right, has_sides = _vertex(heat, row, col, 0, 1)
    down, has_ends = _vertex(heat, row, col, 1, 0)
    at_edge = ~(has_sides & has_ends)
    peaks = Peaks(col - side // 2 + right, row - side // 2 + down, height, height, at_edge)
    return peaks._replace(ratio=peak_ratio(heat, peaks, EXCLUSION))


def peak_ratio(heat: Tensor, peaks: Peaks, away: int) -> Tensor:
    """Return how much higher the `Peaks` of heat maps [N, s, s] are than all that lies at least `away` cells from them.

    Heights above the map's mean, peak over the other; NaN where nothing lies so far away. Cells of -inf do not count.
    """
    side = heat.shape[-1]
    steps = torch.arange(side, device=heat.device) - side // 2
    near_col, near_row = ((steps - middle.round()[:, None]).abs() < away for middle in (peaks.dx, peaks.dy))
    near = near_row[:, :, None] & near_col[:, None, :]
    other = heat.masked_fill(near, -torch.inf).flatten(1).amax(1)
    counts = heat > -torch.inf
    mean = torch.where(counts, heat, 0.0).sum((1, 2)) / counts.sum((1, 2))
    ratio = (peaks.height - mean) / (other - mean).clamp_min(1e-6)
    return torch.where(other.isfinite(), ratio, torch.nan)


def _vertex(heat: Tensor, row: Tensor, col: Tensor, down: int, right: int) -> tuple[Tensor, Tensor]:
    """Offset in -0.5..0.5 of the parabola's vertex along one axis, and whether both neighbours were looked at."""
    each, last = torch.arange(len(heat), device=heat.device), heat.shape[-1] - 1
    before = heat[each, (row - down).clamp_min(0), (col - right).clamp_min(0)]
    after = heat[each, (row + down).clamp_max(last), (col + right).clamp_max(last)]
    inside = (row >= down) & (row <= last - down) & (col >= right) & (col <= last - right)
    inside &= before.isfinite() & after.isfinite()
    curvature = 2 * heat[each, row, col] - before - after
    offset = (after - before) / (2 * curvature.clamp_min(1e-12))
    return torch.where(inside, offset.clamp(-0.5, 0.5), torch.zeros_like(offset)), inside
