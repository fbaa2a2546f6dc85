"""Layers of polygons as algorithms take them: building footprints, and the area that is asked for."""

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsWkbTypes,
)

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from .extent import Extent
from .layers import feature_source

FOOTPRINTS, HEIGHT_FIELD, AREA = "FOOTPRINTS", "HEIGHT_FIELD", "AREA"


def add_footprints(algorithm: SarbridgeAlgorithm, help_text: str) -> None:
    """Add an optional layer of building footprints to an algorithm."""
    _add_polygons(algorithm, FOOTPRINTS, "Building footprints", help_text)


def add_height_field(algorithm: SarbridgeAlgorithm, remark: str, help_text: str) -> None:
    """Add the field of the footprints that holds heights; the remark, in brackets, is for its label."""
    title = algorithm.tr(f"Field with heights ({remark})")
    definition = QgsProcessingParameterField(HEIGHT_FIELD, title, None, FOOTPRINTS, optional=True)
    algorithm.add_parameter(definition, help_text)


def add_area(algorithm: SarbridgeAlgorithm, help_text: str) -> None:
    """Add an optional layer of polygons that bound what an algorithm does."""
    _add_polygons(algorithm, AREA, "Area (polygons)", help_text)


def footprint_source(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Optional[QgsProcessingFeatureSource]:
    """Return the feature source of the footprints, None when there are none; raises as `area_source`."""
    return _polygon_source(algorithm, parameters, FOOTPRINTS, context, "building footprints")


def area_source(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Optional[QgsProcessingFeatureSource]:
    """Return the feature source of the area, None when there is none.

    Raises `UserError` when it cannot be read, holds no polygons, no feature at all, or has no CRS.
    """
    return _polygon_source(algorithm, parameters, AREA, context, "the area")


def around_area(
    extent: Extent,
    area: Optional[QgsProcessingFeatureSource],
    crs: QgsCoordinateReferenceSystem,
    context: QgsProcessingContext,
) -> Extent:
    """Return the extent, or, where there is an area and no extent, the one around the area in `crs`.

    Raises `UserError` when the area has no place in `crs`.
    """
    if area is None or not extent.rectangle.isNull():
        return extent
    transform = QgsCoordinateTransform(area.sourceCrs(), crs, context.transformContext())
    try:
        rectangle = transform.transformBoundingBox(area.sourceExtent())
    except QgsCsException:
        raise UserError(
            f"Layer '{area.sourceName()}' cannot be transformed to {crs.authid() or 'the grid of the image'}: choose"
            " polygons that lie on the image."
        ) from None
    is_across_180 = crs.isGeographic() and rectangle.width() > 180
    return extent if is_across_180 or not rectangle.isFinite() else Extent(rectangle, crs)


def _add_polygons(algorithm, key, title, help_text):
    polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
    definition = QgsProcessingParameterFeatureSource(key, algorithm.tr(title), polygons, optional=True)
    algorithm.add_parameter(definition, help_text)


def _polygon_source(algorithm, parameters, key, context, wanted):
    source = feature_source(algorithm, parameters, key, context)
    if source is None:
        return None
    check_polygons(source, wanted)
    if source.featureCount() == 0:
        raise UserError(
            f"Layer '{source.sourceName()}' has no features, or no selected ones: choose a layer of {wanted}, or leave"
            " it out."
        )
    return source


def check_polygons(source: QgsProcessingFeatureSource, wanted: str) -> None:
    """Raise `UserError` for a layer of features that are no polygons of what is wanted, or that has no CRS."""
    name = source.sourceName()
    kinds = QgsWkbTypes.GeometryType
    # Collections, and layers that may hold anything, are of an unknown type.
    if QgsWkbTypes.geometryType(source.wkbType()) not in (kinds.PolygonGeometry, kinds.UnknownGeometry):
        kind = QgsWkbTypes.displayString(source.wkbType())
        raise UserError(f"Layer '{name}' holds no polygons ({kind}): choose a polygon layer of {wanted}.")
    if not source.sourceCrs().isValid():
        raise UserError(
            f"Layer '{name}' has no coordinate reference system: set it in the layer's properties and run again."
        )
