"""The file of a `RasterSource`: opened, checked, and read on its own lattice."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Optional

import numpy as np
import rasterio
from rasterio import DatasetReader
from rasterio.crs import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .gdal_errors import reason
from .grid import Grid
from .place import check_on_earth, check_place, has_place
from .positions import apply_affine
from .watched_files import WatchedFiles

_LATTICE_TOLERANCE = 1e-3  # pixels; a smaller offset than this is rounding of the geotransform, not a shift


def parse_crs(source: RasterSource) -> CRS:
    """Return the CRS of a `RasterSource` as a rasterio CRS.

    Raises `UserError` when PROJ does not understand it, and when its positions are no longitudes and latitudes and none
    of a projection: from the Earth's centre, upright only, or of a building site that lies nowhere.
    """
    try:
        crs = CRS.from_user_input(source.crs)
    except CRSError as error:
        raise UserError(
            f"The coordinate reference system of layer '{source.name}' cannot be read: "
            "choose another one in the layer's properties."
        ) from error
    if not (crs.is_projected or crs.is_geographic):
        raise UserError(
            f"The coordinate reference system of layer '{source.name}' has no places on a map (it is neither projected "
            "nor geographic): choose the right one in the layer's properties, or reproject the layer first."
        )
    return crs


@contextmanager
def open_source(source: RasterSource) -> Iterator[DatasetReader]:
    """Yield the opened rasterio dataset of a `RasterSource`; its `crs` may differ from `source.crs`, which wins.

    Raises `UserError` when the raster is missing, damaged, not georeferenced, of one pixel only, lacks a band, when the
    CRS of the source cannot be read or does not fit, and when a file of the raster is changed before the block ends.
    """
    crs = parse_crs(source)
    with open_anywhere(source) as dataset:
        if not has_place(dataset):
            raise UserError(
                f"Layer '{source.name}' is not georeferenced (pixel coordinates only): "
                "georeference it roughly first, for example with QGIS's Georeferencer or GDAL's warp."
            )
        check_on_earth(dataset, crs, source.name)
        yield dataset


@contextmanager
def open_anywhere(source: RasterSource) -> Iterator[DatasetReader]:
    """Yield the opened dataset of a `RasterSource` that may also be an image in radar geometry, not georeferenced.

    Raises `UserError` when the raster is missing, damaged, of one pixel only, lies where nothing can lie, lacks a band,
    or when one of its files is changed before the block ends.
    """
    with _opened(source) as dataset:
        files = WatchedFiles(dataset)
        try:
            _check(dataset, source)
            yield dataset
        except Exception as error:  # whatever it is, a changed file may be the cause
            files.check(source.name, error)
            raise
        files.check(source.name)


def _opened(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # `has_place` tells
            return rasterio.open(source.path)
    except RasterioIOError as error:
        raise UserError(
            f"Layer '{source.name}' cannot be opened ({reason(error)}): check that its file is still there and not"
            " damaged."
        ) from error


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
    check_place(dataset, source.name)


def same_lattice(transform: Affine, grid: Grid) -> Optional[Affine]:
    """Return the `Affine` of whole numbers from pixels of a `Grid` to those of `transform` when both are one lattice.

    The lattices may begin at different pixels, and count their columns and rows in other directions (quarter turns,
    mirrored); None when their pixels differ. Both must count in the same CRS.
    """
    found = ~transform * grid.transform
    whole = Affine(*(round(value) for value in found[:6]))
    if sorted((abs(whole.a), abs(whole.b))) != [0, 1] or (abs(whole.d), abs(whole.e)) != (abs(whole.b), abs(whole.a)):
        return None
    corners = [0, grid.width, 0], [0, 0, grid.height]
    apart = np.subtract(apply_affine(found, *corners), apply_affine(whole, *corners))
    return whole if np.abs(apart).max() < _LATTICE_TOLERANCE else None


@contextmanager
def reading(source: RasterSource) -> Iterator[None]:
    """Turn what GDAL says in the block of a `RasterSource` that cannot be read, or not to its end, into `UserError`."""
    try:
        yield
    except (RasterioError, RasterioIOError) as error:
        raise UserError(
            f"Layer '{source.name}' cannot be read ({reason(error)}): its file is damaged or gone, replace it."
        ) from error


def read_band(dataset: DatasetReader, source: RasterSource, band: int, ranges: tuple) -> tuple:
    """Return (samples, values, valid) of a band in ranges ((top, bottom), (left, right)) within the file, each [h, w].

    samples: as the file holds them, complex ones scaled. values: scaled, times the source's factor; of complex samples
    the power |z|². Not valid are the file's no-data value, its mask or alpha band, NaN, infinity, and values in the
    source's own ranges.
    """
    samples = values = dataset.read(band, window=ranges)
    scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
    if (scale, offset) != (1, 0):
        values = values * scale + offset
    if np.iscomplexobj(samples):
        samples, values = values, values.real**2 + values.imag**2
    valid = np.isfinite(values)
    if dataset.mask_flag_enums[band - 1] != [MaskFlags.all_valid]:
        valid &= dataset.read_masks(band, window=ranges) > 0
    for low, high in source.nodata:
        valid &= ~((values >= low) & (values <= high))
    return samples, values if source.factor == 1 else values * source.factor, valid


def read_box(dataset: DatasetReader, box: tuple, channels: int, read: Callable[[tuple], np.ndarray]) -> np.ndarray:
    """Return float32 [channels, bottom - top, right - left] of a box (left, top, right, bottom): NaN beyond the file.

    read(((top, bottom), (left, right))) -> [channels, h, w] is asked for what lies in the file.
    """
    left, top, right, bottom = box
    inner_left, inner_top = max(left, 0), max(top, 0)
    inner_right, inner_bottom = min(right, dataset.width), min(bottom, dataset.height)
    ranges = (inner_top, inner_bottom), (inner_left, inner_right)
    if (inner_left, inner_top, inner_right, inner_bottom) == box:
        return read(ranges)
    pixels = np.full((channels, bottom - top, right - left), np.nan, np.float32)
    if inner_left < inner_right and inner_top < inner_bottom:
        pixels[:, inner_top - top : inner_bottom - top, inner_left - left : inner_right - left] = read(ranges)
    return pixels


def read_mirrored_box(box: tuple, shape: tuple, read: Callable[[tuple], np.ndarray]) -> np.ndarray:
    """Return [C, bottom - top, right - left] of a box (left, top, right, bottom) as `read_box` does, mirrored.

    What lies beyond the file, of `shape` (rows, columns), is what lies as far within, counted from the middle of its
    outermost pixels.
    """
    left, top, right, bottom = box
    cols, rows = _folded(left, right, shape[1]), _folded(top, bottom, shape[0])
    first_col, last_col, first_row, last_row = (
        int(end) for places in (cols, rows) for end in (places.min(), places.max())
    )
    pixels = read(((first_row, last_row + 1), (first_col, last_col + 1)))
    if min(left, top) >= 0 and right <= shape[1] and bottom <= shape[0]:
        return pixels
    return pixels[:, (rows - first_row)[:, None], cols - first_col]


def _folded(first, end, count):
    """Return, for places `first`..`end` - 1 along a line of `count`, those within it that are seen there."""
    period = max(2 * (count - 1), 1)
    places = np.arange(first, end) % period
    return np.minimum(places, period - places)


def in_file(box: tuple, shape: tuple) -> np.ndarray:
    """Return which pixels of a box (left, top, right, bottom) lie in a file of `shape` (rows, columns): bool [h, w]."""
    cols, rows = np.arange(box[0], box[2]), np.arange(box[1], box[3])
    return ((rows >= 0) & (rows < shape[0]))[:, None] & ((cols >= 0) & (cols < shape[1]))
