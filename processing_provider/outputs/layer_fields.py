"""Fields of vector layers, by the Python types of their values."""

from qgis.core import Qgis, QgsField, QgsFields
from qgis.PyQt.QtCore import QMetaType, QVariant

LONGEST_TEXT = 254
"""Bytes of a field of text: as many as a Shapefile holds."""

if Qgis.QGIS_VERSION_INT >= 33800:
    _QT_TYPES = {
        int: QMetaType.Type.Int,
        float: QMetaType.Type.Double,
        bool: QMetaType.Type.Bool,
        str: QMetaType.Type.QString,
    }
else:  # Qt 6 has no `QVariant.Type`
    _QT_TYPES = {
        int: QVariant.Type.Int,
        float: QVariant.Type.Double,
        bool: QVariant.Type.Bool,
        str: QVariant.Type.String,
    }


def layer_fields(types: dict[str, type]) -> QgsFields:
    """Return the fields of a layer; types: {name of the field: int, float, bool or str}, in their order."""
    fields = QgsFields()
    for name, kind in types.items():
        fields.append(QgsField(name, _QT_TYPES[kind], len=LONGEST_TEXT if kind is str else 0))
    return fields
