"""GeoPackages that hold more than the layer that is written: everything else in them stays."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from osgeo import gdal, ogr

from ...contract.errors import UserError
from ...contract.full_disk import full_disk
from ..gdal_results import or_none

_SEPARATOR = "|layername="
_SQLITE = b"SQLite format 3\0"
_RESERVED = re.compile(r"gpkg|sqlite_|rtree_|[^\w]", re.IGNORECASE)
"""How no layer's name may begin: GDAL and SQLite refuse it."""


def layer_path(file: str, layer: str) -> str:
    """Return how QGIS names a layer of a GeoPackage."""
    return f"{file}{_SEPARATOR}{layer}"


def names_layer(path: str) -> bool:
    """Return whether an output is a layer in a GeoPackage that may hold others."""
    return _SEPARATOR in path


def file_of(path: str) -> Path:
    """Return the file of an output that may be a layer of a GeoPackage."""
    return Path(path.partition(_SEPARATOR)[0])


def layer_of(path: str) -> str:
    """Return the name of the layer of an output: the one that `path` gives it, else that of its file."""
    file, _, layer = path.partition(_SEPARATOR)
    return layer or default_layer(Path(file))


def default_layer(file: Path) -> str:
    """Return what a layer is called after its file."""
    return f"_{file.stem}" if _RESERVED.match(file.stem) else file.stem


def check_layer(called: str, file: Path, layer: str, is_table: bool = False) -> bool:
    """Return whether the GeoPackage `file` holds more than the layer that the output `called` so adds or replaces.

    A layer replaces a vector layer, one without geometry (`is_table`) another table too. Raises `UserError` for a name
    that no layer may have, for one that something else has, and for a database that is no GeoPackage or cannot be read.
    What is no database at all is replaced as any file is.
    """
    if _RESERVED.match(layer):
        raise UserError(f"{called}: no layer of a GeoPackage can be called '{layer}': begin its name with a letter.")
    if re.search("%[0-9a-fA-F]{2}", str(file)):
        raise UserError(
            f"{called}: GDAL cannot open GeoPackages with a % as in '{file}': choose another name or folder."
        )
    if not is_database(file):
        return False
    with _opened(file) as database:
        kinds = {
            name.lower(): kind for name, kind in database.execute("SELECT table_name, data_type FROM gpkg_contents")
        }
        names = {name.lower() for (name,) in database.execute("SELECT name FROM sqlite_master")}
    replaceable = {"features", "attributes"} if is_table else {"features"}
    if layer.lower() in names and kinds.get(layer.lower()) not in replaceable:
        raise UserError(
            f"{called}: '{layer}' in the GeoPackage '{file}' is no vector layer that could be replaced: choose another"
            " file or another name for the layer."
        )
    return bool(kinds.keys() - {layer.lower()})


def is_database(file: Path) -> bool:
    """Return whether a file exists and is an SQLite database."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


@contextmanager
def layer_added(new: Path, file: Path, layer: str) -> Iterator[None]:
    """Have the layer of the GeoPackage `new` in the GeoPackage `file`, in place of one of its name, after the block.

    All is one transaction, which ends with the block and has no effect when that fails. The file itself is never
    replaced: who has it open, as QGIS has that edits another layer, would go on with a file that is no more. Raises
    `UserError` where another program keeps it locked, where it cannot be written, and where the disk is full.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        package = _call(file, ogr.Open, str(file), 1)
        _call(file, package.StartTransaction)
        try:
            _copy_layer(new, package, file, layer)
            yield
            _call(file, package.CommitTransaction)
        except BaseException:
            or_none(package.RollbackTransaction)
            raise
        finally:
            del package  # closes it
    finally:
        gdal.PopErrorHandler()


def _copy_layer(new, package, file, layer):
    """Copy feature by feature: what GDAL has for all of them begins a transaction of its own."""
    opened = _call(file, ogr.Open, str(new))
    source = opened.GetLayer(0)
    names = [package.GetLayer(number).GetName().lower() for number in range(package.GetLayerCount())]
    if layer.lower() in names:
        _call(file, package.DeleteLayer, names.index(layer.lower()))
    columns = [f"GEOMETRY_NAME={source.GetGeometryColumn()}", f"FID={source.GetFIDColumn()}"]
    copy = _call(file, package.CreateLayer, layer, source.GetSpatialRef(), source.GetGeomType(), columns)
    definition = source.GetLayerDefn()
    for number in range(definition.GetFieldCount()):
        _call(file, copy.CreateField, definition.GetFieldDefn(number))
    for feature in source:
        _call(file, copy.CreateFeature, feature)
    _call(file, copy.SyncToDisk)  # makes the spatial index


def _call(file, call, *arguments):
    """Return what a call of GDAL returns; `UserError` with its reason where it fails, whether or not it raises."""
    gdal.ErrorReset()
    try:
        result = call(*arguments)
        failed, reason = gdal.GetLastErrorType() >= gdal.CE_Failure, gdal.GetLastErrorMsg()
    except RuntimeError as error:
        failed, reason = True, str(error)
    if failed:
        reason = reason.rpartition("failed: ")[2]  # before it GDAL repeats its SQL
        raise full_disk(file.parent) if "is full" in reason else _not_added(file, reason)
    return result


def _not_added(file, reason):
    return UserError(
        f"The GeoPackage '{file}' cannot take the layer ({reason}): close it in other programs, or choose another"
        " output file."
    )


def is_complete(file: Path, layer: str, count: int) -> bool:
    """Return whether a layer of a GeoPackage holds `count` features, all in its spatial index where it has geometry."""
    try:
        with _opened(file) as database:
            query = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
            indices = [f"rtree_{layer}_{column}" for (column,) in database.execute(query, [layer])]
            tables = [name.replace('"', '""') for name in (layer, *indices)]
            return all(database.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (count,) for name in tables)
    except (UserError, sqlite3.Error, ValueError):
        return False


@contextmanager
def _opened(file) -> Iterator[sqlite3.Connection]:
    """Yield a GeoPackage, open for reading; `UserError` where SQLite finds something wrong."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("SELECT 1 FROM gpkg_contents, gpkg_spatial_ref_sys")
            yield database
    except sqlite3.Error as error:
        raise UserError(
            f"The file '{file}' is no GeoPackage to which a layer can be added ({error}): choose another output file,"
            " or close it in other programs."
        ) from error
