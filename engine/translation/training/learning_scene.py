"""Aligned layers of one place as lessons see them: on the grid of the SAR layer, each with its scale."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Optional

import numpy as np
from rasterio.enums import Resampling

from ....contract.errors import UserError
from ....contract.sources import RasterSource
from ....contract.training_jobs import AlignedLayers
from ...geometry.surface_model import surface_grid
from ...inference.sar_scene import sar_scales
from ...rasters.bare_zeros import doubt_of_zeros, share_of_zeros
from ...rasters.footprint import footprint_of, overlap_of
from ...rasters.grid import Grid, Window
from ...rasters.grid_reader import GridReader
from ...rasters.radiometry import SarRadiometry, robust_range
from ...rasters.raster_sample import sample_raster
from ...rasters.scene_scale import SceneScale
from ...reporting import Reporter
from ..scene_heights import SceneHeights, scene_heights

_SIGMA = 2.5
"""Standard deviations either side of the median that colours are cut at, as in SEN1-2."""

_COARSE, _FINE = 1.5, 0.25
"""Optical pixels beyond so many times the size of those of the SAR layer are warned of."""


@dataclass(frozen=True)
class BandStretch:
    """What `GridReader` does to optical bands: of each `low`..`high` become 0..1, the rest is clipped."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    resampling: ClassVar = Resampling.cubic

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return the values."""
        return values

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return values [C, h, w] scaled to 0..1."""
        low, high = (np.array(each, np.float32)[:, None, None] for each in (self.low, self.high))
        return np.clip((values - low) / (high - low), 0, 1)


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
    stretch = _band_stretch(layers.optical, reporter)
    _warn_of_pixel_sizes(layers, grid, reporter)
    heights = scene_heights(layers.dem, grid, reporter) if layers.dem else None
    return LearningScene(layers, grid, overlap, radiometry, scales, stretch, heights)


def _warn_of_pixel_sizes(layers: AlignedLayers, grid: Grid, reporter: Reporter) -> None:
    size, optical = grid.pixel_size, surface_grid(layers.optical).pixel_size
    told = (
        f"Pixels of layer '{layers.optical.name}' are {optical:.3g} m wide and those of layer '{layers.sar.name}' "
        f"{size:.3g} m"
    )
    if optical > _COARSE * size:
        reporter.warning(f"{told}: a model can learn no detail that the optical image does not show.")
    elif optical < _FINE * size:
        reporter.warning(
            f"{told}: each patch takes {round(size / optical) ** 2:,} times as many pixels to read. Resample the "
            f"optical layer to {size:.3g} m first (Raster > Projections > Warp), and the training is faster."
        )


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


def _band_stretch(source: RasterSource, reporter: Reporter) -> BandStretch:
    """Return how an optical layer becomes 0..1: what has 8 bits is a rendering already and stays as it is."""
    grid, samples = surface_grid(source), []
    for band in source.bands:
        with GridReader(replace(source, bands=(band,)), grid) as reader:
            if reader.has_colour_table:
                raise UserError(
                    f"Layer '{source.name}' holds numbers of colours: convert it to RGB first (Raster > Conversion > "
                    "PCT to RGB)."
                )
            samples.append(sample_raster(reader, "in the bands that are read"))
    if doubt := doubt_of_zeros(source.name, min(map(share_of_zeros, samples))):  # black is 0 in every band
        reporter.warning(doubt)
    ranges = [
        (0.0, 255.0) if sample.dtype == "uint8" else robust_range(sample.valid_values(), _SIGMA) for sample in samples
    ]
    told = ", ".join(f"{low:.4g} to {high:.4g}" for low, high in ranges)
    reporter.info(f"Black and white of the bands of layer '{source.name}': {told}.")
    return BandStretch(*zip(*ranges))
