"""Fields of vector layers, by the Python types of their values."""

from qgis.core import Qgis, QgsField, QgsFields
from qgis.PyQt.QtCore import QMetaType, QVariant

LONGEST_TEXT = 254
"""Bytes of a field of text: as many as a Shapefile holds."""

_SHAPEFILE_WIDTH, _SHAPEFILE_DECIMALS = 24, 11
"""Characters of a number in a Shapefile, and its decimals. By default there are 15 of them, which leave none for the
longest coordinates: GDAL cuts those off and calls each of them not written."""

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


def shapefile_fields(fields: QgsFields) -> QgsFields:
    """Return the fields as a Shapefile can hold them: coordinates of any length with a thousandth of a millimetre."""
    held = QgsFields()
    for field in fields.toList():
        if field.type() == _QT_TYPES[float]:
            field.setLength(_SHAPEFILE_WIDTH)
            field.setPrecision(_SHAPEFILE_DECIMALS)
        held.append(field)
    return held
