"""Rasters as numbers: open any layer that GDAL reads, and read it window by window on any grid."""

import warnings
from contextlib import contextmanager, suppress

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioIOError
from rasterio.transform import Affine
from rasterio.warp import reproject

from ...contract.errors import UserError
from .positions import apply_affine, box_outline, transform_points

LARGEST_READ = 2**21
"""Source pixels held at once, which bounds the memory however much finer than the grid a source is."""

_LATTICE_TOLERANCE = 1e-3  # pixels; a smaller offset than this is rounding of the geotransform, not a shift
_EXACT_SIDE = 128  # grid pixels warped at once into another CRS: keeps positions within 0.01 px (0.05 at 1200)
_CLEARLY_FINER = 1.5  # grid pixel over source pixel above which every source pixel must count: average
_ROUNDING_MARGIN = 2  # source pixels beyond what the kernel reaches: a curved window edge, approximate positions


def parse_crs(source):
    """Return the CRS of a `RasterSource` as a rasterio CRS; raises `UserError` when PROJ does not understand it."""
    try:
        return CRS.from_user_input(source.crs)
    except CRSError as error:
        raise UserError(
            f"The coordinate reference system of layer '{source.name}' cannot be read: "
            "choose another one in the layer's properties."
        ) from error


def open_source(source):
    """Return the opened rasterio dataset of a `RasterSource`; its `crs` may differ from `source.crs`, which wins.

    Raises `UserError` when the raster is missing, damaged, not georeferenced, of one pixel only, lacks a band, or when
    the CRS of the source cannot be read.
    """
    parse_crs(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said below, with the layer's name
            dataset = rasterio.open(source.path)
    except RasterioIOError as error:
        raise UserError(
            f"Layer '{source.name}' cannot be opened ({error}): check that its file is still there and not damaged."
        ) from error
    try:
        _check(dataset, source)
    except UserError:
        dataset.close()
        raise
    return dataset


def _check(dataset, source):
    missing = [band for band in source.bands if band > dataset.count]
    if missing:
        raise UserError(
            f"Layer '{source.name}' has no band {missing[0]} (it has {dataset.count}): choose another band."
        )
    if min(dataset.width, dataset.height) < 2:
        raise UserError(
            f"Layer '{source.name}' is only {dataset.width} × {dataset.height} pixels: choose a whole image."
        )
    if dataset.transform == Affine.identity() or dataset.transform.determinant == 0:
        raise UserError(
            f"Layer '{source.name}' is not georeferenced (pixel coordinates only): "
            "georeference it roughly first, for example with QGIS's Georeferencer or GDAL's warp."
        )


@contextmanager
def reading(source):
    """Turn what GDAL says in the block about a file of a `RasterSource` that ends too early into a `UserError`."""
    try:
        yield
    except RasterioIOError as error:
        raise UserError(
            f"Layer '{source.name}' cannot be read ({error}): its file is damaged or gone, replace it."
        ) from error


class GridReader:
    """Read a `RasterSource` on a `Grid`, window by window; a context manager.

    Several bands become their mean. Complex samples become their power |z|² before anything is resampled. No data are:
    the file's no-data value, its mask or alpha band, the source's own ranges (compared with the scaled value, of
    complex samples with the power), NaN and infinity, and what `radiometry` turns into NaN.

    Without `radiometry` values come as they are. With it, `radiometry.linearise(values)` is applied before resampling
    (SAR must be averaged as power), `radiometry.finish(values)` after, and `radiometry.resampling` is the interpolation
    (without: bilinear). Where the source is clearly finer than the grid the mean of all its pixels is taken instead;
    where both lattices coincide nothing is resampled.

    Only what a window needs is read; a reader belongs to one thread (open one per thread). `surroundings`: pixels
    around the grid that may be read as well; beyond them nothing is valid.
    """

    def __init__(self, source, grid, radiometry=None, surroundings=0):
        self.source = source
        self.grid = grid
        self.radiometry = radiometry
        self._surroundings = surroundings

    def __enter__(self):
        self._dataset = open_source(self.source)
        self._crs = parse_crs(self.source)
        self._grid_crs = CRS.from_user_input(self.grid.crs)
        self._offset = self._offset_of_coinciding_lattices()
        self._source_steps = self._source_pixels_per_grid_pixel()
        return self

    def __exit__(self, *exception):
        self._dataset.close()

    @property
    def dtype(self):
        """Name of the file's sample type, such as 'uint8' or 'complex64'."""
        return self._dataset.dtypes[self.source.bands[0] - 1]

    @property
    def is_colour(self):
        """Whether the file calls itself a red, green and blue picture."""
        names = {colour.name for colour in self._dataset.colorinterp}
        return {"red", "green", "blue"} <= names

    @property
    def has_colour_table(self):
        """Whether the chosen bands hold numbers of colours, which are no brightness; a scale of greys is one."""
        tables = []
        for band in self.source.bands:
            if self._dataset.colorinterp[band - 1] == ColorInterp.palette:
                with suppress(ValueError):  # called a palette, but there is none
                    tables.append(self._dataset.colormap(band))
        return any(len({*colour[:3]}) > 1 for table in tables for colour in table.values())

    def read(self, window):
        """Return (values float32 [h, w], valid bool [h, w]) of a `Window`; values are 0 where not valid.

        The window may reach beyond the grid and its surroundings, or the source: not valid there. Raises `UserError`
        when the file cannot be read to its end.
        """
        values = self._read_linear(window)
        inside = _inside(window, self.grid, self._surroundings)
        valid = np.isfinite(values) & inside
        if self.radiometry is not None:
            values = self.radiometry.finish(np.where(valid, values, 1))
        return np.where(valid, values, 0).astype(np.float32), valid

    def _read_linear(self, window):
        """Values [h, w] before `finish`, NaN where not valid."""
        if self._offset is not None:
            left, top = window.col + self._offset[0], window.row + self._offset[1]
            return self._read_pixels(left, top, left + window.width, top + window.height)
        box = self._source_box(window)
        if box is None:
            return np.full((window.height, window.width), np.nan, np.float32)
        left, top, right, bottom = box
        if (right - left) * (bottom - top) > LARGEST_READ and window.width * window.height > 1:
            return self._read_in_halves(window)
        pixels = self._read_pixels(left, top, right, bottom)
        return self._warp(pixels, self._dataset.transform * Affine.translation(left, top), window)

    def _read_in_halves(self, window):
        if window.width >= window.height:
            half = window.width // 2
            first = window._replace(width=half)
            second = window._replace(col=window.col + half, width=window.width - half)
            return np.hstack([self._read_linear(first), self._read_linear(second)])
        half = window.height // 2
        first = window._replace(height=half)
        second = window._replace(row=window.row + half, height=window.height - half)
        return np.vstack([self._read_linear(first), self._read_linear(second)])

    def _read_pixels(self, left, top, right, bottom):
        """Linearised source pixels [bottom - top, right - left], NaN where not valid or beyond the source."""
        inner_left, inner_top = max(left, 0), max(top, 0)
        inner_right, inner_bottom = min(right, self._dataset.width), min(bottom, self._dataset.height)
        if (inner_left, inner_top, inner_right, inner_bottom) == (left, top, right, bottom):
            return self._mean(((top, bottom), (left, right)))
        pixels = np.full((bottom - top, right - left), np.nan, np.float32)
        if inner_left < inner_right and inner_top < inner_bottom:
            window = ((inner_top, inner_bottom), (inner_left, inner_right))
            pixels[inner_top - top : inner_bottom - top, inner_left - left : inner_right - left] = self._mean(window)
        return pixels

    def _mean(self, window):
        first, *others = self.source.bands
        with reading(self.source):
            mean = self._band(first, window)
            for band in others:
                mean += self._band(band, window)
        return mean / len(self.source.bands) if others else mean

    def _band(self, band, window):
        values = self._dataset.read(band, window=window)
        if np.iscomplexobj(values):
            values = values.real**2 + values.imag**2
        scale, offset = self._dataset.scales[band - 1], self._dataset.offsets[band - 1]
        if (scale, offset) != (1, 0):
            values = values * scale + offset
        invalid = ~np.isfinite(values)
        if self._dataset.mask_flag_enums[band - 1] != [MaskFlags.all_valid]:
            invalid |= self._dataset.read_masks(band, window=window) == 0
        for low, high in self.source.nodata:
            invalid |= (values >= low) & (values <= high)
        values = values.astype(np.float32, copy=False)
        if self.radiometry is not None:
            values = self.radiometry.linearise(values)
        values[invalid] = np.nan
        return values

    def _warp(self, pixels, transform, window):
        """Resample NaN-marked pixels [h, w] onto a window of the grid; NaN where less than half of it is valid."""
        # Along a line GDAL follows a change of CRS only approximately, to an error that grows with the line.
        side = max(window.width, window.height) if self._crs == self._grid_crs else _EXACT_SIDE
        warped = np.empty((window.height, window.width), np.float32)
        for top in range(0, window.height, side):
            for left in range(0, window.width, side):
                width, height = min(side, window.width - left), min(side, window.height - top)
                to_map = self.grid.transform * Affine.translation(window.col + left, window.row + top)
                warped[top : top + height, left : left + width] = self._warp_piece(
                    pixels, transform, to_map, (height, width)
                )
        return warped

    def _warp_piece(self, pixels, transform, to_map, shape):
        common = {
            "src_transform": transform,
            "src_crs": self._crs,
            "dst_transform": to_map,
            "dst_crs": self._grid_crs,
            "resampling": self._resampling(),
        }
        warped = np.full(shape, np.nan, np.float32)
        reproject(pixels, warped, src_nodata=np.nan, dst_nodata=np.nan, **common)
        if common["resampling"] == Resampling.average and not np.isfinite(pixels).all():
            # The average takes whatever is valid; a pixel that is mostly hole should not pass as measured.
            share = np.full(shape, np.nan, np.float32)
            reproject(np.isfinite(pixels).astype(np.float32), share, dst_nodata=np.nan, **common)
            warped[~(share >= 0.5)] = np.nan
        return warped

    def _source_box(self, window):
        """Return (left, top, right, bottom) of the source pixels that a window needs, or None."""
        ring = box_outline(window.col, window.row, window.col + window.width, window.row + window.height)
        xs, ys = transform_points(*apply_affine(self.grid.transform, *ring), self._grid_crs, self._crs)
        cols, rows = apply_affine(~self._dataset.transform, xs, ys)
        cols, rows = cols[np.isfinite(cols)], rows[np.isfinite(rows)]
        if not len(cols):
            return None
        kernel = 0 if self._resampling() == Resampling.average else 2 * max(1, np.abs(self._source_steps).max())
        margin = int(np.ceil(kernel)) + _ROUNDING_MARGIN
        left, top = max(int(cols.min()) - margin, 0), max(int(rows.min()) - margin, 0)
        right = min(int(cols.max()) + 1 + margin, self._dataset.width)
        bottom = min(int(rows.max()) + 1 + margin, self._dataset.height)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _offset_of_coinciding_lattices(self):
        """Return (cols, rows) from grid to source pixels when both are one lattice but for whole pixels, else None."""
        if self._crs != self._grid_crs:
            return None
        to_source = ~self._dataset.transform * self.grid.transform
        cols, rows = apply_affine(to_source, [0, self.grid.width, 0], [0, 0, self.grid.height])
        offset = round(float(cols[0])), round(float(rows[0]))
        off_cols = cols - offset[0] - [0, self.grid.width, 0]
        off_rows = rows - offset[1] - [0, 0, self.grid.height]
        return offset if max(np.abs(off_cols).max(), np.abs(off_rows).max()) < _LATTICE_TOLERANCE else None

    def _source_pixels_per_grid_pixel(self):
        """Return the 2 × 2 matrix of source (cols, rows) per step along the grid's columns and rows, at its centre."""
        middle_col, middle_row = self.grid.width / 2, self.grid.height / 2
        cols, rows = [middle_col, middle_col + 1, middle_col], [middle_row, middle_row, middle_row + 1]
        xs, ys = transform_points(*apply_affine(self.grid.transform, cols, rows), self._grid_crs, self._crs)
        source = np.array(apply_affine(~self._dataset.transform, xs, ys))
        steps = source[:, 1:] - source[:, :1]
        return steps if np.isfinite(steps).all() else np.eye(2)

    def _resampling(self):
        if abs(np.linalg.det(self._source_steps)) > _CLEARLY_FINER**2:
            return Resampling.average
        return Resampling.bilinear if self.radiometry is None else self.radiometry.resampling


def _inside(window, grid, surroundings):
    cols = np.arange(window.col, window.col + window.width)
    rows = np.arange(window.row, window.row + window.height)
    low, right, bottom = -surroundings, grid.width + surroundings, grid.height + surroundings
    return ((rows >= low) & (rows < bottom))[:, None] & ((cols >= low) & (cols < right))
