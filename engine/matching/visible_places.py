"""Maps that say which places are matched: the joint map of `jointvisibility`, and the area that is asked for."""

from contextlib import ExitStack
from typing import Any, Optional

import numpy as np

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..geometry.visibility_classes import Visibility
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid
from ..rasters.positions import pixel_of, transform_points
from ..rasters.source_file import open_source, parse_crs, reading


class _Places:
    """An opened map of 8 bits, asked at pixel positions of a grid; a context manager.

    Raises `UserError` when the map lies elsewhere than `image`.
    """

    def __init__(self, source: RasterSource, grid: Grid, image: RasterSource) -> None:
        overlap_of(footprint_of(source), footprint_of(image))
        self._source, self._grid = source, grid

    def __enter__(self) -> "_Places":
        with ExitStack() as stack:
            self._dataset = stack.enter_context(open_source(self._source))
            self._check()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def at(self, cols: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return bool [N]: which places at `cols`, `rows` [N] the map calls good; beyond it none is."""
        places = transform_points(*self._grid.to_map(cols, rows), self._grid.crs, parse_crs(self._source))
        map_cols, map_rows = pixel_of(self._dataset, *places)
        width, height = self._dataset.width, self._dataset.height
        inside = (map_cols >= 0) & (map_cols < width) & (map_rows >= 0) & (map_rows < height)
        good = np.zeros(len(inside), bool)
        # Place by place: a map of a city is much finer than the working grid, and a block of it large.
        for index in np.flatnonzero(inside):
            row, col = int(map_rows[index]), int(map_cols[index])
            with reading(self._source):
                value = self._dataset.read(self._source.bands[0], window=((row, row + 1), (col, col + 1)))
            good[index] = self._is_good(value[0, 0])
        return good

    def _check(self):
        """Raise `UserError` when the opened raster is no such map."""

    def _is_good(self, value):
        return value == 1


class PlacesInside(_Places):
    """A map that is 1 in the area that is asked for."""


class VisiblePlaces(_Places):
    """A joint map, which says what both images show; raises `UserError` when the raster is no map of such classes."""

    def _check(self):
        if self._dataset.dtypes[self._source.bands[0] - 1] != "uint8":
            raise UserError(
                f"Layer '{self._source.name}' is no map of classes (its values are not of 8 bits): choose the joint "
                "map that Joint visibility wrote."
            )

    def _is_good(self, value):
        try:
            return Visibility(value) is Visibility.VISIBLE
        except ValueError:
            raise UserError(
                f"Layer '{self._source.name}' is no joint map (it holds the value {value}): choose the joint map that "
                "Joint visibility wrote."
            ) from None
