"""The rasters that a translation becomes: colours of 8 bits and their expected errors, written window by window."""

import math
from contextlib import ExitStack
from pathlib import Path
from typing import Optional, Union

import numpy as np
import rasterio
from rasterio.enums import Resampling

from ..rasters.grid import Grid, Window
from ..rasters.map_file import MapWriter

NO_DATA = 0
"""Value of pixels without data; colours are 1..255, and black is 1."""

_COLOURS = ("red", "green", "blue")
_LEAST_OVERVIEW = 256


class TranslatedFiles:
    """Takes what a `SceneTranslator` gives, float32 with NaN for no data, as `map_rasters` writes it.

    A context manager. `uncertainty` is the path of the errors' raster, float32, empty for none. How many pixels have
    data is in `valid`, their mean error in `mean_error`, None where the network gives none.
    """

    dtype, nodata = "float32", math.nan

    def __init__(
        self, path: Union[str, Path], uncertainty: Union[str, Path], grid: Grid, bands: int, gives_scale: bool
    ) -> None:
        self.grid, self.count = grid, bands + gives_scale
        self._bands, self._gives_scale = bands, gives_scale
        colours = _COLOURS + ("undefined",) * (bands - 3) if bands >= 3 else ("gray", *["undefined"] * (bands - 1))
        self._colours = MapWriter(path, grid, "uint8", NO_DATA, bands, colours=colours)
        self._errors = None
        if uncertainty:
            called = ["expected absolute error of the colours (0..1)"]
            self._errors = MapWriter(uncertainty, grid, "float32", math.nan, descriptions=called)
        self.valid, self._sum = 0, 0.0

    def __enter__(self) -> "TranslatedFiles":
        with ExitStack() as stack:
            for writer in filter(None, (self._colours, self._errors)):
                stack.enter_context(writer)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    @property
    def mean_error(self) -> Optional[float]:
        """Mean of the expected absolute errors, 0..1."""
        return self._sum / self.valid if self._gives_scale and self.valid else None

    def write(self, values: np.ndarray, window: Window) -> None:
        """Write values [C, h, w] at a `Window` within the grid."""
        colours, error = values[: self._bands], values[self._bands :]
        known = np.isfinite(colours).all(0)
        levels = np.multiply(colours, np.float32(255))
        np.rint(levels, out=levels).clip(1, 255, out=levels)
        if not known.all():
            levels[:, ~known] = NO_DATA
        self._colours.write(levels.astype(np.uint8), window)
        if self._errors:
            self._errors.write(error.astype(np.float32, copy=False), window)
        self.valid += int(known.sum())
        if self._gives_scale:
            self._sum += float(error[0].sum(where=known, dtype=np.float64))


def add_overviews(path: Union[str, Path]) -> None:
    """Add the means of 2 × 2, 4 × 4 ... pixels to a finished GeoTIFF, which is then quickly drawn as a whole."""
    with rasterio.open(path, "r+") as dataset:
        side, factors = max(dataset.width, dataset.height), []
        while side / 2 ** len(factors) > _LEAST_OVERVIEW:
            factors.append(2 ** (len(factors) + 1))
        if factors:
            dataset.build_overviews(factors, Resampling.average)
