"""Buildings as QGIS features: the engine's file of footprints → polygons with heights."""

from collections.abc import Iterator

from qgis.core import QgsFields, QgsGeometry, QgsPointXY

from ...contract.footprint_lines import read_footprint_lines
from .layer_fields import layer_fields


def building_fields() -> QgsFields:
    """Return the fields of a layer of buildings."""
    return layer_fields({"id": int, "height": float})


def buildings(path: str) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each building in the engine's file."""
    for number, building in enumerate(read_footprint_lines(path), 1):
        rings = [[QgsPointXY(x, y) for x, y in ring] for ring in building.rings]
        yield [number, building.height], QgsGeometry.fromPolygonXY(rings)
