"""A SAR raster before it is despeckled: which unit, how bright, and how much speckle there is in it."""

from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.grid import Grid, Window
from ..rasters.own_pixels import PowerReader
from ..rasters.paired_parts import are_parts, as_complex
from ..rasters.radiometry import check_one_unit, check_unit, sar_radiometry
from ..rasters.raster_sample import RasterSample, sample_raster
from ..rasters.speckle import looks_optical
from ..reporting import Reporter
from .looks import Speckle, estimate_speckle

_CELL = 8
"""Pixels a side whose mean speckle no longer moves much."""


@dataclass(frozen=True)
class Band:
    """One image of a scene, in linear power.

    level: of its median ground. samples: windows [n, side, side], NaN for no data. speckle: None where too little is
    known.
    """

    level: float
    samples: np.ndarray
    speckle: Optional[Speckle]

    @property
    def looks(self) -> float:
        """Equivalent number of looks, 1 at least; 1 where they are not known."""
        return max(self.speckle.looks, 1.0) if self.speckle else 1.0


@dataclass(frozen=True)
class SpeckledScene:
    """A SAR raster as `source`, which is complex where `unit` is. The unit is of `SAR_UNITS`, not "auto"."""

    source: RasterSource
    unit: str
    bands: tuple[Band, ...]

    @property
    def is_complex(self) -> bool:
        """Whether the phase is there."""
        return self.unit == "complex"

    def power_reader(self, grid: Grid) -> PowerReader:
        """Return a reader of linear power on the scene's grid, or a part of it."""
        return PowerReader(self.source, grid, self.unit)

    def first_band(self, grid: Grid) -> PowerReader:
        """Return the same of the first band alone."""
        return PowerReader(replace(self.source, bands=self.source.bands[:1]), grid, self.unit)


def speckled_scene(
    source: RasterSource, unit: str, grid: Grid, reporter: Reporter, asked: Optional[Window] = None
) -> SpeckledScene:
    """Return the `SpeckledScene` of a layer with its own `grid`, and say in which unit it is read.

    unit: of `COMPLEX_UNITS`. asked: the part that is asked for, as in `sample_raster`. Raises `UserError` for units
    that cannot be, colours instead of backscatter, and where there is no image.
    """
    samples = [_raw_sample(replace(source, bands=(band,)), grid, asked) for band in source.bands]
    if unit == "parts" or (unit == "auto" and len(samples) == 2 and are_parts(samples)):
        reporter.info(
            f"Bands {source.bands[0]} and {source.bands[1]} of layer '{source.name}' are read as real and imaginary "
            f"part of one complex image{', as chosen' if unit == 'parts' else ': both swing about 0 alike'}."
        )
        return speckled_scene(as_complex(source), "complex", grid, reporter, asked)
    radiometry, sentence = sar_radiometry(samples[0], unit)
    if unit == "auto":
        check_one_unit(source, samples)
    for sample in samples[1:]:
        check_unit(sample, radiometry.unit)
    reporter.info(sentence)
    if looks_optical(samples[0]):
        reporter.warning(
            f"Layer '{source.name}' is calm in some places and rough in others, as optical images are and speckle is "
            "not: make sure that it is a radar image."
        )
    bands = [_band(replace(source, bands=(band,)), radiometry.unit, grid, asked) for band in source.bands]
    return SpeckledScene(source, radiometry.unit, tuple(bands))


def _raw_sample(source: RasterSource, grid: Grid, asked: Optional[Window]) -> RasterSample:
    with PowerReader(source, grid) as reader:
        if reader.has_colour_table:
            raise UserError(
                f"Layer '{source.name}' has a colour table, so that its values are no backscatter: turn it into a grey "
                "image first (Raster > Conversion > PCT to RGB)."
            )
        return sample_raster(reader, "in the bands that are read", asked)


def _band(source: RasterSource, unit: str, grid: Grid, asked: Optional[Window]) -> Band:
    with PowerReader(source, grid, unit) as reader:
        sample = sample_raster(reader, "in the bands that are read", asked)
    return band_of(np.where(sample.valid, sample.values, np.nan))


def band_of(power: np.ndarray) -> Band:
    """Return what samples [n, h, w] of linear power, NaN for no data, tell of their image."""
    return Band(_level(power), power, estimate_speckle(power))


def _level(power):
    """The median of means of 8 × 8 pixels that are known, or of pixels where none are."""
    n, height, width = power.shape
    rows, cols = height // _CELL, width // _CELL
    cells = power[:, : rows * _CELL, : cols * _CELL].reshape(n, rows, _CELL, cols, _CELL).mean((2, 4))
    known = [each[np.isfinite(each) & (each > 0)] for each in (cells, power)]
    return float(np.median(known[0] if len(known[0]) else known[1]))
