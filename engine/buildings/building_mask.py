"""Masks of buildings: which values mean one, read on any grid, and the polygons that they show."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import rasterio
import rasterio.features
import shapely
from rasterio.enums import Resampling

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..geometry.surface_model import surface_grid
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .footprints import MOST, Footprints, objects


@dataclass(frozen=True)
class _Built:
    """A radiometry of `GridReader`: 1 for what is built, 0 for the rest, which share of a larger pixel."""

    resampling: ClassVar = Resampling.nearest

    def linearise(self, values: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(values), np.nan, values > 0).astype(np.float32)

    def finish(self, values: np.ndarray) -> np.ndarray:
        return values


def check_mask(source: RasterSource, reporter: Reporter) -> None:
    """Tell which value of a mask means a building; raises `UserError` where that cannot be known.

    It is the one value besides 0. Of classes, of numbers of buildings and of probabilities nobody can tell which mean
    one.
    """
    grid = surface_grid(source)
    lowest, building, holes, zeros = np.inf, 0.0, False, False
    with GridReader(source, grid) as reader:
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            values, valid = reader.read(tile)
            values, holes = values[valid], holes or not valid.all()
            if not len(values):
                continue
            lowest = min(lowest, float(values.min()))
            positive = values[values > 0]
            zeros |= len(positive) < len(values)
            found = {building, float(positive.min()), float(positive.max())} - {0.0} if len(positive) else {building}
            if lowest < 0 or len(found) > 1:
                raise _no_mask(source, {lowest, *found} if lowest < 0 else found)
            building = found.pop()
    if lowest == np.inf:
        raise UserError(
            f"Layer '{source.name}' holds only no data: choose another layer, or correct its no-data value."
        )
    if building and holes and not zeros:
        raise UserError(
            f"Layer '{source.name}' holds {building:g} and no data, but no 0, so that nothing says where no building "
            "is: declare no value as no data (Layer Properties > Transparency), or fill the gaps with 0."
        )
    if building not in (0, 1):
        reporter.info(f"Layer '{source.name}': {building:g} counts as building, 0 as none.")


def _no_mask(source, found):
    one, other = sorted(found)[:2]
    return UserError(
        f"Layer '{source.name}' holds {one:g} and {other:g} in its band {source.bands[0]}, and a mask of buildings has "
        '0 and one other value: choose a mask, or make one with the raster calculator, such as "layer@1" > 0.5 of '
        "probabilities."
    )


class BuildingMask:
    """A mask on a `Grid`, read window by window; a context manager. What was read can be had as polygons afterwards.

    scratch: path of a raster that is needed on the way.
    """

    def __init__(self, source: RasterSource, grid: Grid, scratch: Path) -> None:
        self._name, self._grid, self._scratch = source.name, grid, scratch
        self._reader = GridReader(source, grid, _Built())
        self._writer = MapWriter(scratch, grid, "uint8")

    def __enter__(self) -> "BuildingMask":
        with ExitStack() as stack:
            stack.enter_context(self._reader)
            stack.enter_context(self._writer)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        self._stack.__exit__(*exception)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (building bool [h, w], valid bool [h, w]) of a window within the grid."""
        share, valid = self._reader.read(window)
        building = (share >= 0.5) & valid
        self._writer.write(building.astype(np.uint8), window)
        return building, valid

    def footprints(self) -> Footprints:
        """Return the areas of what was read, connected along sides of pixels, in pixels of the grid; without scores."""
        self._writer.dataset.close()  # all of it must lie in the file that is read now
        polygons = []
        with rasterio.open(self._scratch) as built:
            band = rasterio.band(built, 1)
            for shape, _ in rasterio.features.shapes(band, mask=band, transform=self._grid.transform):
                polygons.append(shapely.geometry.shape(shape))
                if len(polygons) > MOST:
                    raise UserError(
                        f"Layer '{self._name}' shows more than {MOST:,} separate buildings, as noise does: remove "
                        "what is small first (Raster > Analysis > Sieve), or choose a smaller extent."
                    )
        unknown = np.full(len(polygons), np.nan)
        return Footprints(shapely.transform(objects(polygons), self._corners), unknown, unknown)

    def _corners(self, places: np.ndarray) -> np.ndarray:
        """Return corners of pixels, which are whole numbers, for places [n, 2] on the map."""
        return np.round(np.column_stack(self._grid.to_pixel(*places.T)))
