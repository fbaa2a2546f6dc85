"""Aligned layers of one place as lessons see them: on the grid of the SAR layer, each with its scale."""

import math
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ....contract.errors import UserError
from ....contract.sources import RasterSource
from ....contract.training_jobs import AlignedLayers
from ...geometry.surface_model import surface_grid
from ...inference.sar_scene import sar_scales
from ...rasters.footprint import footprint_of, overlap_of
from ...rasters.grid import Grid, Window
from ...rasters.radiometry import SarRadiometry
from ...rasters.scene_scale import SceneScale
from ...reporting import Reporter
from ...training.optical_stretch import BandStretch, band_stretch, warn_of_pixel_sizes
from ..scene_heights import SceneHeights, scene_heights


@dataclass(frozen=True)
class LearningScene:
    """Aligned layers on the grid of the SAR layer, and how their values are to be taken."""

    layers: AlignedLayers
    grid: Grid
    overlap: Window
    radiometry: SarRadiometry
    scales: tuple[SceneScale, ...]
    stretch: BandStretch
    heights: Optional[SceneHeights]

    def standardised(self, sar: np.ndarray) -> np.ndarray:
        """Return SAR values [B, h, w] in standard deviations from the mean of the scene."""
        return np.stack([scale.standardised(band) for scale, band in zip(self.scales, sar)]).astype(np.float32)


def learning_scene(layers: AlignedLayers, reporter: Reporter) -> LearningScene:
    """Return the `LearningScene` of layers; raises `UserError` for what cannot be learnt from."""
    grid = surface_grid(layers.sar)
    others = [layers.optical, *([layers.dem] if layers.dem else []), *([layers.area] if layers.area else [])]
    overlap = Window(0, 0, grid.width, grid.height)
    for other in others:
        overlap = _common(overlap, overlap_window(layers.sar, other, grid))
    if min(overlap.width, overlap.height) < layers.patch:
        raise UserError(
            f"Layers {', '.join(repr(each.name) for each in (layers.sar, *others))} overlap on "
            f"{max(overlap.width, 0)} × {max(overlap.height, 0)} pixels of layer '{layers.sar.name}', too few for one "
            f"patch of {layers.patch}: choose larger layers, or smaller patches."
        )
    radiometry, scales = sar_scales(layers.sar, layers.sar_unit, grid, reporter)
    optical_grid = surface_grid(layers.optical)
    stretch = band_stretch(layers.optical, optical_grid, reporter)
    sizes = ((layers.optical.name, optical_grid.pixel_size), (layers.sar.name, grid.pixel_size))
    warn_of_pixel_sizes(*sizes, reporter)
    heights = scene_heights(layers.dem, grid, reporter) if layers.dem else None
    return LearningScene(layers, grid, overlap, radiometry, scales, stretch, heights)


def overlap_window(sar: RasterSource, other: RasterSource, grid: Grid) -> Window:
    """Return the pixels of a SAR layer, whose grid is given, that lie on another layer, none where they only touch.

    Raises `UserError` where they lie apart.
    """
    ring = overlap_of(footprint_of(sar), footprint_of(other)).to(footprint_of(sar).crs)
    cols, rows = grid.to_pixel(ring.xs, ring.ys)
    left, top = max(0, math.floor(cols.min() + 0.01)), max(0, math.floor(rows.min() + 0.01))
    right, bottom = min(grid.width, math.ceil(cols.max() - 0.01)), min(grid.height, math.ceil(rows.max() - 0.01))
    return Window(left, top, right - left, bottom - top)


def _common(one: Window, other: Window) -> Window:
    left, top = max(one.col, other.col), max(one.row, other.row)
    right, bottom = (
        min(one.col + one.width, other.col + other.width),
        min(one.row + one.height, other.row + other.height),
    )
    return Window(left, top, right - left, bottom - top)
