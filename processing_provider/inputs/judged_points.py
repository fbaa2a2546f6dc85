"""A layer of tie points or check points → the points of an evaluation, the rejected ones too."""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
)

from ...contract.errors import UserError
from ...contract.match_evaluation_jobs import PointSource
from ...contract.tie_points import NOT_IN_BOTH
from .field_values import as_number, is_empty
from .layers import wkt
from .tie_points import POSITION, check_fields, check_nearness, is_accepted, matched_pixel, tie_point


def point_source(
    source: QgsProcessingFeatureSource,
    optical_crs: QgsCoordinateReferenceSystem,
    pixel_size: float,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> PointSource:
    """Return the points of a layer whose place both images show, their SAR positions being where the features lie.

    pixel_size: of the working pixels, 0 where the fields are to tell it. A layer without the field `accepted` holds
    accepted points. Raises `UserError` for a layer without points, CRS or fields, for a point that has no position in
    one of the images, and where optical positions are read in a wrong CRS; warns of points that are not decided on.
    """
    name, crs = source.sourceName(), source.sourceCrs()
    check_fields(source, POSITION)
    has_decision = source.fields().lookupField("accepted") >= 0
    rows, points, undecided, has_rejected = [], [], 0, False
    for feature in source.getFeatures():
        is_undecided = has_decision and is_empty(feature["accepted"])
        accepted = not is_undecided and (not has_decision or is_accepted(feature, name))
        # Whoever accepts a point by hand leaves the reason why it was rejected.
        if not (has_decision and accepted) and _value(feature, "reason") in NOT_IN_BOTH:
            has_rejected = True
            continue
        if is_undecided:
            undecided += 1
            continue
        has_rejected = has_rejected or not accepted
        if accepted or _is_matched(feature):
            point = tie_point(feature, name, POSITION)
            points.append(point)
            positions = *_xy(point.sar), *_xy(point.optical)
            rows.append((point.id, *positions, accepted, point.sigma))
        else:
            rows.append((str(feature.id()), None, None, *(as_number(feature[key]) for key in POSITION), False, None))
    if undecided:
        feedback.pushWarning(f"Layer '{name}': {undecided} points without a value in the field accepted are left out.")
    if not rows:
        raise UserError(
            f"Layer '{name}' has no points, or none whose place both images show: choose points that were matched."
        )
    check_nearness(points, name, crs, optical_crs, context.transformContext(), feedback)
    matched = matched_pixel(points)
    if pixel_size and matched:  # predicted errors are in the pixels of the matching
        rows = [(*row, sigma and sigma * matched / pixel_size) for *row, sigma in rows]
    return PointSource(name, wkt(crs), wkt(optical_crs), tuple(rows), pixel_size or matched, has_rejected)


def _is_matched(feature: QgsFeature) -> bool:
    """Return whether a match was found for a rejected point, as far as fields tell."""
    has_shift = feature.fields().lookupField("dx_px") >= 0
    has_position = all(as_number(feature[key]) is not None for key in POSITION)
    return has_position and not feature.geometry().isEmpty() and not (has_shift and is_empty(feature["dx_px"]))


def _value(feature, name):
    return feature[name] if feature.fields().lookupField(name) >= 0 else None


def _xy(point):
    return point.x(), point.y()
