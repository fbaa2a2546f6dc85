"""The files that an opened raster is made of, watched while it is read: who replaces one gets another image."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from rasterio.io import DatasetReader

from ...contract.errors import UserError

_STATISTICS = ".aux.xml"  # QGIS writes them whenever it shows the layer
_REMOTE = re.compile(r"://|/vsi(curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)", re.IGNORECASE)
_REFERENCE = re.compile(rb"<Source(?:Filename|Dataset)[^>]*>([^<]+)<")


class WatchedFiles:
    """The local files of an opened raster as they were when this was made, those behind virtual rasters too."""

    def __init__(self, dataset: DatasetReader) -> None:
        self._states = {path: _state(path) for path in _files(dataset)}

    def check(self, name: str, error: Optional[Exception] = None) -> None:
        """Raise `UserError`, from `error`, when a file of the layer called `name` is not the same any more."""
        for path, state in self._states.items():
            if _state(path) != state:
                raise UserError(
                    f"Layer '{name}' was changed while it was read ({path}): run again when nothing writes to it."
                ) from error


def _files(dataset: DatasetReader) -> Iterator[Path]:
    if _REMOTE.search(dataset.name):
        return  # every look at it would be a request
    seen, waiting = set(), [dataset.name] if dataset.driver == "VRT" else dataset.files
    while waiting:
        name = waiting.pop()
        if name.startswith("<"):  # a virtual raster that is in no file
            waiting.extend(_referred_to_by(name.encode(), Path()))
            continue
        path = _on_disk(name)
        if path and path not in seen:
            seen.add(path)
            yield path
            if path.suffix.lower() == ".vrt":
                waiting.extend(_referred_to_by(path.read_bytes(), path.parent))


def _referred_to_by(xml, folder):
    """Yield what a virtual raster refers to, which need not exist; GDAL would look for all of it, far away too."""
    for found in _REFERENCE.finditer(xml):
        name = html.unescape(found[1].decode("utf-8", "replace"))
        if not _REMOTE.search(name):
            yield from (str(folder / name), name)


def _on_disk(name):
    """Return the file of a path of GDAL, of an archive that GDAL looks into as well; None where there is none."""
    path = Path(name)
    while len(path.parts) > 1 and path.parts[1].startswith("vsi"):
        path = Path("/", *path.parts[2:])
    if name.endswith(_STATISTICS):
        return None
    return next((each for each in (path, *path.parents) if each.is_file()), None)


def _state(path):
    """What must not change; of a virtual raster what it refers to, as GDAL keeps its statistics in the file itself."""
    try:
        if path.suffix.lower() == ".vrt":
            return _REFERENCE.findall(path.read_bytes())
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
