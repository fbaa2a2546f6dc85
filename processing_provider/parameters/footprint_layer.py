"""A layer of building footprints as an algorithm takes it: the parameter, and the polygons behind it."""

from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingParameterFeatureSource,
    QgsWkbTypes,
)

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from .layers import feature_source

FOOTPRINTS = "FOOTPRINTS"


def add_footprints(algorithm: SarbridgeAlgorithm, help_text: str) -> None:
    """Add an optional layer of polygons to an algorithm."""
    polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
    title = algorithm.tr("Building footprints")
    algorithm.add_parameter(QgsProcessingParameterFeatureSource(FOOTPRINTS, title, polygons, optional=True), help_text)


def footprint_source(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Optional[QgsProcessingFeatureSource]:
    """Return the feature source of the parameter, None when it is empty.

    Raises `UserError` when it cannot be read, holds no polygons, no feature at all, or has no CRS.
    """
    source = feature_source(algorithm, parameters, FOOTPRINTS, context)
    if source is None:
        return None
    name = source.sourceName()
    kinds = QgsWkbTypes.GeometryType
    # Collections, and layers that may hold anything, are of an unknown type.
    if QgsWkbTypes.geometryType(source.wkbType()) not in (kinds.PolygonGeometry, kinds.UnknownGeometry):
        kind = QgsWkbTypes.displayString(source.wkbType())
        raise UserError(f"Layer '{name}' holds no polygons ({kind}): choose a polygon layer of building footprints.")
    if source.featureCount() == 0:
        raise UserError(f"Layer '{name}' has no features: choose a layer with building footprints, or leave it out.")
    if not source.sourceCrs().isValid():
        raise UserError(
            f"Layer '{name}' has no coordinate reference system: set it in the layer's properties and run again."
        )
    return source
