"""Footprints as shapely polygons: read from their file, repaired, and laid on a grid."""

from typing import Callable, NamedTuple

import numpy as np
import shapely

from ...contract.errors import UserError
from ...contract.footprint_lines import ScoredFootprint, read_footprint_lines
from ...contract.sources import FootprintSource
from ..rasters.footprint import same_turn
from ..rasters.grid import Grid
from ..rasters.positions import transform_points
from ..rasters.source_file import parse_crs
from ..reporting import Reporter

MOST = 1_000_000
"""Polygons made of a raster that are held in memory, about 1 GB; more are noise."""


class Footprints(NamedTuple):
    """`polygons`: valid shapely polygons or multipolygons with an area, object [n]; `scores` and `heights` (metres)
    float64 [n], NaN where there is none."""

    polygons: np.ndarray
    scores: np.ndarray
    heights: np.ndarray

    def chosen(self, which: np.ndarray) -> "Footprints":
        """Return those at places, int [k], or of a mask, bool [n]."""
        return Footprints(*(each[which] for each in self))


def read_footprints(source: FootprintSource) -> Footprints:
    """Return the footprints of a file in its CRS, as they are: outlines may cross themselves."""
    polygons, scores, heights = [], [], []
    for line in read_footprint_lines(source.path, ScoredFootprint):
        shell, *holes = line.rings
        polygons.append(shapely.Polygon(shell, [hole for hole in holes if len(hole) >= 4]))
        scores.append(np.nan if line.score is None else line.score)
        heights.append(np.nan if line.height is None else line.height)
    return Footprints(objects(polygons), np.array(scores, float), np.array(heights, float))


def on_grid(footprints: Footprints, source: FootprintSource, grid: Grid, reporter: Reporter) -> Footprints:
    """Return footprints of a source, in its CRS, in pixels of a grid, repaired as `in_pixels` does."""
    crs, target = parse_crs(source), parse_crs(grid)

    def to_pixels(places):
        xs, ys = transform_points(*places.T, crs, target)
        return np.column_stack(
            grid.to_pixel(same_turn(xs, grid.to_map(grid.width / 2, grid.height / 2)[0], target), ys)
        )

    return in_pixels(footprints, to_pixels, source, reporter)


def in_pixels(
    footprints: Footprints,
    to_pixels: Callable[[np.ndarray], np.ndarray],
    source: FootprintSource,
    reporter: Reporter,
) -> Footprints:
    """Return footprints of a source whose places [n, 2] are turned to pixels, repaired; tells of what was wrong.

    What crosses or touches itself becomes the areas that its outline encloses. What has no place among the pixels (not
    finite), or no area, is left out.
    """
    polygons = shapely.transform(footprints.polygons, to_pixels)
    placed = np.isfinite(shapely.bounds(polygons)).all(1)
    polygons, repaired = _repaired(polygons[placed])
    has_area = shapely.area(polygons) > 0
    if repaired:
        reporter.warning(
            f"Layer '{source.name}': {repaired:,} footprints cross or touch themselves; they are taken as the areas "
            "that their outlines enclose."
        )
    if lost := len(placed) - int(has_area.sum()):
        reporter.warning(
            f"Layer '{source.name}': {lost:,} footprints are left out, as they enclose nothing or lie where the "
            "coordinates of the comparison are not defined."
        )
    return footprints.chosen(placed)._replace(polygons=polygons).chosen(has_area)


def on_image(footprints: Footprints, source: FootprintSource, image: str, grid: Grid) -> Footprints:
    """Return those of a source, in pixels of the grid of an image, that lie on it; raises `UserError` without any."""
    found = shapely.intersects(footprints.polygons, shapely.box(0, 0, grid.width, grid.height))
    if not found.any():
        raise UserError(
            f"No polygon of layer '{source.name}' lies on layer '{image}': choose polygons of the same place, or "
            "correct the coordinate reference system of one of them."
        )
    return footprints.chosen(found)


def _repaired(polygons: np.ndarray) -> tuple[np.ndarray, int]:
    """Return (valid geometries, how many of them were not)."""
    broken = np.flatnonzero(~shapely.is_valid(polygons))
    for place, geometry in zip(broken, shapely.make_valid(polygons[broken])):
        polygons[place] = areas_of(geometry)
    return polygons, len(broken)


def areas_of(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Return what of a geometry has an area: lines and points, where an outline touches itself, have none."""
    parts = shapely.get_parts(shapely.get_parts(geometry))  # a collection may hold multipolygons
    return shapely.MultiPolygon([part for part in parts if part.area > 0])


def objects(geometries: list) -> np.ndarray:
    """Return geometries as an object array [n], which numpy would else take apart."""
    array = np.empty(len(geometries), object)
    array[:] = geometries
    return array
