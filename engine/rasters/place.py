"""Where an opened raster lies, as its geotransform says, and whether that can be true."""

import numpy as np
from rasterio.crs import CRS
from rasterio.io import DatasetReader
from rasterio.transform import Affine

from ...contract.errors import UserError
from .positions import LONGITUDE_LATITUDE, apply_affine, box_outline, transform_points

_FARTHEST = 1e10  # units of the CRS; the Earth is 4e7 m around, 5e10 mm
_FINEST = 1e-12  # pixel over coordinate; with finer pixels, numbers of 64 bits cannot tell a thousandth of one
_THINNEST = 1e-3  # sine of the angle between columns and rows: less, and pixels are no areas
_LEADS_BACK = 0.1  # of the image; and degrees
_LONGEST = 1e5  # longer over shorter side of a pixel


def has_place(dataset: DatasetReader) -> bool:
    """Return whether an opened raster lies on a map."""
    return dataset.transform != Affine.identity() and dataset.transform.determinant != 0


def check_place(dataset: DatasetReader, name: str) -> None:
    """Raise `UserError` when the opened raster of the layer called `name` lies where no image can lie."""
    reason = _reason(dataset) if has_place(dataset) else ""
    if reason:
        raise UserError(
            f"The geotransform of layer '{name}' cannot be true ({reason}): correct the file, or georeference it again."
        )


def check_on_earth(dataset: DatasetReader, crs: CRS, name: str) -> None:
    """Raise `UserError` when no position of the opened raster, read in a CRS, is a place on the Earth.

    PROJ gives places to many positions that are none (a northing of 10⁹ in UTM): those do not lead back.
    """
    width, height = dataset.width, dataset.height
    around = box_outline(0, 0, width, height)
    xs, ys = apply_affine(dataset.transform, np.append(around[0], width / 2), np.append(around[1], height / 2))
    longitude, latitude = transform_points(xs, ys, crs, LONGITUDE_LATITUDE)
    back_x, back_y = transform_points(longitude, latitude, LONGITUDE_LATITUDE, crs)
    apart = np.abs(back_y - ys) + (0 if crs.is_geographic else np.abs(back_x - xs))  # longitudes may be counted on
    near = apart <= _LEADS_BACK * max(np.ptp(xs), np.ptp(ys))
    if not (near & (np.abs(latitude) <= 90 + _LEADS_BACK)).any():
        raise misfit(name)


def misfit(name: str) -> UserError:
    """Return the `UserError` for the layer called `name` whose positions are no places on the Earth."""
    return UserError(
        f"The coordinates of layer '{name}' do not fit its coordinate reference system: set the right one in the "
        "layer's properties."
    )


def _reason(dataset):
    transform, width, height = dataset.transform, dataset.width, dataset.height
    if not np.isfinite(transform).all():
        return "it holds numbers that are not finite"
    farthest = np.abs(apply_affine(transform, [0, width, 0, width], [0, 0, height, height])).max()
    if farthest > _FARTHEST:
        return f"the image reaches as far as {farthest:.3g}"
    sides = np.hypot([transform.a, transform.b], [transform.d, transform.e])
    if sides.min() < _FINEST * farthest:
        return f"pixels of {sides.min():.3g} are finer than its coordinates can tell apart"
    if sides.max() > _LONGEST * sides.min():
        return f"pixels of {sides[0]:.3g} × {sides[1]:.3g} are lines"
    if abs(transform.determinant) < _THINNEST * sides.prod():
        return "its columns run along its rows"
    return ""
