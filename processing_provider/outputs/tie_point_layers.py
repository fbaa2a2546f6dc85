"""Tie points as QGIS features: the rows of the engine → points and shift vectors."""

from collections.abc import Iterable, Iterator
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ...contract.tie_points import FIELDS

POINT, LINE = QgsWkbTypes.Type.Point, QgsWkbTypes.Type.LineString

_TYPES = {"id": QVariant.Int, "accepted": QVariant.Bool, "reason": QVariant.String}


def tie_point_fields() -> QgsFields:
    """Return the fields of a tie-point layer, in the order of `FIELDS`; no name is longer than a Shapefile allows."""
    fields = QgsFields()
    for name in FIELDS:
        kind = _TYPES.get(name, QVariant.Double)
        fields.append(QgsField(name, kind, len=20 if kind == QVariant.String else 0))
    return fields


def points(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, geometry) of each row: a point at its SAR position, in the SAR layer's CRS."""
    for row in rows:
        yield [row[name] for name in FIELDS], QgsGeometry.fromPointXY(QgsPointXY(row["sar_x"], row["sar_y"]))


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
        yield [row[name] for name in FIELDS], line
