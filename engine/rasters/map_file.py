"""The GeoTIFFs that results become."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional, Union

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import DatasetWriter

from .grid import Grid, Window

BLOCK = 512
"""Side, in pixels, of the blocks of a map. They are compressed one by one: windows of whole blocks are written best."""

TILED = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "BIGTIFF": "IF_SAFER"}
"""Creation options of a GeoTIFF that is written and read window by window."""


class MapWriter:
    """A new GeoTIFF on a `Grid`, written window by window; a context manager.

    dtype: as rasterio calls it; nodata: None for none. descriptions: what the bands are called. colours: what they
    show, such as ("red", "green", "blue"). colour_table: value of the first band → (red, green, blue), 0..255.
    creation: GDAL's creation options in the place of tiles, deflated.

    Of an image in radar geometry, whose grid has no place on the map, no place is written. For what else a file can
    say (tags, scales, units) `dataset` is the opened rasterio dataset. What the path already holds is overwritten:
    results for users go through `contract.finished_file`.
    """

    def __init__(
        self,
        path: Union[str, Path],
        grid: Grid,
        dtype: str,
        nodata: Optional[float] = None,
        count: int = 1,
        descriptions: Sequence[str] = (),
        colours: Sequence[str] = (),
        colour_table: Optional[Mapping[int, tuple]] = None,
        creation: Optional[Mapping] = None,
    ) -> None:
        self.grid, self.dtype, self.nodata, self.count = grid, dtype, nodata, count
        self._path = path
        self._descriptions, self._colours, self._colour_table = descriptions, colours, colour_table
        deflated = {**TILED, "compress": "deflate"}
        if dtype == "float32" or colours:
            # Neighbours are alike, other than those of labels and classes: their differences (predictor 3 of
            # floating-point numbers) are packed at level 1 in half the time of level 6, and to nearly the same size.
            deflated.update(predictor=3 if dtype == "float32" else 2, zlevel=1)
        self._creation = deflated if creation is None else creation

    def __enter__(self) -> "MapWriter":
        place = {}  # a part of an image in radar geometry begins elsewhere in it, which is no place on the map
        if self.grid.crs:
            place = {"crs": self.grid.crs, "transform": self.grid.transform}
        shape = {"width": self.grid.width, "height": self.grid.height, "count": self.count}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # that is what radar geometry means
            self.dataset = rasterio.open(
                self._path, "w", "GTiff", **shape, dtype=self.dtype, nodata=self.nodata, **place, **self._creation
            )
        if self._descriptions:
            self.dataset.descriptions = self._descriptions
        if self._colours:
            self.dataset.colorinterp = [ColorInterp[colour] for colour in self._colours]
        if self._colour_table:
            self.dataset.write_colormap(1, self._colour_table)
        return self

    def __exit__(self, *exception) -> None:
        self.dataset.close()

    def write(self, values: np.ndarray, window: Window) -> None:
        """Write values [C, h, w], or [h, w] of a map of one band, of the map's type at a `Window` within the grid."""
        self.dataset.write(values if values.ndim == 3 else values[None], window=window.to_rasterio())


@contextmanager
def opened_again(path: Union[str, Path]) -> Iterator[DatasetWriter]:
    """Yield the rasterio dataset of a map that was written, to be changed in places."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        dataset = rasterio.open(path, "r+")
    with dataset:
        yield dataset
