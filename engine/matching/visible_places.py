"""The joint map of `jointvisibility` as matching uses it: which places both images show."""

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


class VisiblePlaces:
    """An opened joint map, asked at pixel positions of a grid; a context manager.

    Raises `UserError` when the raster is no map of classes, or lies elsewhere than `image`.
    """

    def __init__(self, source: RasterSource, grid: Grid, image: RasterSource) -> None:
        overlap_of(footprint_of(source), footprint_of(image))
        self._source, self._grid = source, grid

    def __enter__(self) -> "VisiblePlaces":
        with ExitStack() as stack:
            self._dataset = stack.enter_context(open_source(self._source))
            if self._dataset.dtypes[self._source.bands[0] - 1] != "uint8":
                raise UserError(
                    f"Layer '{self._source.name}' is no map of classes (its values are not of 8 bits): choose the "
                    "joint map that Joint visibility wrote."
                )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def _class(self, value):
        try:
            return Visibility(value)
        except ValueError:
            raise UserError(
                f"Layer '{self._source.name}' is no joint map (it holds the value {value}): choose the joint map that "
                "Joint visibility wrote."
            ) from None

    def at(self, cols: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return bool [N]: which places at `cols`, `rows` [N] the map calls jointly visible; beyond it none is."""
        places = transform_points(*self._grid.to_map(cols, rows), self._grid.crs, parse_crs(self._source))
        map_cols, map_rows = pixel_of(self._dataset, *places)
        width, height = self._dataset.width, self._dataset.height
        inside = (map_cols >= 0) & (map_cols < width) & (map_rows >= 0) & (map_rows < height)
        visible = np.zeros(len(inside), bool)
        # Place by place: a map of a city is much finer than the working grid, and a block of it large.
        for index in np.flatnonzero(inside):
            row, col = int(map_rows[index]), int(map_cols[index])
            with reading(self._source):
                value = self._dataset.read(self._source.bands[0], window=((row, row + 1), (col, col + 1)))
            visible[index] = self._class(value[0, 0]) is Visibility.VISIBLE
        return visible
