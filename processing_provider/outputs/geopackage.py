"""GeoPackages that hold more than the layer that is written: everything else in them stays."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ...contract.errors import UserError
from ...contract.full_disk import full_disk

_SEPARATOR = "|layername="
_SQLITE = b"SQLite format 3\0"
_RESERVED = re.compile(r"gpkg|sqlite_|rtree_|[^\w]", re.IGNORECASE)
"""How no layer's name may begin: GDAL and SQLite refuse it."""

_LOCKED = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED, which Python names from 3.11 on."""


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


def check_layer(called: str, file: Path, layer: str) -> bool:
    """Return whether the GeoPackage `file` holds more than the layer that the output `called` so adds or replaces.

    Raises `UserError` for a name that no layer may have, for one that something else than a vector layer has, and for a
    database that is no GeoPackage or cannot be read. What is no database at all is replaced as any file is.
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
    if layer.lower() in names and kinds.get(layer.lower()) != "features":
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


def copy_geopackage(file: Path, new: Path) -> None:
    """Copy a GeoPackage as it is now, with what its users have committed and SQLite has not yet moved into it.

    Raises `UserError` where the disk is too small for the copy, or another program keeps one of the two locked.
    """
    with _opened(file) as database, closing(sqlite3.connect(new)) as copy:
        try:
            database.backup(copy, progress=_refuse_to_wait)
        except sqlite3.OperationalError as error:
            if "full" in str(error):  # SQLite's name for it; nothing else tells, as it gives the space back at once
                raise full_disk(new.parent) from error
            raise


def _refuse_to_wait(status: int, pages_left: int, pages: int) -> None:
    """Python tries again for ever where SQLite's own patience, five seconds, has already run out."""
    if status in _LOCKED:
        raise sqlite3.OperationalError("database is locked")


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
