"""Rasters as numbers: read any layer that GDAL reads, window by window, on any grid."""

from contextlib import ExitStack
from typing import Optional, Protocol

import numpy as np
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .band_facts import BandFacts
from .grid import Grid, Tiles, Window, part
from .positions import apply_affine, box_outline, transform_points
from .source_file import open_source, parse_crs, read_band, read_box, reading, same_lattice
from .warp_operation import agreeing_options

LARGEST_READ = 2**21
"""Source pixels held at once, which bounds the memory however much finer than the grid a source is."""

_EXACT_SIDE = 128  # grid pixels warped at once into another CRS: keeps positions within 0.01 px (0.05 at 1200)
_CLEARLY_FINER = 1.5  # grid pixel over source pixel above which every source pixel must count: average
_ROUNDING_MARGIN = 2  # source pixels beyond what the kernel reaches: a curved window edge, approximate positions


class Radiometry(Protocol):
    """What is done to values on the way through resampling (`radiometry.py`)."""

    resampling: Resampling

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return what may be averaged, NaN for no data."""

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return what readers give of averaged values."""


class GridReader(BandFacts):
    """Read a `RasterSource` on a `Grid`, window by window; a context manager.

    `read` gives the mean of several bands, `read_bands` each by itself. Complex samples become their power |z|² before
    anything is resampled (`ComplexReader` reads them as they are). No data are: the file's no-data value, its mask or
    alpha band, the source's own ranges (compared with the scaled value, of complex samples with the power), NaN and
    infinity, and what `radiometry` turns into NaN.

    Without `radiometry` values come as they are. With it, `radiometry.linearise(values)` is applied before resampling
    (SAR must be averaged as power), `radiometry.finish(values)` after, and `radiometry.resampling` is the interpolation
    (without: bilinear). Where the source is clearly finer than the grid the mean of all its pixels is taken instead;
    where both lattices coincide nothing is resampled.

    Only what a window needs is read; a reader belongs to one thread (open one per thread). `surroundings`: pixels
    around the grid that may be read as well; beyond them nothing is valid.
    """

    def __init__(
        self, source: RasterSource, grid: Grid, radiometry: Optional[Radiometry] = None, surroundings: int = 0
    ):
        self.source = source
        self.grid = grid
        self.radiometry = radiometry
        self._surroundings = surroundings

    def __enter__(self):
        with ExitStack() as stack:
            self._dataset = stack.enter_context(open_source(self.source))
            self._crs = parse_crs(self.source)
            self._grid_crs = CRS.from_user_input(self.grid.crs)
            self._to_file = None if self._crs != self._grid_crs else same_lattice(self._dataset.transform, self.grid)
            self._source_steps = self._source_pixels_per_grid_pixel()
            self._warp_options = self._agreeing_options() if self._crs != self._grid_crs else {}
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception):
        return self._stack.__exit__(*exception)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [h, w], valid bool [h, w]) of a `Window`; values are 0 where not valid.

        The window may reach beyond the grid and its surroundings, or the source: not valid there. Raises `UserError`
        when the file cannot be read to its end.
        """
        values, valid = self._read(window, self._mean, 1)
        return values[0], valid

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [C, h, w], valid bool [h, w]) as `read` does, each band by itself.

        Valid is what all bands know.
        """
        return self._read(window, self._each, len(self.source.bands))

    def _read(self, window, bands, count):
        """Return (values [C, h, w], valid) of what `bands` makes of the source's bands: `count` channels."""
        linear = self._resampled(window, count, lambda box: read_box(self._dataset, box, count, bands))
        values, known = self._finished(linear)
        valid = known & self._in_grid(window)
        values[:, ~valid] = 0
        return values, valid

    def _in_grid(self, window):
        """Return, bool [h, w], which pixels of a window lie in the grid and its surroundings."""
        cols = np.arange(window.col, window.col + window.width)
        rows = np.arange(window.row, window.row + window.height)
        before, right, bottom = (each + self._surroundings for each in (0, self.grid.width, self.grid.height))
        return ((rows >= -before) & (rows < bottom))[:, None] & ((cols >= -before) & (cols < right))

    def _finished(self, linear):
        """Return (values float32, known bool [h, w]) of what was resampled, [C, h, w]; any values where not known."""
        # Nobody else has what has just been read, so that it is changed in place.
        values = np.ascontiguousarray(linear, np.float32)
        known = np.isfinite(values).all(0)
        if self.radiometry is not None:
            if not known.all():
                values[:, ~known] = 1
            values = self.radiometry.finish(values)
        return values.astype(np.float32, copy=False), known

    def _resampled(self, window, count, read, beyond=0):
        """Return [count, h, w] of what read(box) -> [count, bottom - top, right - left] gives, NaN where not known.

        It is asked for what lies in the file, and up to `beyond` pixels beyond.
        """
        if self._to_file is not None:
            return self._own_pixels(window, read)
        box = self._source_box(window, beyond)
        if box is None:
            return np.full((count, window.height, window.width), np.nan, np.float32)
        left, top, right, bottom = box
        if count * (right - left) * (bottom - top) > LARGEST_READ and window.width * window.height > 1:
            halves = [self._resampled(half, count, read, beyond) for half in _halves(window)]
            return np.concatenate(halves, axis=2 if window.width >= window.height else 1)
        placed = self._dataset.transform * Affine.translation(left, top)
        return np.stack([self._warp(channel, placed, window) for channel in read(box)])

    def _own_pixels(self, window, read):
        """The file's own pixels [C, h, w] in a window of the grid, which may count them in other directions."""
        ends = [window.col, window.col + window.width], [window.row, window.row + window.height]
        cols, rows = np.array(apply_affine(self._to_file, *ends)).astype(int).tolist()
        pixels = read((min(cols), min(rows), max(cols), max(rows)))
        if self._to_file.a == 0:
            pixels = pixels.swapaxes(1, 2)
        rightwards, downwards = self._to_file.a + self._to_file.d, self._to_file.b + self._to_file.e
        return pixels[:, :: int(downwards), :: int(rightwards)]

    def _mean(self, ranges):
        """Linearised source pixels [1, h, w], the mean of the bands, NaN where not valid."""
        first, *others = self.source.bands
        with reading(self.source):
            mean = self._band(first, ranges)
            for band in others:
                mean += self._band(band, ranges)
        return (mean / len(self.source.bands) if others else mean)[None]

    def _each(self, ranges):
        """Linearised source pixels [C, h, w], band by band, NaN where not valid."""
        with reading(self.source):
            return np.stack([self._band(band, ranges) for band in self.source.bands])

    def _band(self, band, ranges):
        _, values, valid = read_band(self._dataset, self.source, band, ranges)
        values = values.astype(np.float32, copy=False)
        if self.radiometry is not None:
            values = self.radiometry.linearise(values)
        values[~valid] = np.nan
        return values

    def _warp(self, pixels, transform, window):
        """Resample NaN-marked pixels [h, w] onto a window of the grid; NaN where less than half of it is valid."""
        # Along a line GDAL follows a change of CRS only approximately, to an error that grows with the line.
        side = max(window.width, window.height) if self._crs == self._grid_crs else _EXACT_SIDE
        warped = np.empty((window.height, window.width), np.float32)
        for piece in Tiles(window, side):
            left, top, width, height = piece.within(window)
            warped[top : top + height, left : left + width] = self._warp_piece(
                pixels, transform, part(self.grid, piece)
            )
        return warped

    def _warp_piece(self, pixels, transform, piece):
        """Return the pixels on the small grid `piece`, [h, w]."""
        common = {
            "src_transform": transform,
            "src_crs": self._crs,
            "dst_transform": piece.transform,
            "dst_crs": self._grid_crs,
            "resampling": self._resampling(),
            **self._warp_options,
        }
        if common["resampling"] != Resampling.average:
            # By itself GDAL takes a window that is turned for one of larger pixels, and blurs it: each its own way.
            common["XSCALE"], common["YSCALE"] = 1 / np.maximum(np.linalg.norm(self._source_steps, axis=1), 1)
        shape = piece.height, piece.width
        warped = np.full(shape, np.nan, np.float32)
        reproject(pixels, warped, src_nodata=np.nan, dst_nodata=np.nan, **common)
        if common["resampling"] == Resampling.average and not np.isfinite(pixels).all():
            # The average takes whatever is valid; a pixel that is mostly hole should not pass as measured.
            share = np.full(shape, np.nan, np.float32)
            reproject(np.isfinite(pixels).astype(np.float32), share, dst_nodata=np.nan, **common)
            warped[~(share >= 0.5)] = np.nan
        return warped

    def _source_box(self, window, beyond=0):
        """Return (left, top, right, bottom) of the source pixels that a window needs, or None.

        Those are left out that lie more than `beyond` pixels beyond the file.
        """
        ring = box_outline(window.col, window.row, window.col + window.width, window.row + window.height)
        xs, ys = transform_points(*apply_affine(self.grid.transform, *ring), self._grid_crs, self._crs)
        cols, rows = apply_affine(~self._dataset.transform, xs, ys)
        cols, rows = cols[np.isfinite(cols)], rows[np.isfinite(rows)]
        if not len(cols):
            return None
        kernel = 0 if self._resampling() == Resampling.average else 2 * max(1, np.abs(self._source_steps).max())
        margin = int(np.ceil(kernel)) + _ROUNDING_MARGIN
        left, top = max(int(cols.min()) - margin, -beyond), max(int(rows.min()) - margin, -beyond)
        right = min(int(cols.max()) + 1 + margin, self._dataset.width + beyond)
        bottom = min(int(rows.max()) + 1 + margin, self._dataset.height + beyond)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _source_pixels_per_grid_pixel(self):
        """Return the 2 × 2 matrix of source (cols, rows) per step along the grid's columns and rows, at its centre."""
        middle_col, middle_row = self.grid.width / 2, self.grid.height / 2
        cols, rows = [middle_col, middle_col + 1, middle_col], [middle_row, middle_row, middle_row + 1]
        xs, ys = transform_points(*apply_affine(self.grid.transform, cols, rows), self._grid_crs, self._crs)
        source = np.array(apply_affine(~self._dataset.transform, xs, ys))
        steps = source[:, 1:] - source[:, :1]
        return steps if np.isfinite(steps).all() else np.eye(2)

    def _agreeing_options(self):
        options = agreeing_options(self._crs, self._dataset.transform, self.grid, self._source_steps)
        if options is None:
            raise UserError(
                f"Layer '{self.source.name}' can be laid onto the other one in several ways, which differ by more than "
                "half a pixel: reproject it to the other layer's coordinate reference system first (Raster > "
                "Projections > Warp)."
            )
        return options

    def _resampling(self):
        if abs(np.linalg.det(self._source_steps)) > _CLEARLY_FINER**2:
            return Resampling.average
        return Resampling.bilinear if self.radiometry is None else self.radiometry.resampling


def _halves(window):
    if window.width >= window.height:
        half = window.width // 2
        return window._replace(width=half), window._replace(col=window.col + half, width=window.width - half)
    half = window.height // 2
    return window._replace(height=half), window._replace(row=window.row + half, height=window.height - half)
