"""Tie points as QGIS features: the rows of the engine → points and shift vectors, and back → pairs of positions."""

from qgis.core import (
    QgsFeatureRequest,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ..engine.errors import UserError
from ..engine.matching.tie_points import FIELDS

POINT, LINE = QgsWkbTypes.Type.Point, QgsWkbTypes.Type.LineString

_TYPES = {"id": QVariant.Int, "accepted": QVariant.Bool, "reason": QVariant.String}
_POSITION = ("sar_x", "sar_y", "opt_x", "opt_y", "length_m")
_TRUE = ("true", "1", "t")
"""How formats without booleans (Shapefile, text) spell `accepted`, in lower case."""


def tie_point_fields():
    """Return the fields of a tie-point layer, in the order of `FIELDS`; no name is longer than a Shapefile allows."""
    fields = QgsFields()
    for name in FIELDS:
        kind = _TYPES.get(name, QVariant.Double)
        fields.append(QgsField(name, kind, len=20 if kind == QVariant.String else 0))
    return fields


def points(rows):
    """Yield (attributes, geometry) of each row: a point at its SAR position, in the SAR layer's CRS."""
    for row in rows:
        yield [row[name] for name in FIELDS], QgsGeometry.fromPointXY(QgsPointXY(row["sar_x"], row["sar_y"]))


def shift_vectors(rows, optical_to_sar):
    """Yield (attributes, geometry) of each row that was matched: a line from its optical to its SAR position.

    `optical_to_sar` is a `QgsCoordinateTransform`; the lines are in the SAR layer's CRS.
    """
    for row in rows:
        if row["dx_px"] is None:
            continue
        start = optical_to_sar.transform(QgsPointXY(row["opt_x"], row["opt_y"]))
        line = QgsGeometry.fromPolylineXY([start, QgsPointXY(row["sar_x"], row["sar_y"])])
        yield [row[name] for name in FIELDS], line


def accepted_positions(source, name):
    """Return (sar_x, sar_y, opt_x, opt_y, length_m) of the accepted points of a feature source called `name`.

    Raises `UserError` when a field is missing or an accepted point has no position.
    """
    fields = source.fields()
    missing = [field for field in _POSITION + ("accepted",) if fields.lookupField(field) < 0]
    if missing:
        raise UserError(
            f"Layer '{name}' lacks the field {', '.join(missing)}: choose tie points made by Match tie points."
        )
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    positions = []
    for feature in source.getFeatures(request):
        if str(feature["accepted"]).lower() not in _TRUE:
            continue
        try:
            positions.append(tuple(float(feature[field]) for field in _POSITION))
        except (TypeError, ValueError):
            raise UserError(
                f"Layer '{name}' has an accepted point without positions (feature {feature.id()}): complete it or set"
                " accepted to false."
            ) from None
    return tuple(positions)
