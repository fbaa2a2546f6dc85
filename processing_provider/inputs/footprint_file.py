"""Building footprints of a layer → the engine's file."""

from qgis.core import QgsFeatureRequest, QgsProcessingFeatureSource

from ...contract.errors import UserError
from ...contract.footprint_lines import Footprint, write_footprint_lines
from ...contract.simulation_jobs import FootprintSource
from .export import Export
from .field_values import as_number
from .layers import wkt
from .polygons import polygons_of


def write_footprints(source: QgsProcessingFeatureSource, height_field: str, export: Export) -> FootprintSource:
    """Write the polygons of a layer with the numbers of a field to a file for the engine.

    Parts of a multipolygon are footprints of their own. Raises `UserError` when there is no such field.
    """
    name, field = source.sourceName(), source.fields().lookupField(height_field)
    if field < 0:
        raise UserError(
            f"Layer '{name}' has no field '{height_field}': choose the one that holds the heights of the buildings in"
            " metres."
        )
    path = export.new_file(".jsonl")
    write_footprint_lines(path, _footprints(source, field, export.feedback))
    return FootprintSource(name, path, wkt(source.sourceCrs()))


def _footprints(source, field, feedback):
    request = QgsFeatureRequest().setSubsetOfAttributes([field])
    for feature, polygon in polygons_of(source, request, feedback):
        rings = [[[point.x(), point.y()] for point in ring] for ring in polygon.asPolygon()]
        yield Footprint(as_number(feature.attribute(field)), rings)
