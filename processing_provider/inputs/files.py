"""The files that an input is made of, however far its references go."""

import html
import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from osgeo import gdal

from ..gdal_results import or_none

_DELIMITER = re.compile(r"""[\\/|:;,="'?&(){}<>\s]""")
_MOST_DELIMITERS, _MOST_WITHIN_A_NAME = 2000, 40
"""In one piece of text (the source of a virtual layer holds many names), and within the name of a file."""

_REFERRING = re.compile(rb"<(?:OGR)?VRTData|<MRF_META|<GDALTileIndexDataset|<VSISparseFile", re.IGNORECASE)
"""How files begin whose text names others. It is searched and not parsed: no entity that it declares has any effect."""

_HEAD, _LONGEST = 2**12, 2**26
"""Bytes that are looked at to know such a file, and at most for names."""

_DEEPEST = 8
"""How often a virtual raster may be written within another, escaped once more each time."""

_WITHIN_FILES = ("/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/", "/vsisubfile/", "/vsisparse/")


def files_behind(text: str) -> Iterator[Path]:
    """Yield the files that a source is made of, each once: `text` is a path, or whatever else QGIS and GDAL open.

    Those that it names (subdatasets, archives, databases), those that GDAL says belong to it, those that a virtual
    raster or vector layer refers to, and what is behind them. Remote ones are left out.
    """
    seen, waiting = set(), deque(_named_in(text, Path()))  # in order: an image comes before the files beside it
    waiting += [*_named_in_markup(text, ()), *_listed_by_gdal(text.split("|")[0])]
    while waiting:
        path = waiting.popleft()
        identity = _identity(path)
        if identity and identity not in seen:
            seen.add(identity)
            yield path
            waiting += [*_listed_by_gdal(str(path)), *_referred_to_by(path)]


def is_same_file(path: Path, other: Path) -> bool:
    """Return whether two paths lead to one file, by links or in any spelling; one that does not exist is none."""
    return _identity(path) is not None and _identity(path) == _identity(other)


def _identity(path):
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None  # to open a pipe is to wait


def _named_in(text, folder):
    """Yield the paths of files that a text names: as a whole, or between any two of its delimiters."""
    for spelling in dict.fromkeys((text, unquote(text))):
        ends = [found.start() for found in _DELIMITER.finditer(spelling)][:_MOST_DELIMITERS]
        for number, start in enumerate((0, *(end + 1 for end in ends))):
            for end in (*ends[number : number + _MOST_WITHIN_A_NAME], len(spelling)):
                path = os.path.join(folder, spelling[start:end])  # noqa: PTH118 - far slower, and there are many
                if os.path.isfile(path):  # noqa: PTH113
                    yield Path(path)


def _listed_by_gdal(text):
    """Yield the files that GDAL lists for a local file or folder, or for what it opens within or beside one."""
    is_local = text.startswith(_WITHIN_FILES) or _identity(Path(text)) or os.path.isdir(text)  # noqa: PTH112 - no error
    if not is_local and ("://" in text or ":" not in text):
        return
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = or_none(gdal.OpenEx, text, gdal.OF_RASTER | gdal.OF_VECTOR)
        for listed in (dataset and dataset.GetFileList()) or ():
            yield from _named_in(listed, Path())
    finally:
        gdal.PopErrorHandler()


def _referred_to_by(path):
    """Yield the files that a virtual layer names: GDAL lists the nearest only, and no subdatasets."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(_HEAD)
        if _REFERRING.search(head):
            text = (head + file.read(_LONGEST)).decode("utf-8", "replace")
            yield from _named_in_markup(text, [path.parent])


def _named_in_markup(text, folders):
    """Yield the paths of files that XML names, relative to the folders or where QGIS runs, also in XML within it."""
    for _ in range(_DEEPEST if "<" in text else 0):
        for piece in dict.fromkeys(re.split(r"[<>\"]", text)):
            for folder in (*folders, Path()) if any(map(str.isalpha, piece)) else ():
                yield from _named_in(piece, folder)
        text, before = html.unescape(text), text
        if text == before:
            return
