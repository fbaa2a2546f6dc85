"""Two layers of buildings side by side on one grid: pixels, counted tile by tile, and polygons."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import rasterio.features
import shapely
from rasterio.transform import Affine

from ...contract.buildings_jobs import BuildingSource, EvaluateBuildingsJob
from ...contract.errors import UserError
from ..rasters.grid import TILE, Grid, Tiles, Window
from ..reporting import Reporter
from .building_mask import BuildingMask, check_mask
from .burnt_polygons import BurntPolygons, window_box
from .compared_grid import Layer, compared_grid, ring_of
from .counts import Counts, pixel_counts
from .footprints import MOST, Footprints, areas_of, objects, on_grid, read_footprints

RESAMPLED = 256
"""Pixels a side of the tiles that the bootstrap draws from: larger than buildings, and many in an image."""

_LEAST_AREA, _LEAST_WIDTH = 1.0, 0.2
"""Square metres and metres of what can be a building."""

_COUNTED = 0.5
"""Share of a building that must lie where things are compared for it to count."""


class Buildings(NamedTuple):
    """The buildings of one side: `polygons` object [n], what of each lies where things are compared, in pixels of the
    grid; `areas` float64 [n], square metres of all of it; `counted` bool [n], whether so much of it lies there that it
    counts; `scores` float64 [n], None where the side has none.
    """

    polygons: np.ndarray
    areas: np.ndarray
    counted: np.ndarray
    scores: Optional[np.ndarray]


class Compared(NamedTuple):
    """What a comparison sees, on its `grid`: `tiles`, the pixels of each tile; both sides; `unknown` object [k],
    polygons in pixels of what is not compared: no data of a mask, or outside of the area."""

    grid: Grid
    tiles: list[Counts]
    predicted: Buildings
    reference: Buildings
    unknown: np.ndarray


def compared_buildings(job: EvaluateBuildingsJob, scratch: Path, reporter: Reporter) -> Compared:
    """Return what a job compares; scratch: a folder for what is needed on the way.

    Raises `UserError` for layers that do not overlap, and for masks of which nobody knows what means a building.
    """
    layers = [_layer(side, reporter) for side in (job.predicted, job.reference)]
    area = Layer(job.area, read_footprints(job.area)) if job.area else None
    asked = [area.ring()] if area else []
    if job.extent:
        asked.append(ring_of(job.extent, layers[0].source))
    grid = compared_grid(layers, asked, reporter)
    with ExitStack() as stack:
        sides = [
            stack.enter_context(BuildingMask(layer.source, grid, scratch / f"{number}.tif"))
            if layer.is_mask
            else _FootprintSide(on_grid(layer.footprints, layer.source, grid, reporter))
            for number, layer in enumerate(layers)
        ]
        within = area and BurntPolygons(on_grid(area.footprints, area.source, grid, reporter).polygons)
        tiles, unknown = _pixels(grid, sides, within, reporter)
        found = [side.footprints() for side in sides]
    buildings = [_buildings(each, layer, grid, unknown, reporter) for each, layer in zip(found, layers)]
    return Compared(grid, tiles, *buildings, unknown)


def _layer(side: BuildingSource, reporter: Reporter) -> Layer:
    if side.mask:
        check_mask(side.mask, reporter)
        return Layer(side.mask)
    return Layer(side.footprints, read_footprints(side.footprints))


class _FootprintSide:
    """Footprints in pixels of the grid, read as a mask is: they know something everywhere."""

    def __init__(self, footprints: Footprints) -> None:
        self._footprints, self._burnt = footprints, BurntPolygons(footprints.polygons)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (building bool [h, w], valid bool [h, w]) of a window."""
        return self._burnt.read(window), np.ones((window.height, window.width), bool)

    def footprints(self) -> Footprints:
        """Return the footprints."""
        return self._footprints


def _pixels(
    grid: Grid, sides: Sequence, within: Optional[BurntPolygons], reporter: Reporter
) -> tuple[list, np.ndarray]:
    """Return (counts of each tile, polygons of what is not compared)."""
    counts, unknown = [], []
    blocks = Tiles(Window(0, 0, grid.width, grid.height), TILE)
    for done, block in enumerate(blocks):
        reporter.progress(done / len(blocks))
        (predicted, one), (reference, other) = (side.read(block) for side in sides)
        known = one & other
        if within:
            known &= within.read(block)
        for tile in Tiles(block, RESAMPLED):
            col, row, width, height = tile.within(block)
            cells = np.s_[row : row + height, col : col + width]
            counts.append(pixel_counts(predicted[cells], reference[cells], known[cells]))
            unknown += _outlines(~known[cells], tile)  # small, as buildings are cut with each that they touch
        if len(unknown) > MOST:
            raise UserError(
                f"More than {MOST:,} separate places are no data in one of the masks, as in noise: fill them first "
                "(Raster > Analysis > Fill Nodata), or choose a smaller extent."
            )
    return counts, objects(unknown)


def _outlines(mask: np.ndarray, window: Window) -> Iterator[shapely.Polygon]:
    """Return polygons around the pixels of a mask, in pixels of the grid that the window is of."""
    if not mask.any():
        return []
    if mask.all():
        return [window_box(window)]
    placed = Affine.translation(window.col, window.row)
    shapes = rasterio.features.shapes(mask.astype(np.uint8), mask, transform=placed)
    return [shapely.geometry.shape(outline) for outline, _ in shapes]


def _buildings(footprints: Footprints, layer: Layer, grid: Grid, unknown: np.ndarray, reporter: Reporter) -> Buildings:
    """Return what of footprints, in pixels, can be buildings and lies where things are compared."""
    areas = _square_metres(footprints.polygons, grid)
    lengths = shapely.length(footprints.polygons)
    # A strip is twice as long around as it is long; pixels may be smaller along one side than along the other.
    widths = 2 * np.divide(areas, lengths * grid.pixel_size, where=lengths > 0, out=np.zeros(len(areas)))
    thin = (areas < _LEAST_AREA) | (widths < _LEAST_WIDTH)
    if thin.any():
        reporter.info(
            f"Layer '{layer.source.name}': {int(thin.sum()):,} polygons are no buildings, as they are smaller than "
            f"{_LEAST_AREA:g} m² or thinner than {_LEAST_WIDTH:g} m; only their pixels count."
        )
    footprints, areas = footprints.chosen(~thin), areas[~thin]
    whole = shapely.area(footprints.polygons)
    inside = _cut(footprints.polygons, Window(0, 0, grid.width, grid.height), unknown)
    share = shapely.area(inside) / whole
    kept = share > 0
    return Buildings(
        inside[kept], areas[kept], share[kept] >= _COUNTED, _scores(footprints.scores[kept], layer, reporter)
    )


def _square_metres(polygons: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the areas on the ground of polygons in pixels; a pixel of degrees is as large as it is at the place."""
    middle = np.column_stack([shapely.get_x(shapely.centroid(polygons)), shapely.get_y(shapely.centroid(polygons))])
    right, down = (grid.metres(middle, middle + step) for step in ((1, 0), (0, 1)))
    return shapely.area(polygons) * np.abs(right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0])


def _cut(polygons: np.ndarray, window: Window, unknown: np.ndarray) -> np.ndarray:
    """Return what of polygons lies in a window and outside of the polygons of what is unknown."""
    box, tree = window_box(window), shapely.STRtree(unknown)
    shapely.prepare(box)
    inside = polygons.copy()
    cut = ~shapely.contains(box, polygons)
    inside[cut] = [areas_of(each) for each in shapely.intersection(polygons[cut], box)]
    places, holes = tree.query(inside, predicate="intersects")
    order = np.argsort(places, kind="stable")
    touched, starts = np.unique(places[order], return_index=True)
    for place, gone in zip(touched, np.split(holes[order], starts[1:])):
        inside[place] = areas_of(shapely.difference(inside[place], shapely.union_all(unknown[gone])))
    return inside


def _scores(scores: np.ndarray, layer: Layer, reporter: Reporter) -> Optional[np.ndarray]:
    """Return scores that all have a value, those without one below all others; None where none has one."""
    known = np.isfinite(scores)
    if not known.any():
        return None
    if without := int((~known).sum()):
        reporter.warning(
            f"Layer '{layer.source.name}': {without:,} footprints have no score and count as the least certain ones."
        )
    return np.where(known, scores, scores[known].min() - 1)
