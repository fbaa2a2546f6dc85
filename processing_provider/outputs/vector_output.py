"""Features → a vector file."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...contract.errors import UserError
from ...contract.full_disk import raise_if_full
from ..inputs.ground_size import GLOBE, ruler
from .geopackage import file_of, is_complete, layer_of, layer_path
from .layer_fields import shapefile_fields

DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}
"""The formats by suffix: those that keep numbers and the CRS, and names of fields of up to ten characters."""

_MOST_MOVED = 0.01
"""Metres by which a format may move places, whose way of writing a CRS is another."""

LONG_NAMES = tuple(suffix for suffix in DRIVERS if suffix != ".shp")
"""Suffixes of those that keep longer names of fields, too."""


_NOWHERE = (
    'ENGCRS["Undefined Cartesian SRS",EDATUM["unknown"],CS[Cartesian,2],AXIS["easting",east,LENGTHUNIT["metre",1]],'
    'AXIS["northing",north,LENGTHUNIT["metre",1]]]'
)
"""What GeoPackages have for positions that are no places (srs_id -1), which QGIS shows as they are. Left to itself GDAL
calls them degrees (srs_id 0), which QGIS would lay on the map."""


def check_crs(path: str, crs: QgsCoordinateReferenceSystem, name: str, place: Optional[QgsPointXY] = None) -> None:
    """Raise `UserError` when the format of `path` cannot hold this CRS (of the layer called `name`).

    place: one of those that will be written; a point is written there to see, before anything runs for long.
    """
    if file_of(path).suffix.lower() == ".geojson" and not crs.authid().startswith("EPSG:"):
        raise UserError(
            f"GeoJSON can only name a CRS that has an EPSG code, and layer '{name}' has"
            f" {'another one' if crs.isValid() else 'none'}: choose a GeoPackage (.gpkg) as output."
        )
    if place is not None and crs.isValid():
        with TemporaryDirectory() as folder:
            probe = str(Path(folder) / file_of(path).name)
            rows, kind = [([], QgsGeometry.fromPointXY(place))], QgsWkbTypes.Type.Point
            write_vector(probe, probe, QgsFields(), kind, crs, rows, QgsCoordinateTransformContext())


def write_vector(
    new: Union[str, Path],
    path: str,
    fields: QgsFields,
    geometry_type: QgsWkbTypes.Type,
    crs: QgsCoordinateReferenceSystem,
    rows: Iterable[tuple[list, QgsGeometry]],
    transform_context: QgsCoordinateTransformContext,
) -> None:
    """Write `rows`, pairs (attributes, `QgsGeometry`), in `crs` to the file `new`, which becomes that of `path`.

    A CRS that is not valid is that of positions without a place on the map.

    `path` is an output of `destinations` with a suffix of `DRIVERS`; `new` is incomplete when this fails. GeoJSON keeps
    `crs` (in the `crs` member of the 2008 specification, which QGIS and GDAL read); it is not brought to WGS 84. Raises
    `UserError` when not all rows could be written.
    """
    new, file, layer = Path(new), file_of(path), layer_of(path)
    if file.suffix.lower() == ".shp":
        fields = shapefile_fields(fields)
    if file.suffix.lower() == ".gpkg" and not crs.isValid():
        crs = QgsCoordinateReferenceSystem.fromWkt(_NOWHERE)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = DRIVERS[file.suffix.lower()]
    options.layerName = layer
    options.fileEncoding = "UTF-8"
    writer = QgsVectorFileWriter.create(str(new), fields, geometry_type, crs, transform_context, options)
    count, somewhere = 0, None
    try:
        for attributes, geometry in rows:
            if somewhere is None and not geometry.isEmpty():
                somewhere = QgsPointXY(next(geometry.vertices()))
            feature = QgsFeature(fields)
            feature.setAttributes(attributes)
            feature.setGeometry(geometry)
            writer.addFeature(feature)
            count += 1
        writer.flushBuffer()
        reason = writer.errorMessage() or "it cannot be read back"
    finally:
        del writer  # closes the file: a full disk may only show now, and then only to who reads the file back
    if not _is_complete(new, layer, count):
        raise_if_full(new.parent)  # in words; the driver's own are SQL
        raise UserError(
            f"The layer '{layer}' could not be written completely into the folder '{new.parent}' ({reason}): free space"
            " on that disk or choose another output folder."
        )
    if somewhere is not None and crs.isValid() and not _keeps(new, layer, crs, somewhere):
        raise_if_full(new.parent)
        raise UserError(
            f"The format {DRIVERS[file.suffix.lower()]} cannot hold the coordinate reference system of the layer"
            f" '{layer}', '{crs.description() or crs.toProj()}', whose places would move: choose another format,"
            " or reproject the layers first."
        )


def _keeps(file, layer, crs, place):
    """Return whether a place is where it was, to a centimetre or so, by the CRS that a file says its layer has."""
    source = layer_path(str(file), layer) if file.suffix.lower() == ".gpkg" else str(file)
    written = QgsVectorLayer(source, layer, "ogr")
    if written.crs() == crs:
        return True
    globe, no_context = QgsCoordinateReferenceSystem(GLOBE), QgsCoordinateTransformContext()
    try:
        ways = [QgsCoordinateTransform(each, globe, no_context).transform(place) for each in (crs, written.crs())]
    except QgsCsException:
        return False
    return ruler().measureLine(*ways) < _MOST_MOVED


def _is_complete(file, layer, count):
    if file.suffix.lower() == ".gpkg":
        return is_complete(file, layer, count)
    written = QgsVectorLayer(str(file), layer, "ogr")
    return written.isValid() and written.featureCount() == count
