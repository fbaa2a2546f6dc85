"""The working grid: the one metric pixel lattice on which a SAR and an optical image meet."""

import math
from collections.abc import Sequence

import numpy as np
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.footprint import Ring, footprint_of, metric_crs_at, overlap_of
from ..rasters.grid import Grid, check_size
from ..rasters.ground import map_units
from ..rasters.positions import apply_affine, box_outline

_SAME_SIZE = 1.01  # pixel sizes closer than this are one size: neighbouring UTM zones alone differ by 0.1 %
_SQUARE = 1e-3  # sides and angles of SAR pixels closer than this keep the SAR lattice as it is


def working_grid(
    sar: RasterSource,
    optical: RasterSource,
    pixel_size: float = 0.0,
    extent: Sequence[float] = (),
    extent_crs: str = "",
) -> Grid:
    """Return the grid on which two images are compared: their overlap, within the extent where one is given.

    The lattice is the SAR image's own when its CRS is projected in metres and squares on its map are squares on the
    ground, else UTM of the overlap's centre, north up. The pixel is the coarser of the two, or `pixel_size` metres on
    the ground. The SAR lattice is kept to the last bit, so that its pixels need no resampling, unless the optical image
    is the coarser one, `pixel_size` is given, or SAR pixels are not square; then the pixels are square and the
    orientation and the corner stay. Columns always run to the right on the map and rows down, as nearly as the lattice
    allows: of a SAR image that lies on its head, on its side or mirrored, pixels are counted in other directions.

    `extent` is (xmin, ymin, xmax, ymax) in `extent_crs` (WKT). Raises `UserError` for what `open_source` refuses, for
    images that do not overlap and for an extent that misses their overlap.
    """
    sar_footprint, optical_footprint = footprint_of(sar), footprint_of(optical)
    overlap = overlap_of(sar_footprint, optical_footprint)
    if extent:
        overlap = _within_extent(overlap, extent, extent_crs, sar, optical)
    crs = metric_crs_at(sar_footprint.crs, overlap.centre(sar_footprint.crs))
    if pixel_size:
        side = map_units(crs, overlap.centre(crs), pixel_size)
    else:
        side = max(footprint.pixel_side(overlap, crs) for footprint in (sar_footprint, optical_footprint))
    on_sar_lattice = crs == sar_footprint.crs
    lattice = _sar_lattice(sar_footprint.transform, side) if on_sar_lattice else Affine.scale(side, -side)
    grid = _cut(lattice, overlap.to(crs), sar, optical)
    check_size(grid, f"The overlap of layers '{sar.name}' and '{optical.name}'")
    return grid


def part_near(source: RasterSource, grid: Grid, around: float) -> Ring:
    """Return the part of an image that lies in a working grid or up to `around` pixels beyond it, in the grid's CRS.

    Only that part: a country or the whole world has no outline in a UTM zone.
    """
    sides = box_outline(-around, -around, grid.width + around, grid.height + around)
    crs = CRS.from_user_input(grid.crs)
    return footprint_of(source).covers(Ring(*grid.to_map(*sides), crs)).to(crs)


def grid_once_moved(
    grid: Grid,
    moved: Affine,
    sar: RasterSource,
    optical: RasterSource,
    extent: Sequence[float] = (),
    extent_crs: str = "",
) -> Grid:
    """Return the part of the lattice of a working grid that two images share once the optical one is moved.

    moved: from optical to SAR positions in pixels (col, row) of `grid`. `extent`: see `working_grid`; it lies on the
    SAR image. Raises `UserError` as `working_grid` does.
    """
    corners = np.array(box_outline(0, 0, grid.width, grid.height), float)
    xs, ys, crs = part_near(optical, grid, around=2 * np.abs(~moved * corners - corners).max() + 1)
    on_map = grid.transform * moved * ~grid.transform
    overlap = footprint_of(sar).covers(Ring(*apply_affine(on_map, xs, ys), crs))
    if extent and len(overlap.xs) >= 3:
        overlap = _within_extent(overlap, extent, extent_crs, sar, optical)
    if len(overlap.xs) < 3:
        raise _too_small(grid, sar, optical)
    return _cut(grid.transform, overlap.to(crs), sar, optical)


def laid_over(grid: Grid, moved: Affine) -> Grid:
    """Return the lattice that reads the optical image where `moved`, in pixels of `grid`, takes it."""
    return Grid(grid.crs, grid.transform * ~moved, grid.width, grid.height)


def _within_extent(
    overlap: Ring, extent: Sequence[float], extent_crs: str, sar: RasterSource, optical: RasterSource
) -> Ring:
    try:
        ring = overlap.to(CRS.from_user_input(extent_crs))
    except CRSError as error:
        raise UserError("The extent's coordinate reference system cannot be read: draw the extent again.") from error
    xmin, ymin, xmax, ymax = extent
    part = ring.within(xmin, ymin, xmax, ymax)
    if len(part.xs) < 3:
        raise UserError(
            f"The extent lies outside the overlap of layers '{sar.name}' and '{optical.name}': draw it inside both."
        )
    return part


def _sar_lattice(transform: Affine, side: float) -> Affine:
    """Return the SAR image's transform, upright, with square pixels of `side` map units unless it has them already."""
    along_columns, along_rows = np.array([transform.a, transform.d]), np.array([transform.b, transform.e])
    lengths = np.hypot(*along_columns), np.hypot(*along_rows)
    skew = abs(along_columns @ along_rows) / (lengths[0] * lengths[1])
    is_square = abs(lengths[0] / lengths[1] - 1) < _SQUARE and skew < _SQUARE
    if is_square and 1 / _SAME_SIZE < side / max(lengths) < _SAME_SIZE:
        return _upright(transform)
    right_x, right_y = along_columns / lengths[0] * side
    return _upright(Affine(right_x, -right_y, transform.c, right_y, right_x, transform.f))


def _upright(lattice: Affine) -> Affine:
    """Return a lattice of square pixels counted anew: columns to the right, rows down, as nearly as its axes run so."""
    axes = [(lattice.a, lattice.d), (lattice.b, lattice.e)]
    if abs(lattice.b) > abs(lattice.a):
        axes.reverse()
    (right_x, right_y), (down_x, down_y) = axes
    across, along = np.sign(right_x), -np.sign(down_y)
    return Affine(across * right_x, along * down_x, lattice.c, across * right_y, along * down_y, lattice.f)


def _cut(lattice: Affine, overlap: Ring, sar: RasterSource, optical: RasterSource) -> Grid:
    """Return the `Grid` of the lattice's pixels whose centres lie in the bounds of the overlap."""
    cols, rows = apply_affine(~lattice, overlap.xs, overlap.ys)
    left, top = math.ceil(cols.min() - 0.5), math.ceil(rows.min() - 0.5)
    right, bottom = math.floor(cols.max() - 0.5) + 1, math.floor(rows.max() - 0.5) + 1
    grid = Grid(overlap.crs.to_wkt(), lattice * Affine.translation(left, top), right - left, bottom - top)
    if left >= right or top >= bottom:
        raise _too_small(grid, sar, optical)
    return grid


def _too_small(grid: Grid, sar: RasterSource, optical: RasterSource) -> UserError:
    return UserError(
        f"Layers '{sar.name}' and '{optical.name}' overlap by less than one pixel of {grid.pixel_size:.3g} m: choose "
        "layers that share more ground."
    )
