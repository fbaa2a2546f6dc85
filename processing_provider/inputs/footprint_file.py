"""Building footprints of a layer → the engine's file."""

from qgis.core import QgsFeatureRequest, QgsProcessingFeatureSource

from ...contract.errors import UserError
from ...contract.footprint_lines import Footprint, ScoredFootprint, write_footprint_lines
from ...contract.sources import FootprintSource
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
    lines = (Footprint(value, rings) for (value,), rings in _outlines(source, [field], export.feedback))
    write_footprint_lines(path, lines)
    return FootprintSource(name, path, wkt(source.sourceCrs()))


def write_scored_footprints(
    source: QgsProcessingFeatureSource, score_field: str, export: Export, height_field: str = ""
) -> FootprintSource:
    """Write the polygons of a layer with the scores and heights in fields, "" for none, to a file for the engine.

    Parts of a multipolygon are footprints of their own.
    """
    path = export.new_file(".jsonl")
    fields = [source.fields().lookupField(name) for name in (score_field, height_field)]
    outlines = _outlines(source, fields, export.feedback)
    write_footprint_lines(path, (ScoredFootprint(score, rings, height) for (score, height), rings in outlines))
    return FootprintSource(source.sourceName(), path, wkt(source.sourceCrs()))


def _outlines(source, fields, feedback):
    """Yield (numbers in `fields`, None for those below 0, which are none; rings) of all polygons."""
    request = QgsFeatureRequest().setSubsetOfAttributes([field for field in fields if field >= 0])
    for feature, polygon in polygons_of(source, request, feedback):
        rings = [[[point.x(), point.y()] for point in ring] for ring in polygon.asPolygon()]
        yield [as_number(feature.attribute(field)) if field >= 0 else None for field in fields], rings
