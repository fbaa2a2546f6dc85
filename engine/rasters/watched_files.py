"""The files that an opened raster is made of, watched while it is read: who replaces one gets another image."""

from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.io import DatasetReader

from ...contract.errors import UserError

_STATISTICS = ".aux.xml"  # QGIS writes them whenever it shows the layer


class WatchedFiles:
    """The local files of an opened raster as they were when this was made, those behind virtual rasters too."""

    def __init__(self, dataset: DatasetReader) -> None:
        self._states = {path: _state(path) for path in _files(dataset, set())}

    def check(self, name: str, error: Optional[Exception] = None) -> None:
        """Raise `UserError`, from `error`, when a file of the layer called `name` is not the same any more."""
        for path, state in self._states.items():
            if _state(path) != state:
                raise UserError(
                    f"Layer '{name}' was changed while it was read ({path}): run again when nothing writes to it."
                ) from error


def _files(dataset: DatasetReader, seen: set[str]) -> Iterator[Path]:
    for file in dataset.files:
        if file in seen or file.endswith(_STATISTICS):
            continue
        seen.add(file)
        path = _on_disk(file)
        if path:
            yield path
        if file.lower().endswith(".vrt") and file != dataset.name:
            yield from _behind(file, seen)


def _behind(file, seen):
    try:
        with rasterio.open(file) as dataset:
            yield from _files(dataset, seen)
    except (RasterioError, RasterioIOError):
        return  # whoever reads it gets the error


def _on_disk(file):
    """Return the file of a path of GDAL, of an archive that GDAL looks into as well; None where there is none."""
    path = Path(file)
    while len(path.parts) > 1 and path.parts[1].startswith("vsi"):
        path = Path("/", *path.parts[2:])
    return next((each for each in (path, *path.parents) if each.is_file()), None)


def _state(path):
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
