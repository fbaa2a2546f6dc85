"""Tie points as QGIS features: the rows of the engine → points and shift vectors."""

from collections.abc import Iterable, Iterator
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsWkbTypes,
)

from ...contract.tie_points import FIELDS, ORIGIN
from .layer_fields import layer_fields

POINT, LINE = QgsWkbTypes.Type.Point, QgsWkbTypes.Type.LineString

_TYPES = {"id": int, "accepted": bool, "reason": str, **dict.fromkeys(ORIGIN, str)}


def tie_point_fields() -> QgsFields:
    """Return the fields of a tie-point layer: `FIELDS` and `ORIGIN`; no name is longer than a Shapefile allows."""
    return layer_fields({name: _TYPES.get(name, float) for name in (*FIELDS, *ORIGIN)})


def points(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each row: a point at its SAR position, in the SAR layer's CRS."""
    for row in rows:
        yield _attributes(row), QgsGeometry.fromPointXY(QgsPointXY(row["sar_x"], row["sar_y"]))


def shift_vectors(
    rows: Iterable[dict[str, Any]], optical_to_sar: QgsCoordinateTransform
) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each row that was matched: a line from its optical to its SAR position.

    The lines are in the SAR layer's CRS.
    """
    for row in rows:
        if row["dx_px"] is None:
            continue
        start = optical_to_sar.transform(QgsPointXY(row["opt_x"], row["opt_y"]))
        line = QgsGeometry.fromPolylineXY([start, QgsPointXY(row["sar_x"], row["sar_y"])])
        yield _attributes(row), line


def _attributes(row):
    return [row[name] for name in FIELDS] + [row.get(name) for name in ORIGIN]
