"""Where two layers of buildings are compared: the grid of the finer mask, or one of half a metre, where both lie."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

import numpy as np
import shapely
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.sources import FootprintSource, RasterSource
from ..geometry.surface_model import surface_grid
from ..rasters.footprint import Ring, footprint_of, metric_crs_at, overlap_of, same_turn
from ..rasters.grid import Grid, Window, check_size, part
from ..rasters.ground import map_units
from ..rasters.positions import box_outline
from ..rasters.source_file import parse_crs
from ..reporting import Reporter
from .footprints import Footprints

_FINEST = 0.5
"""Metres a side of the pixels on which footprints are compared where there is no mask."""

_MOST_PIXELS = 4e8
"""Pixels of that grid, which take minutes; larger places are compared on larger ones."""

_FAR_BEYOND = 1.25
"""Box around both layers over the one that they share, from which they hardly show the same place."""

_ROUNDING = 0.01
"""Pixels by which a box may reach into one without touching it."""


class Layer(NamedTuple):
    """One side of a comparison, or its area: its source, and the footprints in the source's CRS, None of a mask."""

    source: Union[FootprintSource, RasterSource]
    footprints: Optional[Footprints] = None

    @property
    def is_mask(self) -> bool:
        """Whether it says by itself where it knows something."""
        return self.footprints is None

    def ring(self) -> Optional[Ring]:
        """Return an outline around the layer, None around nothing."""
        if self.is_mask:
            return footprint_of(self.source).ring()
        if not len(self.footprints.polygons):
            return None
        return Ring(*box_outline(*shapely.total_bounds(self.footprints.polygons)), parse_crs(self.source))


def ring_of(extent: Sequence[float], source: Union[FootprintSource, RasterSource]) -> Ring:
    """Return the outline of an extent (xmin, ymin, xmax, ymax) in the CRS of a source."""
    return Ring(*box_outline(*extent), parse_crs(source))


def compared_grid(layers: Sequence[Layer], asked: Sequence[Ring], reporter: Reporter) -> Grid:
    """Return the `Grid` on which two layers are compared: where both may be, within all outlines that are `asked` for.

    Masks say themselves where they are. Footprints alone are compared all over what is asked for, without that wherever
    either layer has some, of which is told where one reaches far beyond the other. Raises `UserError` where that is
    nowhere.
    """
    masks = [layer for layer in layers if layer.is_mask]
    rings = [ring for ring in (layer.ring() for layer in layers) if ring]
    if len(masks) == 2:
        overlap_of(*(footprint_of(mask.source) for mask in masks))  # refuses with the distance
    grid = _finest(masks) if masks else _made([*asked, *rings], layers)
    boxes, wanted = ([_box(ring, grid) for ring in each] for each in (rings, asked))
    if boxes and _shared(boxes) is None:
        raise _refused(
            layers, "do not overlap: choose layers of the same area or correct their coordinate reference systems."
        )
    known = [_box(mask.ring(), grid) for mask in masks]
    if not known and not wanted:
        known = [_around(boxes)]
        _tell_of_reach(layers, boxes, reporter)
    shared = _shared([*known, *wanted])
    if shared is None or (boxes and all(_shared([box, shared]) is None for box in boxes)):
        raise _refused(layers, "have nothing within the extent and the area: choose ones that lie on the layers.")
    if not masks:
        factor = max(1.0, math.sqrt((shared[2] - shared[0]) * (shared[3] - shared[1]) / _MOST_PIXELS))
        grid, shared = _coarser(grid, factor), [each / factor for each in shared]
    compared = part(grid, _window(shared))
    check_size(compared, "The comparison")
    return compared


def _finest(masks: Sequence[Layer]) -> Grid:
    return min((surface_grid(mask.source) for mask in masks), key=lambda grid: grid.pixel_size)


def _made(rings: Sequence[Ring], layers: Sequence[Layer]) -> Grid:
    """Return a grid of one pixel in the middle of the first of the outlines, whose lattice fits the place."""
    if not rings:
        raise _refused(
            layers, "hold no footprint, and no area says where there could be one: choose others, or give an extent."
        )
    crs = metric_crs_at(rings[0].crs, rings[0].centre())
    x, y = rings[0].centre(crs)
    side = map_units(crs, (x, y), _FINEST)
    return Grid(crs.to_wkt(), Affine(side, 0, side * round(x / side), 0, -side, side * round(y / side)), 1, 1)


def _coarser(grid: Grid, factor: float) -> Grid:
    return Grid(grid.crs, grid.transform * Affine.scale(factor), 1, 1)


def _refused(layers: Sequence[Layer], why: str) -> UserError:
    return UserError(f"Layers '{layers[0].source.name}' and '{layers[1].source.name}' {why}")


def _box(ring: Ring, grid: Grid) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of an outline in pixels of a grid; of no size where it has no place there."""
    crs = parse_crs(grid)
    xs, ys, _ = ring.to(crs)
    if not len(xs):
        return 0, 0, 0, 0
    turned = same_turn(xs.mean(), grid.to_map(grid.width / 2, grid.height / 2)[0], crs) - xs.mean()
    cols, rows = grid.to_pixel(xs + turned, ys)
    return cols.min(), rows.min(), cols.max(), rows.max()


def _shared(boxes: Sequence[tuple]) -> Optional[tuple[float, float, float, float]]:
    """Return the box that is in all of the boxes, None where nothing is."""
    left, top = np.max([box[:2] for box in boxes], axis=0)
    right, bottom = np.min([box[2:] for box in boxes], axis=0)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _around(boxes: Sequence[tuple]) -> tuple[float, float, float, float]:
    """Return the box that holds all of the boxes."""
    return (*np.min([box[:2] for box in boxes], axis=0), *np.max([box[2:] for box in boxes], axis=0))


def _tell_of_reach(layers: Sequence[Layer], boxes: Sequence[tuple], reporter: Reporter) -> None:
    """Warn where two layers of footprints are not of the same place."""
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (_shared(boxes), _around(boxes))]
    if sizes[1] > _FAR_BEYOND * sizes[0]:
        reporter.warning(
            f"Layers '{layers[0].source.name}' and '{layers[1].source.name}' do not reach equally far: what lies "
            "beyond one of them counts as missed or as false alarm, unless an area or an extent says where both are "
            "complete."
        )


def _window(box: Sequence[float]) -> Window:
    """Return the pixels that a box touches."""
    left, top = (math.floor(value + _ROUNDING) for value in box[:2])
    right, bottom = (math.ceil(value - _ROUNDING) for value in box[2:])
    return Window(left, top, max(right - left, 1), max(bottom - top, 1))
