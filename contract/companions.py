"""Files that stand beside another under its name and are a part of it."""

import os
from pathlib import Path

_AFTER_ITS_NAME = (".aux.xml", ".ovr", ".msk")
"""What GDAL and QGIS add to the name of a raster: statistics, overviews and its mask."""

_OF_A_DATABASE = ("-wal", "-shm", "-journal")
_OF_A_SHAPEFILE = (".dbf", ".shx", ".prj", ".cpg", ".qix", ".qpj", ".sbn", ".sbx")

LONGEST_ENDING = max(map(len, _AFTER_ITS_NAME + _OF_A_DATABASE))
"""By how many characters the name of a companion may be longer than that of its file."""


def companions(path: Path) -> list[Path]:
    """Return the existing files that are a part of the file `path`, or will be taken for one if it is made.

    They must not outlive a file that is replaced.
    """
    return _named_after(path, _AFTER_ITS_NAME) + _parts_of_database(path) + _parts_of_shapefile(path)


def parts_of_others(path: Path) -> list[Path]:
    """Return the existing files that a new file `path` would need as its parts: tables, `.prj` files of other data.

    A `-wal` without its database holds what somebody committed.
    """
    return [] if os.path.lexists(path) else _parts_of_shapefile(path) + _parts_of_database(path)


def _named_after(path, endings):
    return [other for other in (path.with_name(path.name + ending) for ending in endings) if os.path.lexists(other)]


def _parts_of_database(path):
    return _named_after(path, _OF_A_DATABASE if path.suffix.lower() == ".gpkg" else ())


def _parts_of_shapefile(path):
    endings = _OF_A_SHAPEFILE if path.suffix.lower() == ".shp" else ()
    return [other for other in map(path.with_suffix, endings) if os.path.lexists(other)]
