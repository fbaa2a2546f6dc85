"""Aligned layers of one place as lessons see them: on one grid, each with what is done to its values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

import numpy as np
from rasterio.crs import CRS

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ...contract.training_jobs import SMALLEST_PATCH, AlignedLayers
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import Radiometry
from ..rasters.radiometry import SarRadiometry
from ..rasters.scene_scale import SceneScale


class SceneHeights(NamedTuple):
    """An elevation layer in metres, and the largest height in the scene, 1 at least."""

    source: RasterSource
    highest: float


@dataclass(frozen=True)
class AlignedScene:
    """Aligned layers on a grid, and how their values are to be taken.

    overlap: where on the grid all layers lie. stretch: what makes optical values 0..1. smallest_patch: pixels a side
    that its patches must have.
    """

    layers: AlignedLayers
    grid: Grid
    overlap: Window
    radiometry: SarRadiometry
    scales: tuple[SceneScale, ...]
    stretch: Radiometry
    heights: Optional[SceneHeights] = None
    smallest_patch: int = SMALLEST_PATCH

    def standardised(self, sar: np.ndarray) -> np.ndarray:
        """Return SAR values [B, h, w] in standard deviations from the mean of the scene."""
        return np.stack([scale.standardised(band) for scale, band in zip(self.scales, sar)]).astype(np.float32)

    @property
    def or_smaller_patches(self) -> str:
        """How sentences end that ask for more ground, where patches may be smaller."""
        return ", or smaller patches" if self.layers.patch > self.smallest_patch else ""


def overlap_window(sar: RasterSource, other: RasterSource, grid: Grid) -> Window:
    """Return the pixels of a grid on which a SAR layer and another one lie, none where they only touch.

    Raises `UserError` where they lie apart.
    """
    ring = overlap_of(footprint_of(sar), footprint_of(other)).to(CRS.from_user_input(grid.crs))
    cols, rows = grid.to_pixel(ring.xs, ring.ys)
    left, top = max(0, math.floor(cols.min() + 0.01)), max(0, math.floor(rows.min() + 0.01))
    right, bottom = min(grid.width, math.ceil(cols.max() - 0.01)), min(grid.height, math.ceil(rows.max() - 0.01))
    return Window(left, top, right - left, bottom - top)


def common_window(layers: AlignedLayers, grid: Grid, remedy: str, rim: int = 0) -> Window:
    """Return the pixels of a grid on which all layers of a place lie, and so many (`rim`) around them on every side.

    Raises `UserError` where these are too few for a patch; `remedy` is how the sentence ends.
    """
    others = [layers.optical, *([layers.dem] if layers.dem else []), *([layers.area] if layers.area else [])]
    overlap = Window(0, 0, grid.width, grid.height)
    for other in others:
        overlap = overlap.overlap(overlap_window(layers.sar, other, grid))
    if min(overlap.width, overlap.height) < layers.patch + 2 * rim:
        raise UserError(
            f"Layers {_listed([layers.sar, *others])} overlap on {overlap.width} × {overlap.height} pixels of layer "
            f"'{layers.sar.name}', too few for one patch of {layers.patch}{_with_rim(rim)}: {remedy}."
        )
    return Window(overlap.col + rim, overlap.row + rim, overlap.width - 2 * rim, overlap.height - 2 * rim)


def _with_rim(rim: int) -> str:
    return f" and {rim} around it" if rim else ""


def _listed(layers: Sequence[RasterSource]) -> str:
    return ", ".join(repr(each.name) for each in layers)
