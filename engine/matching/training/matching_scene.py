"""Aligned layers of one place as matchers learn from them: on the grid and in the values that matching works with."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from rasterio.enums import Resampling

from ....contract.errors import UserError
from ....contract.matching_training_jobs import MATCHER_PATCH
from ....contract.sources import RasterSource
from ....contract.training_jobs import AlignedLayers
from ...inference.sar_scene import sar_scales
from ...rasters.grid import Grid
from ...rasters.grid_reader import GridReader
from ...rasters.radiometry import OpticalRadiometry, optical_radiometry, robust_range
from ...rasters.raster_sample import sample_raster
from ...reporting import Reporter
from ...training.aligned_scene import AlignedScene, common_window
from ...training.optical_stretch import BandStretch, refuse_colour_table
from ..swapped_layers import warn_of_swapped
from ..working_grid import working_grid


@dataclass(frozen=True)
class GreyAndBands:
    """What `GridReader` does to optical bands: their mean becomes the `grey` that matching reads, the first channel.

    Where there are several, those that hold an image (`numbers`, from 0) follow, each in 0..1 as if it were the only
    one that was chosen: bands of one layer may be so far apart that the range of their mean leaves single ones black or
    white.
    """

    grey: OpticalRadiometry
    numbers: tuple[int, ...]
    bands: BandStretch
    resampling: ClassVar = Resampling.cubic

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return the values."""
        return values

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return the channels of bands [C, h, w]: grey and those of `numbers`; of one band [1, h, w] grey alone."""
        grey = self.grey.finish(values.mean(0, keepdims=True))
        return grey if len(values) == 1 else np.concatenate((grey, self.bands.finish(values[list(self.numbers)])))


def matching_scene(layers: AlignedLayers, reporter: Reporter, rim: int = 0) -> AlignedScene:
    """Return the `AlignedScene` of layers, whose patches have `rim` pixels of all layers around them.

    Raises `UserError` for what cannot be learnt from.
    """
    grid = working_grid(layers.sar, layers.optical)
    overlap = common_window(layers, grid, "choose layers that share more ground", rim)
    reporter.info(
        f"Patches of layers '{layers.sar.name}' and '{layers.optical.name}' have pixels of {grid.pixel_size:.3g} m, "
        "the coarser ones of the two, as matching compares them."
    )
    radiometry, scales = sar_scales(layers.sar, layers.sar_unit, grid, reporter)
    one_band = replace(layers.sar, bands=layers.sar.bands[:1])
    with GridReader(layers.optical, grid) as reader, GridReader(one_band, grid) as sar_reader:
        refuse_colour_table(reader)
        sample = sample_raster(reader)
        warn_of_swapped(layers.sar, layers.optical, (sample_raster(sar_reader), sample), reporter)
    stretch = _grey_and_bands(optical_radiometry(sample), layers.optical, grid)
    return AlignedScene(layers, grid, overlap, radiometry, scales, stretch, smallest_patch=MATCHER_PATCH)


def _grey_and_bands(grey: OpticalRadiometry, source: RasterSource, grid: Grid) -> GreyAndBands:
    """Return what is done to an optical layer: the range of each band is what matching finds of a layer of one band."""
    ranges = {}
    for number, band in enumerate(source.bands):
        with GridReader(replace(source, bands=(band,)), grid) as reader, suppress(UserError):  # a band of one value
            ranges[number] = robust_range(sample_raster(reader).valid_values())
    return GreyAndBands(grey, tuple(ranges), BandStretch(*zip(*ranges.values())))
