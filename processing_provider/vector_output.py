"""Features → a vector file with its style: complete under its name, or not there at all."""

import shutil
from pathlib import Path

from qgis.core import QgsFeature, QgsVectorFileWriter, QgsVectorLayer

from ..engine.errors import UserError
from ..engine.finished_file import finished_file

DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}
"""The formats by suffix: those that keep field names, numbers and the CRS."""

_STALE = {
    ".gpkg": (".gpkg-wal", ".gpkg-shm", ".gpkg-journal"),
    ".shp": (".qix", ".qpj", ".sbn", ".sbx"),
}
"""What an older file of that name, or a program that crashed, may have left and would be read with the new file."""


def check_crs(path, crs, name):
    """Raise `UserError` when the format of `path` cannot hold this CRS (of the layer called `name`)."""
    if path.lower().endswith(".geojson") and not crs.authid().startswith("EPSG:"):
        raise UserError(
            f"GeoJSON can only name a CRS that has an EPSG code, and layer '{name}' has another one:"
            " choose a GeoPackage (.gpkg) as output."
        )


def write_vector(path, fields, geometry_type, crs, rows, style, transform_context):
    """Write `rows`, pairs (attributes, `QgsGeometry`), to `path` in `crs`, and the QML `style` beside it.

    `path` has a suffix of `DRIVERS`. An older file stays until the new one is complete. GeoJSON keeps `crs` (in the
    `crs` member of the 2008 specification, which QGIS and GDAL read); it is not brought to WGS 84. Raises `UserError`
    when the folder cannot be written, is full or holds a file of that name that cannot be replaced.
    """
    path = Path(path)
    with finished_file(path) as new_path:
        _write(new_path, path.stem, fields, geometry_type, crs, rows, transform_context)
        shutil.copyfile(style, new_path.with_suffix(".qml"))
        for stale in _STALE.get(path.suffix.lower(), ()):
            path.with_suffix(stale).unlink(missing_ok=True)


def _write(path, layer_name, fields, geometry_type, crs, rows, transform_context):
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = DRIVERS[path.suffix.lower()]
    options.layerName = layer_name
    options.fileEncoding = "UTF-8"
    writer = QgsVectorFileWriter.create(str(path), fields, geometry_type, crs, transform_context, options)
    count = 0
    try:
        for attributes, geometry in rows:
            feature = QgsFeature(fields)
            feature.setAttributes(attributes)
            feature.setGeometry(geometry)
            writer.addFeature(feature)
            count += 1
        writer.flushBuffer()
        reason = writer.errorMessage() or "it cannot be read back"
    finally:
        del writer  # closes the file: a full disk may only show now, and then only to who reads the file back
    written = QgsVectorLayer(str(path), layer_name, "ogr")
    if not written.isValid() or written.featureCount() != count:
        raise UserError(
            f"The layer '{layer_name}' could not be written completely into the folder '{path.parent}' ({reason}):"
            " free space on that disk or choose another output folder."
        )
