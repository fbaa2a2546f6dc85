"""Positions: from one coordinate reference system to another, and from map to pixels."""

from typing import Union

import numpy as np
from numpy.typing import ArrayLike
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from rasterio.warp import transform

from .gdal_errors import gdal_errors_caught

LONGITUDE_LATITUDE = CRS.from_epsg(4326)


def transform_points(
    xs: ArrayLike, ys: ArrayLike, from_crs: Union[str, CRS], to_crs: Union[str, CRS]
) -> tuple[np.ndarray, np.ndarray]:
    """Return (xs, ys), float64 arrays of the input's shape, moved between two CRS (WKT or rasterio CRS) by PROJ.

    Points that cannot be expressed in `to_crs` become NaN. Axes run easting, northing (longitude, latitude) always.
    """
    xs, ys = np.broadcast_arrays(np.asarray(xs, float), np.asarray(ys, float))
    moved_x, moved_y = _transform_flat(xs.ravel(), ys.ravel(), from_crs, to_crs)
    return moved_x.reshape(xs.shape), moved_y.reshape(ys.shape)


def pixel_of(dataset: DatasetReader, xs: ArrayLike, ys: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return (cols, rows), float64, of positions in the dataset's own CRS; the first pixel's centre is (0.5, 0.5)."""
    return apply_affine(~dataset.transform, xs, ys)


def apply_affine(transform: Affine, xs: ArrayLike, ys: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return an `affine.Affine` applied to arrays (or numbers), as two float64 arrays of the same shape."""
    xs, ys = np.asarray(xs, float), np.asarray(ys, float)
    return transform.a * xs + transform.b * ys + transform.c, transform.d * xs + transform.e * ys + transform.f


def box_outline(
    left: float, top: float, right: float, bottom: float, points_per_side: int = 21
) -> tuple[np.ndarray, np.ndarray]:
    """Return (xs, ys), the outline of a box as a ring of points dense enough to stay true when it is projected."""
    along = np.linspace(0, 1, points_per_side)[:-1]
    xs = np.concatenate([left + (right - left) * along, np.full_like(along, right)])
    ys = np.concatenate([np.full_like(along, top), top + (bottom - top) * along])
    return np.concatenate([xs, left + right - xs]), np.concatenate([ys, top + bottom - ys])


def _transform_flat(xs, ys, from_crs, to_crs):
    if len(xs) == 0:
        return xs.copy(), ys.copy()
    try:
        with gdal_errors_caught():
            moved = np.array(transform(from_crs, to_crs, xs, ys)[:2], dtype=float)
    except RasterioError:
        # One bad point fails the whole call: halve until the bad ones stand alone.
        if len(xs) == 1:
            return np.array([np.nan]), np.array([np.nan])
        half = len(xs) // 2
        first = _transform_flat(xs[:half], ys[:half], from_crs, to_crs)
        second = _transform_flat(xs[half:], ys[half:], from_crs, to_crs)
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    moved[:, ~np.isfinite(moved).all(axis=0)] = np.nan
    return moved[0], moved[1]
