"""Features of a layer of footprints → polygons with straight sides, whatever kind of surface they are."""

import math
from collections.abc import Iterator

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsGeometryCollection,
    QgsPolygon,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
)


def polygons_of(
    source: QgsProcessingFeatureSource, request: QgsFeatureRequest, feedback: QgsProcessingFeedback
) -> Iterator[tuple[QgsFeature, QgsGeometry]]:
    """Yield (feature, polygon) of all areas of the features of a layer: of curves and collections, too.

    Warns, at the end and once, of features that have none. Raises `QgsProcessingException` when cancelled.
    """
    without = 0
    # An outline that crosses itself makes a building as well as any other.
    for feature in source.getFeatures(request, QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks):
        if feedback.isCanceled():
            raise QgsProcessingException("Cancelled.")
        polygons = list(_polygons(feature.geometry()))
        without += not polygons
        for polygon in polygons:
            yield feature, polygon
    if without:
        feedback.pushWarning(
            f"Layer '{source.sourceName()}': {without} features are left out, as they have no area: they have no"
            " geometry, are lines or points, or have coordinates that are no numbers."
        )


def _polygons(geometry):
    if geometry.isNull():
        return
    for surface in _surfaces(geometry.constGet().segmentize()):
        polygon = QgsGeometry(surface.clone())
        # Of places that are no numbers the area is none either; that of an eight cancels out, but not that of its hull.
        if math.isfinite(polygon.area()) and polygon.convexHull().area() > 0:
            yield polygon


def _surfaces(shape):
    if isinstance(shape, QgsGeometryCollection):
        for number in range(shape.numGeometries()):
            yield from _surfaces(shape.geometryN(number))
    elif hasattr(shape, "numPatches"):  # polyhedral surfaces and TINs, which QGIS knows from version 3.40 on
        for number in range(shape.numPatches()):
            yield shape.patchN(number)
    elif isinstance(shape, QgsPolygon):
        yield shape
