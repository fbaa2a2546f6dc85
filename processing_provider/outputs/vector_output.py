"""Features → a vector file with its style."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...contract.errors import UserError
from ...contract.full_disk import raise_if_full

DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}
"""The formats by suffix: those that keep field names, numbers and the CRS."""


def check_crs(path: str, crs: QgsCoordinateReferenceSystem, name: str) -> None:
    """Raise `UserError` when the format of `path` cannot hold this CRS (of the layer called `name`)."""
    if path.lower().endswith(".geojson") and not crs.authid().startswith("EPSG:"):
        raise UserError(
            f"GeoJSON can only name a CRS that has an EPSG code, and layer '{name}' has another one:"
            " choose a GeoPackage (.gpkg) as output."
        )


def write_vector(
    path: Union[str, Path],
    layer_name: str,
    fields: QgsFields,
    geometry_type: QgsWkbTypes.Type,
    crs: QgsCoordinateReferenceSystem,
    rows: Iterable[tuple[list, QgsGeometry]],
    style: Path,
    transform_context: QgsCoordinateTransformContext,
) -> None:
    """Write `rows`, pairs (attributes, `QgsGeometry`), to the new file `path` in `crs`, and the QML `style` beside it.

    `path` has a suffix of `DRIVERS` and comes from `finished_file`, as it is incomplete when this fails. GeoJSON keeps
    `crs` (in the `crs` member of the 2008 specification, which QGIS and GDAL read); it is not brought to WGS 84. Raises
    `UserError` when not all rows could be written.
    """
    path = Path(path)
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
        raise_if_full(path.parent)  # in words; the driver's own are SQL
        raise UserError(
            f"The layer '{layer_name}' could not be written completely into the folder '{path.parent}' ({reason}):"
            " free space on that disk or choose another output folder."
        )
    shutil.copyfile(style, path.with_suffix(".qml"))
