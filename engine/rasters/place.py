"""Where an opened raster lies, as its geotransform says, and whether that can be true."""

import numpy as np
from rasterio.io import DatasetReader
from rasterio.transform import Affine

from ...contract.errors import UserError
from .positions import apply_affine

_FARTHEST = 1e10  # units of the CRS; the Earth is 4e7 m around, 5e10 mm
_FINEST = 1e-12  # pixel over coordinate; with finer pixels, numbers of 64 bits cannot tell a thousandth of one
_THINNEST = 1e-3  # sine of the angle between columns and rows: less, and pixels are no areas
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
