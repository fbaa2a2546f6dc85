"""The heights of a scene and of what lies around it, on which its distortion zones depend."""

import math
from pathlib import Path

import torch

from ...contract.sources import RasterSource
from ..rasters.grid import Grid, Window, part
from ..rasters.map_file import MapWriter
from .scene_blocks import SceneBlock
from .scene_grid import around


class WideSurface:
    """Gathers the heights of `SceneBlock`s, of those at the rim with their margin; a context manager.

    path: of the raster that is written, the `source`, which is called `name` in messages; grid: of the scene's cells;
    margin: of the blocks, as theirs.
    """

    def __init__(self, path: Path, grid: Grid, margin: tuple[int, int, int, int], name: str) -> None:
        self._scene = Window(0, 0, grid.width, grid.height)
        self._window = around(self._scene, margin)
        self._heights = MapWriter(path, part(grid, self._window), "float32", math.nan)
        self.source = RasterSource(name, str(path), grid.crs)

    def __enter__(self):
        self._heights.__enter__()
        return self

    def __exit__(self, *exception):
        self._heights.__exit__(*exception)

    def add(self, block: SceneBlock) -> None:
        """Add the heights of a block."""
        window, scene = block.window, self._scene
        left, top, right, bottom = block.margin
        at_rim = (
            left * (window.col == 0),
            top * (window.row == 0),
            right * (window.col + window.width == scene.width),
            bottom * (window.row + window.height == scene.height),
        )
        outer = around(window, at_rim)
        col, row, width, height = outer.within(around(window, block.margin))
        known = block.known[row : row + height, col : col + width]
        heights = torch.full_like(known, math.nan, dtype=torch.float32)
        if block.scene:
            values = block.scene.surface.height[row : row + height, col : col + width]
            heights = torch.where(known, values, math.nan)
        self._heights.write(heights.cpu().numpy(), outer.within(self._window))
