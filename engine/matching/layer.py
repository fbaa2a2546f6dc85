"""One of the two images of a matching run: its raster and what is done to its values."""

from typing import NamedTuple

from ...contract.sources import RasterSource
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader, Radiometry


class Layer(NamedTuple):
    """A raster source and the radiometry that its values are read with."""

    source: RasterSource
    radiometry: Radiometry

    def on(self, grid: Grid, surroundings: int) -> GridReader:
        """Return a `GridReader` of the layer on a grid, which reads up to `surroundings` pixels around it."""
        return GridReader(self.source, grid, self.radiometry, surroundings)
