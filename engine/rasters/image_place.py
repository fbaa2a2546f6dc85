"""From places on a map to the pixels of an image, whether it lies on a map or in radar geometry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

import numpy as np
import shapely
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.rpc import RPC
from rasterio.transform import GCPTransformer, RPCTransformer

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .carried_place import carried_place
from .footprint import same_turn
from .gdal_errors import gdal_errors_caught, reason
from .grid import Grid, Window
from .positions import LONGITUDE_LATITUDE
from .source_file import parse_crs

_BEYOND = 0.5
"""How far around the places that an image's points or polynomials are made for they are believed, in their extents."""

Places = np.ndarray
"""Positions x, y (or column, row), float64 [n, 2]."""


@dataclass(frozen=True)
class ImagePlace:
    """How an image lies on a map.

    crs: of the map. middle: (x, y) of a place near the middle of the image. told_by: what says so, in words. around:
    what of the map may be asked for, all of it where that is None. to_pixels: places in the CRS -> (columns, rows),
    corner origin, NaN where there are none.
    """

    crs: CRS
    middle: tuple[float, float]
    told_by: str
    around: Optional[shapely.Polygon]
    to_pixels: Callable[[Places], Places]


def image_place(source: RasterSource, grid: Grid) -> ImagePlace:
    """Return the `ImagePlace` of a raster with its own grid; control points come before polynomials, as in GDAL.

    The former are joined by a thin plate spline, which follows them over relief; polynomials are asked at the height
    that they have in their middle, as no other one is known. Raises `UserError` where nothing says where it lies.
    """
    if grid.crs:
        return _on_map(grid)
    place = carried_place(source, Window(0, 0, grid.width, grid.height))
    if place.points and place.points_crs:
        return _by_points(source.name, place.points, CRS.from_user_input(place.points_crs))
    if place.rpcs:
        return _by_polynomials(source.name, place.rpcs)
    raise UserError(
        f"Layer '{source.name}' has no place on the map (no geotransform, control points or polynomials), so that "
        "nothing tells where footprints lie in it: take the file as its processor gave it, or add control points (the "
        "Georeferencer, or gdal_translate -gcp)."
    )


def _on_map(grid: Grid) -> ImagePlace:
    crs, middle = parse_crs(grid), tuple(map(float, grid.to_map(grid.width / 2, grid.height / 2)))

    def to_pixels(places: Places) -> Places:
        return np.column_stack(grid.to_pixel(same_turn(places[:, 0], middle[0], crs), places[:, 1]))

    return ImagePlace(crs, middle, "its geotransform", None, to_pixels)


def _by_points(name: str, points: tuple[GroundControlPoint, ...], crs: CRS) -> ImagePlace:
    xs, ys = (np.array([getattr(each, axis) for each in points], float) for axis in "xy")
    xs = same_turn(xs, xs[0], crs)
    middle = ((xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2)
    points = [GroundControlPoint(each.row, each.col, x, each.y) for each, x in zip(points, xs)]

    def to_pixels(places: Places) -> Places:
        with gdal_errors_caught(), GCPTransformer(points, tps=True) as transformer:
            return _pixels(transformer, places, middle[0], crs)

    told_by = f"{len(points)} control points in its file"
    return _checked(name, crs, middle, told_by, (np.ptp(xs) / 2, np.ptp(ys) / 2), to_pixels)


def _by_polynomials(name: str, rpcs: RPC) -> ImagePlace:
    middle = rpcs.long_off, rpcs.lat_off

    def to_pixels(places: Places) -> Places:
        with gdal_errors_caught(), RPCTransformer(rpcs) as transformer:
            return _pixels(transformer, places, middle[0], LONGITUDE_LATITUDE, rpcs.height_off)

    told_by = f"polynomials in its file, at a height of {rpcs.height_off:.4g} m"
    return _checked(name, LONGITUDE_LATITUDE, middle, told_by, (rpcs.long_scale, rpcs.lat_scale), to_pixels)


def _pixels(transformer, places: Places, near: float, crs: CRS, height: float = 0.0) -> Places:
    xs, ys = same_turn(places[:, 0], near, crs), places[:, 1]
    rows, cols = transformer.rowcol(xs, ys, zs=np.full(len(xs), height), op=np.positive)
    found = np.column_stack([cols, rows]).astype(float)
    return np.where(np.isfinite(found), found, np.nan)


def _checked(name, crs, middle, told_by, halves, to_pixels) -> ImagePlace:
    """Return the `ImagePlace` once the middle of the map has a pixel; raises `UserError` where it has none.

    halves: of the extent that is known, along x and y.
    """
    try:
        found, why = to_pixels(np.array([middle], float)), "no pixel lies in their middle"
    except RasterioError as error:
        found, why = np.array([[np.nan] * 2]), reason(error)
    if not np.isfinite(found).all():
        raise UserError(
            f"Layer '{name}' lies where {told_by} say, and these do not say it ({why}): correct them, or remove them "
            "and add others."
        )
    reach = (1 + 2 * _BEYOND) * np.array(halves)
    around = shapely.box(*(np.array(middle) - reach), *(np.array(middle) + reach))
    return ImagePlace(crs, middle, told_by, around, to_pixels)
