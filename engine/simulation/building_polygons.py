"""The buildings of a simulated scene as polygons with heights, gathered block by block."""

from pathlib import Path

import numpy as np
import rasterio
import rasterio.features

from ...contract.footprint_lines import Footprint, write_footprint_lines
from ..rasters.grid import Grid
from ..rasters.map_file import MapWriter
from .scene_blocks import SceneBlock


class BuildingPolygons:
    """Gathers the buildings of `SceneBlock`s; a context manager.

    grid: of the scene's cells; scratch: path of a raster of their numbers, which is needed on the way.
    """

    def __init__(self, grid: Grid, scratch: Path) -> None:
        self._grid, self._scratch = grid, scratch
        self._numbers = MapWriter(scratch, grid, "int32", nodata=0)
        self._roofs = {}  # key: (number, sum of the heights above ground, cells)

    def __enter__(self):
        self._numbers.__enter__()
        return self

    def __exit__(self, *exception):
        self._numbers.__exit__(*exception)

    def add(self, block: SceneBlock) -> None:
        """Add the buildings of a block."""
        surface = block.scene.surface
        building = block.cells(surface.building).cpu().numpy()
        above = block.cells(surface.height - surface.terrain).cpu().numpy().astype(float)
        present, index = np.unique(building, return_inverse=True)
        sums, counts = np.bincount(index.ravel(), above.ravel()), np.bincount(index.ravel())
        numbers = np.zeros(len(present), np.int32)
        for place, (here, total, count) in enumerate(zip(present.tolist(), sums.tolist(), counts.tolist())):
            if here:
                key = int(surface.building_key[here])
                number, before, cells = self._roofs.get(key, (len(self._roofs) + 1, 0.0, 0))
                self._roofs[key] = number, before + total, cells + count
                numbers[place] = number
        self._numbers.write(numbers[index].reshape(building.shape), block.window)

    def write(self, path: Path) -> None:
        """Write the buildings to a file of footprints; height: the mean of the roof above ground."""
        self._numbers.dataset.close()  # all of it must lie in the file that is read now
        write_footprint_lines(path, self._footprints())

    def _footprints(self):
        heights = {number: total / cells for number, total, cells in self._roofs.values()}
        with rasterio.open(self._scratch) as numbers:
            for polygon, number in rasterio.features.shapes(rasterio.band(numbers, 1), transform=self._grid.transform):
                if number:
                    yield Footprint(round(heights[int(number)], 2), polygon["coordinates"])
