"""Where a scene lies: its cells on the map, and what lies around them that its images show."""

import math
from collections.abc import Iterable

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.geometry_jobs import LineOfSight
from ..geometry.surface_model import SurfaceModel, cell_size
from ..rasters.footprint import metric_crs_at
from ..rasters.grid import Grid, Window
from ..rasters.ground import map_units
from ..rasters.positions import LONGITUDE_LATITUDE, box_outline, transform_points

_COARSEST_INVENTED = 5.0
"""Metres; larger pixels are made of several cells, so that houses and streets leave their traces in them."""

_FINEST = 4
"""Cells along a pixel, at most, of a surface model that is finer than the image."""

LARGEST_MARGIN = 512
"""Cells around a block of a scene that count: an error remains where shadow or layover reach farther."""

_FEWEST_PIXELS = 8
_PLACE, _MIDDLE, _TOP = 32633, 500_000.0, 5_521_870.0
"""Where a scene is put that is nowhere: in UTM on the central meridian, where the map's north is the true one."""


def invented_grid(pixel_size: float, size: int, extent: tuple[float, ...], extent_crs: str) -> tuple[Grid, int]:
    """Return (`Grid` of cells, cells along a pixel) of an invented place.

    pixel_size: of the image, metres. With an extent (xmin, ymin, xmax, ymax) the place fills it, in its CRS where that
    suits a grid of metres, else in UTM; else it is `size` pixels wide and high, somewhere.
    """
    factor = math.ceil(pixel_size / _COARSEST_INVENTED)
    if not extent:
        side = size * pixel_size
        outline = box_outline(_MIDDLE - side / 2, _TOP - side, _MIDDLE + side / 2, _TOP)
        return _cells(CRS.from_epsg(_PLACE), outline, pixel_size, factor, "")
    xmin, ymin, xmax, ymax = extent
    outline = box_outline(xmin, ymin, xmax, ymax)
    return _cells(CRS.from_user_input(extent_crs), outline, pixel_size, factor, "the extent")


def layer_grid(surface: SurfaceModel, pixel_size: float) -> tuple[Grid, int]:
    """Return (`Grid` of cells, cells along a pixel) over the part of a `SurfaceModel` that is asked for.

    The CRS is the layer's where that suits a grid of metres, else UTM; the grid is north up. It begins in the layer's
    corner and has its cells, where pixels of `pixel_size` metres are a whole number of them.
    """
    grid, crs = surface.part, CRS.from_user_input(surface.grid.crs)
    outline = grid.to_map(*box_outline(0, 0, grid.width, grid.height))
    cell = math.sqrt(math.prod(cell_size(surface.grid, surface.window)))
    factor = min(max(round(pixel_size / cell), 1), _FINEST)
    return _cells(crs, outline, pixel_size, factor, f"layer '{surface.source.name}'")


def pixel_grid(cells: Grid, factor: int) -> Grid:
    """Return the `Grid` of the pixels of `factor` × `factor` cells each."""
    transform = cells.transform * Affine.scale(factor)
    return Grid(cells.crs, transform, cells.width // factor, cells.height // factor)


def extent_of(grid: Grid) -> tuple[float, float, float, float]:
    """Return (xmin, ymin, xmax, ymax) of a `Grid` that is north up."""
    (xmin, xmax), (ymax, ymin) = grid.to_map([0, grid.width], [0, grid.height])
    return float(xmin), float(ymin), float(xmax), float(ymax)


def true_north(grid: Grid) -> float:
    """Return the direction of true north in the middle of a `Grid`, degrees clockwise from its own north."""
    x, y = grid.to_map([grid.width / 2], [grid.height / 2])
    longitude, latitude = transform_points(x, y, grid.crs, LONGITUDE_LATITUDE)
    ends = transform_points([*longitude, *longitude], [*latitude, latitude[0] + 0.01], LONGITUDE_LATITUDE, grid.crs)
    return math.degrees(math.atan2(*(end[1] - end[0] for end in ends)))


def margins(lines_of_sight: Iterable[LineOfSight], relief: float, cell: float) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom), cells around a place within which its images depend on what is there.

    lines_of_sight: `LineOfSight`s of one incidence each, whose azimuths count from the grid's north. relief: metres;
    cell: metres.
    """
    ends = [(0.0, 0.0)]
    for line in lines_of_sight:
        azimuth = math.radians(line.look_azimuth)
        nearer, farther = line.reach(relief, line.near, line.near)
        ends += [(math.sin(azimuth) * way, -math.cos(azimuth) * way) for way in (-nearer, farther)]
    cols, rows = np.array(ends).T / cell
    return tuple(math.ceil(max(0, end)) for end in (-cols.min(), -rows.min(), cols.max(), rows.max()))


def around(window: Window, margin: tuple[int, int, int, int]) -> Window:
    """Return a `Window` enlarged by `margin` (left, top, right, bottom)."""
    left, top, right, bottom = margin
    return Window(window.col - left, window.row - top, window.width + left + right, window.height + top + bottom)


def _cells(crs, outline, pixel_size, factor, where):
    """Return (`Grid`, factor) over an outline (xs, ys) in a CRS, for pixels of `pixel_size` metres on the ground."""
    metric = metric_crs_at(crs, _middle(outline))
    if metric != crs:
        outline = transform_points(*outline, crs, metric)
    (left, right), (bottom, top) = ((values.min(), values.max()) for values in outline)
    pixel = map_units(metric, _middle(outline), pixel_size)
    width, height = (int(side / pixel + 1e-6) for side in (right - left, top - bottom))
    if min(width, height) < _FEWEST_PIXELS:
        raise UserError(
            f"The scene in {where or 'this place'} would be {width} × {height} pixels of {pixel_size:g} m, and needs "
            f"at least {_FEWEST_PIXELS} × {_FEWEST_PIXELS}: choose a larger area, or a preset with finer pixels."
        )
    side = pixel / factor
    return Grid(metric.to_wkt(), Affine(side, 0, left, 0, -side, top), width * factor, height * factor), factor


def _middle(outline):
    return tuple((values.min() + values.max()) / 2 for values in outline)
