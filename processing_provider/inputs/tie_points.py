"""A layer of tie points, as `sarbridge:matchtiepoints` writes it → the points that count, where they can be true."""

import math
from collections.abc import Collection
from itertools import islice
from statistics import median
from typing import NamedTuple, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsPointXY,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsWkbTypes,
)

from ...contract.errors import UserError
from ...contract.tie_points import SMALLEST_SIGMA
from .field_values import as_number, as_truth, is_empty
from .ground_size import GLOBE, ruler

POSITION = ("opt_x", "opt_y")
_SHIFT = ("length_m", "dx_px", "dy_px")

_DRAGGED_PX, _UNKNOWN_PIXEL = 3, 10.0
"""Pixels by which most points of a layer may have been dragged without a word, and the side of a pixel, in metres,
where no field tells it."""


class TiePoint(NamedTuple):
    """The same spot in both images, each in its layer's CRS.

    `id` is the field of this name, or the feature's own id where there is none. `length`: metres from one position to
    the other, as matching measured it. `pixel`: side in metres of the pixels in which it was matched, `sigma`: its
    predicted error in these pixels, at least `SMALLEST_SIGMA`. They are None where no field tells them.
    """

    id: str
    sar: QgsPointXY
    optical: QgsPointXY
    length: Optional[float]
    pixel: Optional[float]
    sigma: Optional[float]


def accepted_points(source: QgsProcessingFeatureSource, feedback: QgsProcessingFeedback) -> list[TiePoint]:
    """Return the points whose field `accepted` is true, each once; warns of those of which it says nothing.

    Raises `UserError` when the layer holds no points, has no CRS or lacks a field, when `accepted` is neither true nor
    false, and when an accepted point has no position in one of the images, or several.
    """
    name = source.sourceName()
    check_fields(source, (*POSITION, "accepted"))
    points, undecided, repeated = {}, 0, 0
    for feature in source.getFeatures():
        if is_empty(feature["accepted"]):
            undecided += 1
        elif is_accepted(feature, name):
            point = tie_point(feature, name, POSITION)
            place = point.sar.x(), point.sar.y(), point.optical.x(), point.optical.y()
            repeated += place in points
            points.setdefault(place, point)
    if undecided:
        feedback.pushWarning(f"Layer '{name}': {undecided} points without a value in the field accepted are left out.")
    if repeated:
        feedback.pushWarning(
            f"Layer '{name}': {repeated} points repeat another one, with the same positions in both images: they count"
            " once."
        )
    return list(points.values())


def matched_pixel(points: list[TiePoint]) -> float:
    """Return the side, in metres, of the pixels in which the points were matched, 0 where none tells."""
    pixels = [point.pixel for point in points if point.pixel is not None]
    return median(pixels) if pixels else 0.0


def expected_errors(points: list[TiePoint]) -> tuple[float, ...]:
    """Return the error in pixels to be expected of each point, empty where no point tells its own.

    Among others that do, a point that does not (one drawn by hand, say) counts as the middle one of them.
    """
    known = [point.sigma for point in points if point.sigma is not None]
    if not known:
        return ()
    middle = median(known)
    return tuple(middle if point.sigma is None else point.sigma for point in points)


def check_nearness(
    points: list[TiePoint],
    name: str,
    sar_crs: QgsCoordinateReferenceSystem,
    optical_crs: QgsCoordinateReferenceSystem,
    transform_context: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
) -> None:
    """Raise `UserError` when the points of layer `name` are not where their length says; warn when most are near by.

    Then a position is read in a wrong CRS: that of another zone, or, by some hundred metres, with another datum. No
    points are near enough: the engine says how many it needs.
    """
    points = [point for point in points if point.length is not None]  # of those drawn by hand nothing is known
    if not points:
        return
    globe = QgsCoordinateReferenceSystem(GLOBE)
    sar_to_globe = QgsCoordinateTransform(sar_crs, globe, transform_context)
    optical_to_globe = QgsCoordinateTransform(optical_crs, globe, transform_context)
    measure = ruler()
    try:
        apart = [
            measure.measureLine(sar_to_globe.transform(point.sar), optical_to_globe.transform(point.optical))
            for point in points
        ]
    except QgsCsException:
        apart = [math.inf]
    length = median(point.length for point in points)
    code = optical_crs.authid() or "a CRS without a code"
    if not median(apart) <= 2 * length + 1000:
        raise UserError(
            f"Points '{name}': the optical positions, read in {code}, do not lie"
            " beside the SAR positions: choose the layers that were matched, or name the coordinate reference"
            " system of the optical layer (OPTICAL_CRS)."
        )
    off = median(abs(found - point.length) for found, point in zip(apart, points))
    if off > _DRAGGED_PX * (matched_pixel(points) or _UNKNOWN_PIXEL):
        feedback.pushWarning(
            f"Points '{name}': SAR positions, read in {sar_crs.authid() or 'a CRS without a code'}, and optical ones,"
            f" read in {code}, differ by {off:,.0f} m from what the points say they do. That is right where most of"
            " them were dragged; else one of these coordinate reference systems is wrong: correct that of the points,"
            " or name that of the optical layer (OPTICAL_CRS)."
        )


def check_fields(source: QgsProcessingFeatureSource, wanted: Collection[str]) -> None:
    """Raise `UserError` unless a layer holds points, on a map, with the fields that are wanted."""
    name = source.sourceName()
    if QgsWkbTypes.geometryType(source.wkbType()) != QgsWkbTypes.GeometryType.PointGeometry:
        kind = QgsWkbTypes.displayString(source.wkbType())
        raise UserError(f"Layer '{name}' holds no points ({kind}): choose the tie points that Match tie points wrote.")
    missing = [field for field in wanted if source.fields().lookupField(field) < 0]
    if missing:
        raise UserError(
            f"Layer '{name}' lacks the field {', '.join(missing)}: choose tie points made by Match tie points."
        )
    if not source.sourceCrs().isValid():
        raise UserError(
            f"Layer '{name}' has no coordinate reference system: set that of the SAR layer in its properties and run"
            " again."
        )


def is_accepted(feature: QgsFeature, layer: str) -> bool:
    """Return what the field `accepted` of a feature says; raises `UserError` where it is neither true nor false."""
    accepted = as_truth(feature["accepted"])
    if accepted is None:
        raise UserError(
            f"Layer '{layer}': '{feature['accepted']}' in the field accepted (feature {feature.id()}) is neither true"
            " nor false: correct it."
        )
    return accepted


def tie_point(feature: QgsFeature, layer: str, wanted: Collection[str]) -> TiePoint:
    """Return an accepted feature as `TiePoint`; raises `UserError` unless it has a place and the numbers `wanted`,
    `opt_x` and `opt_y` among them."""
    vertices = list(islice(feature.geometry().vertices(), 2))  # of a multipoint, too
    if len(vertices) > 1:
        raise UserError(
            f"Layer '{layer}' has an accepted point of several parts (feature {feature.id()}): split it with"
            " Multipart to singleparts, and set each part's opt_x and opt_y."
        )
    if not vertices or not (math.isfinite(vertices[0].x()) and math.isfinite(vertices[0].y())):
        raise UserError(
            f"Layer '{layer}' has an accepted point without a place on the map (feature {feature.id()}): draw it or set"
            " accepted to false."
        )
    numbers = {field: as_number(feature[field]) for field in wanted}
    for field, number in numbers.items():
        if number is None:
            raise UserError(
                f"Layer '{layer}' has an accepted point without positions (feature {feature.id()}): its {field} is"
                f" {_shown(feature[field])}; give a number, with a decimal point, or set accepted to false."
            )
    sar = QgsPointXY(vertices[0])  # not the fields: users drag points, and reproject layers
    optical = QgsPointXY(numbers["opt_x"], numbers["opt_y"])
    return TiePoint(_id(feature), sar, optical, _number(feature, "length_m"), _pixel(feature), _sigma(feature))


def _shown(value):
    return "empty" if is_empty(value) else f"'{value}'"


def _id(feature):
    field = feature.fields().lookupField("id")
    return str(feature.id() if field < 0 or is_empty(feature.attribute(field)) else feature.attribute(field))


def _number(feature, name):
    """Return the number in a field, None where there is no such field, or none in it."""
    field = feature.fields().lookupField(name)
    return None if field < 0 else as_number(feature.attribute(field))


def _sigma(feature):
    sigma = _number(feature, "sigma_px")
    return max(sigma, SMALLEST_SIGMA) if sigma is not None and sigma > 0 else None


def _pixel(feature):
    length, right, down = (_number(feature, field) for field in _SHIFT)
    if None in (length, right, down) or right == down == 0:
        return None
    return length / math.hypot(right, down)
