"""Files appear under their name when they are complete, or not at all.

What is temporary lies beside the final file (a rename within a folder is atomic, and the user chose that disk) as
`.sarbridge-<random>`. If the process is killed while it writes, somebody else has to remove it: `announce_to` tells
that somebody in time.
"""

import errno
import shutil
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Callable, Union

from .errors import UserError

SIDECARS = (".aux.xml", ".ovr", ".msk")
"""What GDAL and QGIS add to the name of a raster to keep statistics, overviews and its mask."""

STALE = {
    ".gpkg": (".gpkg-wal", ".gpkg-shm", ".gpkg-journal"),
    ".shp": (".qix", ".qpj", ".sbn", ".sbx"),
}
"""By suffix: what belongs to an older vector file, or was left by a program that crashed, and must not outlive it."""

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

FULL_DISK_BYTES = 64 * 1024
"""With less space left than this, a failed write is blamed on the disk: GDAL's errors do not carry the cause."""

_unfinished = set()
_lock = threading.Lock()
_announce = None


def announce_to(listener: Callable[[str], None]) -> None:
    """Have `listener(path)` called before each temporary file or folder is made, from whatever thread makes it."""
    global _announce
    _announce = listener


@contextmanager
def finished_file(path: Union[str, Path]) -> Iterator[Path]:
    """Yield a temporary `Path` in the folder of `path` (same suffix) that becomes `path` when the block ends well.

    Sidecars written beside the temporary file come along; sidecars of a file that is replaced go. When the block fails,
    the temporary files go and an existing `path` stays as it was. Raises UserError, naming the folder, when the folder
    is missing, read-only or full or when `path` cannot be replaced.
    """
    with finished_files([path]) as (temporary,):
        yield temporary


@contextmanager
def finished_files(paths: Iterable[Union[str, Path]]) -> Iterator[list[Path]]:
    """Yield a temporary path for each of `paths`, as `finished_file` does: all of them become files, or none does.

    Only where a rename itself fails (a file in use on Windows), those before it have happened.
    """
    paths = [Path(path).absolute() for path in paths]
    files = [_as_told_apart(path) for path in paths]
    twice = next((path for path, file in zip(paths, files) if files.count(file) > 1), None)
    if twice:
        raise UserError(f"Two outputs have the same name, '{twice}': choose another name for one of them.")
    with ExitStack() as stack:
        temporaries = [stack.enter_context(_temporary_path(path, path.suffix)) for path in paths]
        try:
            for temporary in temporaries:
                _try_writing(temporary)
            yield temporaries
            for path in paths:
                raise_if_full(path.parent)
            for temporary, path in zip(temporaries, paths):
                _move(temporary, path)
        except UserError:
            raise
        except Exception as error:
            full = [path.parent for path in paths if _is_full(path.parent)]
            if full or getattr(error, "errno", None) in NO_SPACE:
                raise UserError(_full_disk(full[0] if full else paths[0].parent)) from error
            raise


def _as_told_apart(path):
    """Return the path as text, the same for all paths of one file: to Windows and macOS, A.tif and a.tif are one."""
    return str(path).casefold() if sys.platform in ("win32", "darwin") else str(path)


@contextmanager
def scratch_folder(path: Union[str, Path]) -> Iterator[Path]:
    """Yield a new folder beside the file `path`, for what is needed on the way to it; it is gone afterwards.

    Raises UserError, naming the folder of `path`, when that is missing, read-only or full.
    """
    with _temporary_path(Path(path).absolute()) as folder:
        _try_writing(folder)
        folder.mkdir()
        yield folder


@contextmanager
def _temporary_path(path, suffix=""):
    """Yield a name beside `path` that nobody uses, announced; whatever has that name afterwards is removed."""
    temporary = path.with_name(f".sarbridge-{uuid.uuid4().hex}{suffix}")
    with _lock:
        _unfinished.add(temporary)
    try:
        if _announce is not None:
            _announce(str(temporary))
        yield temporary
    finally:
        remove_unfinished(temporary)
        with _lock:
            _unfinished.discard(temporary)


def remove_unfinished(temporary: Union[str, Path]) -> None:
    """Remove a temporary file or folder and what lies beside it under its name; nothing happens where nothing is."""
    temporary = Path(temporary)
    for leftover in temporary.parent.glob(f"{temporary.stem}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            with suppress(OSError):
                leftover.unlink()


def remove_all_unfinished() -> None:
    """Remove what is temporary of this process and let no new one begin: for a process about to exit at once."""
    _lock.acquire()
    for temporary in _unfinished:
        remove_unfinished(temporary)


def _try_writing(temporary):
    """Find out now, with the cause, what GDAL would report late and without it."""
    folder = temporary.parent
    try:
        temporary.write_bytes(b"\0")
        temporary.unlink()
    except OSError as error:
        if error.errno in NO_SPACE:
            raise UserError(_full_disk(folder)) from error
        if not folder.is_dir():
            raise UserError(f"The folder '{folder}' does not exist: choose another output folder.") from error
        raise UserError(
            f"The folder '{folder}' cannot be written to ({error.strerror}): choose another output folder or change "
            "its permissions."
        ) from error


def _move(temporary, path):
    try:
        temporary.replace(path)
        for ending in SIDECARS:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        for ending in STALE.get(path.suffix.lower(), ()):
            path.with_suffix(ending).unlink(missing_ok=True)
        for sidecar in path.parent.glob(f"{temporary.stem}*"):
            sidecar.replace(path.with_name(path.stem + sidecar.name[len(temporary.stem) :]))
    except FileNotFoundError:
        raise  # the block wrote nothing: a bug
    except OSError as error:
        raise UserError(
            f"The file '{path}' cannot be replaced ({error.strerror}): remove its layer from the project or close it "
            "in other programs, or choose another output file."
        ) from error


def _is_full(folder):
    try:
        return shutil.disk_usage(folder).free < FULL_DISK_BYTES
    except OSError:
        return False


def raise_if_full(folder: Path) -> None:
    """Raise `UserError` when hardly any space is left on the disk of `folder`.

    GDAL may close a truncated file without an error, so that a file which just fits counts as failed as well.
    """
    if _is_full(folder):
        raise UserError(_full_disk(folder))


def _full_disk(folder):
    return f"The disk that holds the folder '{folder}' is full: free some space or choose another output folder."
