"""What tie points remember of the two images that they were matched in, and whether a layer is one of them.

Of each image they keep its name (`contract.tie_points.ORIGIN`) and, in their positions on the map and in pixels, its
grid. That is enough to know it again when it was moved, renamed or written in another format, in every format of
vector data and after edits; files of earlier versions remember the grids only.
"""

import math
from collections.abc import Collection
from pathlib import Path
from statistics import median
from typing import NamedTuple, Optional

from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsPointXY,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
)

from ...contract.coregistration_jobs import CORRECTED_FROM
from ...contract.errors import UserError
from ..gdal_results import raster_or_none
from .field_values import as_number, is_empty
from .layers import RasterInput

_PREFIXES = {"sar": "sar", "optical": "opt"}
"""Of the fields of each image, by what `MOVES` calls it."""

_CALLED = {"sar": "SAR", "optical": "optical"}

_MOST_POINTS = 500
"""Points that are asked for a grid."""

_SAME_PIXEL = 0.1
"""Pixels by which positions may differ, and still be those of one grid."""

_LONGEST_NAME = 80


class MatchedImage(NamedTuple):
    """An image as tie points remember it: `names` (of several images where layers were merged), and `places`.

    names: empty where they are not remembered. places: rows (x, y, col, row).
    """

    names: set[str]
    places: list[tuple[float, ...]]

    def has_grid_of(self, layer: RasterInput) -> Optional[bool]:
        """Return whether pixels lie where those of `layer` lie; None where that is not remembered."""
        to_pixels = _to_pixels(layer)
        if to_pixels is None or not any(col or row for _, _, col, row in self.places):
            return None
        apart = []
        for x, y, col, row in self.places:
            its_col, its_row = gdal.ApplyGeoTransform(to_pixels, x, y)
            apart.append(math.hypot(its_col - col, its_row - row))
        return median(apart) < _SAME_PIXEL


def image_name(layer: RasterInput) -> str:
    """Return what an image is called wherever it lies: its file's name without the suffix, else the layer's name."""
    is_file = layer.is_file and Path(layer.text).is_file()
    return (Path(layer.text).stem if is_file else layer.name)[:_LONGEST_NAME]


def matched_images(source: QgsProcessingFeatureSource) -> dict[str, MatchedImage]:
    """Return what a layer of tie points remembers of the images 'sar' and 'optical'."""
    features = list(source.getFeatures(QgsFeatureRequest().setLimit(_MOST_POINTS)))
    return {role: _matched_image(features, source.fields(), prefix) for role, prefix in _PREFIXES.items()}


def check_moving_image(
    source: QgsProcessingFeatureSource, layer: RasterInput, moves: str, feedback: QgsProcessingFeedback
) -> None:
    """Compare the layer to move with the image that tie points of the layer `source` were matched in.

    moves: which of the two it is meant to be, 'sar' or 'optical'. Warns when it has another name or another grid: a
    part or a copy may be moved by the same points. Raises `UserError` when it is the other one of the two images, or
    was corrected before.
    """
    images = matched_images(source)
    own = images.pop(moves)
    [(other_role, other)] = images.items()
    name, points = image_name(layer), source.sourceName()
    is_own, has_own_grid = name in own.names, own.has_grid_of(layer)
    has_other_grid = not has_own_grid and other.has_grid_of(layer)
    if not is_own and (name in other.names or (not own.names and has_other_grid)):
        raise UserError(
            f"Layer '{layer.name}' is the {_CALLED[other_role]} image of the points '{points}', not the"
            f" {_CALLED[moves]} image: choose the {_CALLED[other_role]} image in 'Which image is it' (MOVES), or the"
            f" {_CALLED[moves]} image as the one to move (INPUT)."
        )
    if not is_own and _corrected_from(layer) in own.names:
        raise UserError(
            f"Layer '{layer.name}' has been co-registered before, and the points '{points}' would move it twice: choose"
            f" '{_corrected_from(layer)}', in which they were matched, or match the corrected image again."
        )
    differences = []
    if own.names and not is_own:
        differences.append("another name")
    if has_own_grid is False:
        differences.append(f"the grid of the {_CALLED[other_role]} image" if has_other_grid else "another grid")
    if differences or len(own.names) > 1:
        original = " and ".join(f"'{each}'" for each in sorted(own.names)) or f"the {_CALLED[moves]} image"
        feedback.pushWarning(
            f"The points '{points}' were matched in {original}; layer '{layer.name}' has"
            f" {' and '.join(differences) or 'one of these names'}. That is right for a copy, a part or another"
            " resolution of that image, and wrong for any other image."
        )


def remembered_optical_crs(source: QgsProcessingFeatureSource) -> QgsCoordinateReferenceSystem:
    """Return the CRS of the fields `opt_x` and `opt_y` of tie points, an invalid one where they do not remember it."""
    field = source.fields().lookupField("opt_crs")
    features = source.getFeatures(QgsFeatureRequest().setLimit(_MOST_POINTS)) if field >= 0 else ()
    codes = {each.attribute(field) for each in features if not is_empty(each.attribute(field))}
    return QgsCoordinateReferenceSystem(str(codes.pop()) if len(codes) == 1 else "")


def check_places(places: Collection[QgsPointXY], layer: RasterInput, name: str) -> None:
    """Raise `UserError` when none of the places of the points `name`, in the layer's CRS, lies on the layer."""
    turns = (-360, 0, 360) if layer.crs.isGeographic() else (0,)
    if places and not any(
        layer.extent.contains(QgsPointXY(place.x() + turn, place.y())) for place in places for turn in turns
    ):
        raise UserError(
            f"None of the points '{name}' lies on layer '{layer.name}': choose the image in which they were matched, or"
            " a copy or part of it."
        )


def _matched_image(features, fields, prefix):
    def values(name):
        index = fields.lookupField(f"{prefix}_{name}")
        return [None if index < 0 else each.attribute(index) for each in features]

    numbers = zip(*(map(as_number, values(name)) for name in ("x", "y", "col", "row")))
    names = {str(each) for each in values("image") if not is_empty(each)}
    return MatchedImage(names, [row for row in numbers if None not in row])


def _to_pixels(layer):
    """Return the geotransform from the map to pixels, None where a layer has none that can be turned round."""
    dataset = raster_or_none(layer.text)
    size, extent = layer.size, layer.extent
    steps = extent.width() / size[0], extent.height() / size[1]
    placed = (extent.xMinimum(), steps[0], 0, extent.yMaximum(), 0, -steps[1])
    return gdal.InvGeoTransform(dataset.GetGeoTransform() if dataset else placed)


def _corrected_from(layer):
    dataset = raster_or_none(layer.text)
    return dataset and dataset.GetMetadataItem(CORRECTED_FROM)
