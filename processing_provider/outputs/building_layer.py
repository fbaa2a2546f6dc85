"""Buildings as QGIS features: the engine's files of footprints → polygons with heights, or with what was measured."""

from collections.abc import Iterator

from qgis.core import QgsFields, QgsGeometry, QgsPointXY

from ...contract.footprint_lines import FoundBuilding, read_footprint_lines
from .layer_fields import layer_fields

_MEASURED = tuple(name for name in FoundBuilding._fields if name != "rings")


def building_fields() -> QgsFields:
    """Return the fields of a layer of buildings."""
    return layer_fields({"id": int, "height": float})


def buildings(path: str) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each building in the engine's file."""
    for number, building in enumerate(read_footprint_lines(path), 1):
        yield [number, building.height], _polygon(building.rings)


def found_building_fields() -> QgsFields:
    """Return the fields of a layer of buildings that were found in an image."""
    return layer_fields({"id": int, **dict.fromkeys(_MEASURED, float)})


def found_buildings(path: str) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each building in the engine's file of `FoundBuilding` lines."""
    for number, building in enumerate(read_footprint_lines(path, FoundBuilding), 1):
        yield [number, *(getattr(building, name) for name in _MEASURED)], _polygon(building.rings)


def _polygon(rings):
    return QgsGeometry.fromPolygonXY([[QgsPointXY(x, y) for x, y in ring] for ring in rings])
