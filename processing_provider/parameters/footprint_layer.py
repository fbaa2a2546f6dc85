"""A layer of building footprints as an algorithm takes it: the parameter, and the polygons behind it."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource, QgsWkbTypes

from ...contract.errors import UserError

FOOTPRINTS = "FOOTPRINTS"


def add_footprints_parameter(algorithm, help_text):
    """Add an optional layer of polygons to an algorithm."""
    polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
    title = algorithm.tr("Building footprints")
    algorithm.add_parameter(QgsProcessingParameterFeatureSource(FOOTPRINTS, title, polygons, optional=True), help_text)


def footprint_source(algorithm, parameters, context):
    """Return the feature source of the parameter, None when it is empty.

    Raises `UserError` when it cannot be read, holds no polygons, no feature at all, or has no CRS.
    """
    if parameters.get(FOOTPRINTS) in (None, ""):
        return None
    source = algorithm.parameterAsSource(parameters, FOOTPRINTS, context)
    if source is None:
        raise UserError(
            f"{FOOTPRINTS}: '{parameters[FOOTPRINTS]}' cannot be read: choose a polygon layer of building footprints."
        )
    name = source.sourceName()
    if QgsWkbTypes.geometryType(source.wkbType()) != QgsWkbTypes.GeometryType.PolygonGeometry:
        kind = QgsWkbTypes.displayString(source.wkbType())
        raise UserError(f"Layer '{name}' holds no polygons ({kind}): choose a polygon layer of building footprints.")
    if source.featureCount() == 0:
        raise UserError(f"Layer '{name}' has no features: choose a layer with building footprints, or none.")
    if not source.sourceCrs().isValid():
        raise UserError(
            f"Layer '{name}' has no coordinate reference system: set it in the layer's properties and run again."
        )
    return source
