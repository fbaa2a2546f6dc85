"""Complex images whose spectrum is in the middle, so that real and imaginary parts are independent."""

import numpy as np

from ...contract.sources import RasterSource
from ..rasters.complex_reader import ComplexReader
from ..rasters.grid import Grid, Window
from .spectrum import Centring


class CentredReader(ComplexReader):
    """A `ComplexReader` that takes the phase of a `Centring`, found on the same grid, from what it reads.

    Pixels are turned where the file has them: those mirrored at its edges are so as they are seen within.
    """

    def __init__(self, source: RasterSource, grid: Grid, centring: Centring) -> None:
        super().__init__(source, grid)
        self._centring = centring

    def _channels(self, ranges: tuple) -> np.ndarray:
        (top, bottom), (left, right) = ranges
        window = Window(left - self._offset[0], top - self._offset[1], right - left, bottom - top)
        return self._centring.apply(super()._channels(ranges), window)
