"""A layer of tie points, as `sarbridge:matchtiepoints` writes it → the points that count, where they can be true."""

import math
from contextlib import suppress
from statistics import median
from typing import NamedTuple, Optional

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsPointXY,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)

from ...contract.errors import UserError

_POSITION = ("sar_x", "sar_y", "opt_x", "opt_y", "length_m")
_SHIFT = ("length_m", "dx_px", "dy_px")

_TRUE = ("true", "1", "t")
"""How formats without booleans (Shapefile, text) spell `accepted`, in lower case."""


class TiePoint(NamedTuple):
    """The same spot in both images, each in its layer's CRS.

    `id` is the field of this name, or the feature's own id where there is none. `length`: metres from one position to
    the other, as matching measured it. `pixel`: side in metres of the pixels in which it was matched, None where no
    field tells.
    """

    id: str
    sar: QgsPointXY
    optical: QgsPointXY
    length: float
    pixel: Optional[float]


def accepted_points(source: QgsProcessingFeatureSource) -> list[TiePoint]:
    """Return the points whose field `accepted` is true.

    Raises `UserError` when a field is missing or an accepted point has no position.
    """
    name = source.sourceName()
    missing = [field for field in (*_POSITION, "accepted") if source.fields().lookupField(field) < 0]
    if missing:
        raise UserError(
            f"Layer '{name}' lacks the field {', '.join(missing)}: choose tie points made by Match tie points."
        )
    return [_tie_point(feature, name) for feature in source.getFeatures() if str(feature["accepted"]).lower() in _TRUE]


def matched_pixel(points: list[TiePoint]) -> float:
    """Return the side, in metres, of the pixels in which the points were matched, 0 where none tells."""
    pixels = [point.pixel for point in points if point.pixel is not None]
    return median(pixels) if pixels else 0.0


def check_nearness(
    points: list[TiePoint],
    name: str,
    sar_crs: QgsCoordinateReferenceSystem,
    optical_crs: QgsCoordinateReferenceSystem,
    transform_context: QgsCoordinateTransformContext,
) -> None:
    """Raise `UserError` when the points of layer `name` are not where their length says.

    Then a position is read in a wrong CRS. No points are near enough: the engine says how many it needs.
    """
    if not points:
        return
    globe = QgsCoordinateReferenceSystem("EPSG:4326")
    sar_to_globe = QgsCoordinateTransform(sar_crs, globe, transform_context)
    optical_to_globe = QgsCoordinateTransform(optical_crs, globe, transform_context)
    distance = QgsDistanceArea()
    distance.setSourceCrs(globe, transform_context)
    distance.setEllipsoid("EPSG:7030")
    try:
        apart = median(
            distance.measureLine(sar_to_globe.transform(point.sar), optical_to_globe.transform(point.optical))
            for point in points
        )
    except QgsCsException:
        apart = math.inf
    if not apart <= 2 * median(point.length for point in points) + 1000:
        code = optical_crs.authid() or "a CRS without a code"
        raise UserError(
            f"Points '{name}': the optical positions, read in {code}, do not lie"
            " beside the SAR positions: choose the layers that were matched, or name the optical layer's CRS in"
            " OPTICAL_CRS."
        )


def _tie_point(feature, layer):
    try:
        sar_x, sar_y, optical_x, optical_y, length = (float(feature[field]) for field in _POSITION)
    except (TypeError, ValueError):
        raise UserError(
            f"Layer '{layer}' has an accepted point without positions (feature {feature.id()}): complete it or set"
            " accepted to false."
        ) from None
    sar, place = QgsPointXY(sar_x, sar_y), feature.geometry()
    if place.type() == QgsWkbTypes.GeometryType.PointGeometry and not place.isMultipart() and not place.isEmpty():
        sar = place.asPoint()  # users drag points, and reproject layers
    return TiePoint(_id(feature), sar, QgsPointXY(optical_x, optical_y), length, _pixel(feature))


def _id(feature):
    field = feature.fields().lookupField("id")
    return str(feature.id() if field < 0 or feature[field] == NULL else feature[field])


def _pixel(feature):
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):  # one that tells nothing
        length, right, down = (float(feature[field]) for field in _SHIFT)
        return length / math.hypot(right, down)
    return None
