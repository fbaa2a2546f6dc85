"""The buildings of a simulated scene as polygons with heights, gathered block by block."""

import json

import numpy as np
import rasterio
import rasterio.features
import torch
from rasterio.windows import Window as RasterWindow

from ..geometry.map_file import map_profile

_NUMBERS = 2**31 - 1
"""Buildings whose keys differ by a multiple of it share a number: they are too far apart to touch."""


class BuildingPolygons:
    """Gathers the buildings of `SceneBlock`s; a context manager.

    grid: of the scene's cells; scratch: path of a raster of their numbers, which is needed on the way.
    """

    def __init__(self, grid, scratch):
        self._grid, self._scratch = grid, scratch
        self._roofs = {}  # number: (sum of the heights above ground, cells)

    def __enter__(self):
        self._file = rasterio.open(self._scratch, "w", **map_profile(self._grid, "int32", 0))
        return self

    def __exit__(self, *exception):
        self._file.close()

    def add(self, block):
        """Add the buildings of a block."""
        surface, window = block.scene.surface, block.window
        building = block.cells(surface.building).long()
        numbers = torch.where(building > 0, surface.building_key[building] % _NUMBERS, 0).cpu().numpy()
        self._file.write(numbers.astype(np.int32), 1, window=RasterWindow(*window))
        above = block.cells(surface.height - surface.terrain).cpu().numpy().astype(float)
        present, index = np.unique(numbers, return_inverse=True)
        sums, counts = np.bincount(index.ravel(), above.ravel()), np.bincount(index.ravel())
        for number, total, count in zip(present.tolist(), sums.tolist(), counts.tolist()):
            before = self._roofs.get(number, (0.0, 0))
            self._roofs[number] = before[0] + total, before[1] + count

    def write(self, path):
        """Write the buildings, as JSON lines like a `FootprintSource`'s; height: the mean of the roof above ground."""
        self._file.close()
        with rasterio.open(self._scratch) as numbers, path.open("w", encoding="utf-8") as file:
            for polygon, number in rasterio.features.shapes(rasterio.band(numbers, 1), transform=self._grid.transform):
                if number:
                    total, count = self._roofs[int(number)]
                    line = {"height": round(total / count, 2), "rings": polygon["coordinates"]}
                    file.write(json.dumps(line) + "\n")
