"""How optical layers become images of 0..1 that networks learn from."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from rasterio.enums import Resampling

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.bare_zeros import doubt_of_zeros, share_of_zeros
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import robust_range
from ..rasters.raster_sample import sample_raster
from ..reporting import Reporter

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


def band_stretch(source: RasterSource, grid: Grid, reporter: Reporter) -> BandStretch:
    """Return how an optical layer with a grid becomes 0..1: what has 8 bits is a rendering already and stays as it is.

    Raises `UserError` where it holds no image.
    """
    samples = []
    for band in source.bands:
        with GridReader(replace(source, bands=(band,)), grid) as reader:
            refuse_colour_table(reader)
            samples.append(sample_raster(reader, "in the bands that are read"))
    if doubt := doubt_of_zeros(source.name, min(map(share_of_zeros, samples))):  # black is 0 in every band
        reporter.warning(doubt)
    ranges = [
        (0.0, 255.0) if sample.dtype == "uint8" else robust_range(sample.valid_values(), _SIGMA) for sample in samples
    ]
    told = ", ".join(f"{low:.4g} to {high:.4g}" for low, high in ranges)
    reporter.info(f"Black and white of the bands of layer '{source.name}': {told}.")
    return BandStretch(*zip(*ranges))


def refuse_colour_table(reader: GridReader) -> None:
    """Raise `UserError` where an optical layer holds numbers of colours."""
    if reader.has_colour_table:
        raise UserError(
            f"Layer '{reader.source.name}' holds numbers of colours: convert it to RGB first (Raster > Conversion > "
            "PCT to RGB)."
        )


def warn_of_pixel_sizes(optical: tuple[str, float], sar: tuple[str, float], reporter: Reporter) -> None:
    """Warn of an optical layer that is much coarser or finer than a SAR layer: (name, metres a pixel) of both."""
    (optical_name, coarse), (name, size) = optical, sar
    told = f"Pixels of layer '{optical_name}' are {coarse:.3g} m wide and those of layer '{name}' {size:.3g} m"
    if coarse > _COARSE * size:
        reporter.warning(f"{told}: a model can learn no detail that the optical image does not show.")
    elif coarse < _FINE * size:
        reporter.warning(
            f"{told}: each patch takes {round(size / coarse) ** 2:,} times as many pixels to read. Resample the "
            f"optical layer to {size:.3g} m first (Raster > Projections > Warp), and the training is faster."
        )
