"""From one grid to another, in torch: where the pixels of a map lie on range lines and the other way round."""

import math
from typing import Optional

import numpy as np
import torch
import torch.nn.functional as F
from rasterio.crs import CRS

from ..rasters.footprint import same_turn
from ..rasters.grid import Grid, Window
from ..rasters.positions import transform_points

_SPACING = 32
"""Pixels between the positions that PROJ computes. In between they are interpolated: off by less than 0.01 px for cells
of 30 m, and by 0.02 px where meridians converge under cells of 1 km."""

_ENOUGH = 0.5
"""Share of valid neighbours, by bilinear weight, with which a value is known."""


def positions(
    grid: Grid, window: Window, other: Grid, device: Optional[torch.device] = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (cols, rows), float32 tensors [h, w]: where on `other` the pixel centres of a `Window` of a `Grid` lie.

    Corner origin on both sides: the centre of the first pixel is (0.5, 0.5). The CRSs may differ.
    """
    steps = [max(1, math.ceil(size / _SPACING)) for size in (window.width, window.height)]
    ends = [np.linspace(0.5, size - 0.5, step + 1) for size, step in zip((window.width, window.height), steps)]
    cols, rows = np.meshgrid(ends[0] + window.col, ends[1] + window.row)
    xs, ys = transform_points(*grid.to_map(cols, rows), grid.crs, other.crs)
    there = other.to_pixel(same_turn(xs, _middle(other), CRS.from_user_input(other.crs)), ys)
    nodes = torch.from_numpy(np.stack(there).astype(np.float32)).to(device)[None]
    dense = F.interpolate(nodes, (window.height, window.width), mode="bilinear", align_corners=True)
    return dense[0, 0], dense[0, 1]


def _middle(grid):
    """The x of the middle of a `Grid`."""
    return float(grid.to_map(grid.width / 2, grid.height / 2)[0])


class Interpolator:
    """Values [H, W] of a grid between its pixel centres, bilinear; NaN is unknown, and so is what lies outside."""

    def __init__(self, values: torch.Tensor) -> None:
        known = torch.isfinite(values)
        # Taken off and put back: the sums of products of large numbers would lose digits.
        self._level = torch.where(known, values, 0).sum() / known.sum().clamp_min(1)
        self._pair = torch.stack((torch.where(known, values - self._level, 0), known.to(values.dtype)))

    def at(self, cols: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return the values at positions [h, w]; NaN where less than half of the weight is on known pixels."""
        total, weight = between(self._pair, cols, rows, beyond="zeros")
        return torch.where(weight >= _ENOUGH, total / weight + self._level, torch.nan)


def between(values: torch.Tensor, cols: torch.Tensor, rows: torch.Tensor, beyond: str = "border") -> torch.Tensor:
    """Return values [..., H, W], all of them known, at positions [h, w], [..., h, w], bilinearly.

    beyond: what lies outside is like the "border", or "zeros".
    """
    height, width = values.shape[-2:]
    where = torch.stack((cols * (2 / width) - 1, rows * (2 / height) - 1), -1)[None]
    channels = values.reshape(1, -1, height, width)
    sampled = F.grid_sample(channels, where, "bilinear", beyond, align_corners=False)
    return sampled.reshape(*values.shape[:-2], *cols.shape)


def nearest(values: torch.Tensor, cols: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return values [..., H, W] of any type at positions [h, w], [..., h, w]: those of the nearest pixel."""
    height, width = values.shape[-2:]
    return values[..., rows.floor().long().clamp(0, height - 1), cols.floor().long().clamp(0, width - 1)]
