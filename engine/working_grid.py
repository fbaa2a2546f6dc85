"""The working grid: the one metric pixel lattice on which a SAR and an optical image meet (issue 2, section 2)."""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.transform import Affine

from ..contract.errors import UserError
from .footprint import LONGITUDE_LATITUDE, Footprint, overlap_of, utm_at
from .positions import apply_affine
from .raster import open_source, parse_crs

_SAME_SIZE = 1.01  # pixel sizes closer than this are one size: neighbouring UTM zones alone differ by 0.1 %
_SQUARE = 1e-3  # sides and angles of SAR pixels closer than this keep the SAR lattice as it is


class Window(NamedTuple):
    """A rectangle of grid pixels: `col`, `row` of its first pixel, its `width` and `height`."""

    col: int
    row: int
    width: int
    height: int

    def within(self, outer):
        """Return the same rectangle, counted from the first pixel of another `Window`."""
        return self._replace(col=self.col - outer.col, row=self.row - outer.row)


@dataclass(frozen=True)
class Grid:
    """A pixel lattice: `crs` (WKT; of a working grid projected in metres), `transform` from pixels to map, its size."""

    crs: str
    transform: Affine
    width: int
    height: int

    @property
    def pixel_size(self):
        """Side of a pixel in units of the grid's CRS."""
        return math.sqrt(abs(self.transform.determinant))

    def to_map(self, cols, rows):
        """Return (xs, ys), float64 arrays, of pixel positions; (0.5, 0.5) is the centre of the first pixel."""
        return apply_affine(self.transform, cols, rows)

    def to_pixel(self, xs, ys):
        """Return (cols, rows), float64 arrays, of map positions: the inverse of `to_map`."""
        return apply_affine(~self.transform, xs, ys)


def working_grid(sar, optical, pixel_size=0.0, extent=(), extent_crs=""):
    """Return the `Grid` on which two `RasterSource`s are compared: their overlap, within the extent where one is given.

    The lattice is the SAR image's own when its CRS is projected in metres (rotated and mirrored ones too), else UTM of
    the overlap's centre, north up. The pixel is the coarser of the two, or `pixel_size` metres. The SAR lattice is kept
    to the last bit, so that its pixels need no resampling, unless the optical image is the coarser one, `pixel_size` is
    given, or SAR pixels are not square; then the pixels are square and the orientation and the corner stay.

    `extent` is (xmin, ymin, xmax, ymax) in `extent_crs` (WKT). Raises `UserError` for what `open_source` refuses, for
    images that do not overlap and for an extent that misses their overlap.
    """
    sar_footprint, optical_footprint = footprint_of(sar), footprint_of(optical)
    overlap = overlap_of(sar_footprint, optical_footprint)
    if extent:
        overlap = _within_extent(overlap, extent, extent_crs, sar, optical)
    on_sar_lattice = is_metric(sar_footprint.crs)
    crs = sar_footprint.crs if on_sar_lattice else utm_at(*overlap.centre(LONGITUDE_LATITUDE))
    side = pixel_size or max(footprint.pixel_side(overlap, crs) for footprint in (sar_footprint, optical_footprint))
    lattice = _sar_lattice(sar_footprint.transform, side) if on_sar_lattice else Affine.scale(side, -side)
    return _cut(lattice, overlap.to(crs), sar, optical)


def footprint_of(source):
    """Return the `Footprint` of a `RasterSource`; raises `UserError` for what `open_source` refuses."""
    with open_source(source) as dataset:
        return Footprint(source.name, parse_crs(source), dataset.transform, dataset.width, dataset.height)


def is_metric(crs):
    """Return whether a rasterio CRS is projected, in metres, and does not count them westwards (as in South Africa)."""
    counts_west = re.search(r",\s*west\b", crs.to_wkt(), re.IGNORECASE)
    return crs.is_projected and crs.linear_units_factor[1] == 1.0 and not counts_west


def _within_extent(overlap, extent, extent_crs, sar, optical):
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


def _sar_lattice(transform, side):
    """Return the SAR image's transform, with square pixels of `side` metres unless it has them already."""
    along_columns, along_rows = np.array([transform.a, transform.d]), np.array([transform.b, transform.e])
    lengths = np.hypot(*along_columns), np.hypot(*along_rows)
    skew = abs(along_columns @ along_rows) / (lengths[0] * lengths[1])
    is_square = abs(lengths[0] / lengths[1] - 1) < _SQUARE and skew < _SQUARE
    if is_square and 1 / _SAME_SIZE < side / max(lengths) < _SAME_SIZE:
        return transform
    right_x, right_y = along_columns / lengths[0] * side
    mirrored = np.sign(transform.determinant)
    return Affine(right_x, -right_y * mirrored, transform.c, right_y, right_x * mirrored, transform.f)


def _cut(lattice, overlap, sar, optical):
    """Return the `Grid` of the lattice's pixels whose centres lie in the bounds of the overlap."""
    cols, rows = apply_affine(~lattice, overlap.xs, overlap.ys)
    left, top = math.ceil(cols.min() - 0.5), math.ceil(rows.min() - 0.5)
    right, bottom = math.floor(cols.max() - 0.5) + 1, math.floor(rows.max() - 0.5) + 1
    if left >= right or top >= bottom:
        raise UserError(
            f"Layers '{sar.name}' and '{optical.name}' overlap by less than one pixel of "
            f"{math.sqrt(abs(lattice.determinant)):.3g} m: choose layers that share more ground."
        )
    return Grid(overlap.crs.to_wkt(), lattice * Affine.translation(left, top), right - left, bottom - top)
