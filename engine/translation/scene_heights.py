"""Heights of a scene as translators are shown them: in metres, with the largest one."""

import math

from ...contract.sources import RasterSource
from ..geometry.height_unit import in_metres
from ..geometry.surface_model import surface_grid, survey
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from ..training.aligned_scene import SceneHeights


def scene_heights(dem: RasterSource, grid: Grid, reporter: Reporter, is_surveyed: bool = False) -> SceneHeights:
    """Return the heights under a grid; raises `UserError` for those that make no sense, unless that is known."""
    source = in_metres(dem)
    if not is_surveyed:
        survey(source, surface_grid(source), reporter)
    highest = -math.inf
    with GridReader(source, grid) as reader:
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            heights, valid = reader.read(tile)
            highest = max(highest, float(heights.max(where=valid, initial=-math.inf)))
    return SceneHeights(source, max(highest, 1.0))
