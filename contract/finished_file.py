"""Files appear under their name when they are complete, or not at all.

What is temporary lies beside the final file (a rename within a folder is atomic, and the user chose that disk) as
`.sarbridge-<random>`. If the process is killed while it writes, somebody else has to remove it: `announce_to` tells
that somebody in time.
"""

import os
import re
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Callable, Union

from .companions import parts_of_others
from .errors import UserError
from .full_disk import NO_SPACE, full_disk, full_disk_in_words
from .renames import TEMPORARY, rename_all, temporary_name

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

    Companions written beside the temporary file come along; those of a file that is replaced go. When the block fails,
    the temporary files go and an existing `path` stays as it was. Raises UserError, naming the folder, when the folder
    is missing, read-only or full or when `path` cannot be replaced.
    """
    with finished_files([path]) as (temporary,):
        yield temporary


@contextmanager
def finished_files(paths: Iterable[Union[str, Path]], staying: Collection[Path] = ()) -> Iterator[list[Path]]:
    """Yield a temporary path for each of `paths`, as `finished_file` does: all of them become files, or none does.

    Of those in `staying`, absolute paths of files that are not to be replaced, only new companions come along.
    """
    paths = [Path(path).absolute() for path in paths]
    folders = list(dict.fromkeys(path.parent for path in paths))
    with ExitStack() as stack:
        temporaries = [stack.enter_context(temporary_path(path, path.suffix)) for path in paths]
        for temporary in temporaries:
            _try_writing(temporary)
        with full_disk_in_words(folders):
            refuse_same_names(paths)
            _refuse_parts_of_others(paths)
            yield temporaries
        _rename(temporaries, paths, staying)


@contextmanager
def scratch_folder(path: Union[str, Path]) -> Iterator[Path]:
    """Yield a new folder beside the file `path`, for what is needed on the way to it; it is gone afterwards.

    Raises UserError, naming the folder of `path`, when that is missing, read-only or full.
    """
    path = Path(path).absolute()
    with temporary_path(path) as folder:
        _try_writing(folder)
        with full_disk_in_words([path.parent]):  # within: what is removed with the folder makes room
            folder.mkdir(mode=0o700)
            yield folder


@contextmanager
def temporary_path(path: Path, suffix: str = "") -> Iterator[Path]:
    """Yield a name beside `path` that nobody uses, announced; whatever has that name afterwards is removed."""
    temporary = temporary_name(path, suffix)
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


def is_temporary(path: Union[str, Path]) -> bool:
    """Return whether a path has the name of a temporary file or folder of ours."""
    return re.fullmatch(re.escape(TEMPORARY) + r"[0-9a-f]{32}(\.\w+)?", Path(path).name) is not None


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
            raise full_disk(folder) from error
        if not folder.is_dir():
            raise UserError(f"The folder '{folder}' does not exist: choose another output folder.") from error
        raise UserError(
            f"The folder '{folder}' cannot be written to ({error.strerror}): choose another output folder or change "
            "its permissions."
        ) from error


def refuse_same_names(paths: Sequence[Path]) -> None:
    """Raise `UserError` where two paths, in folders that can be written to, are one file."""
    if len(paths) < 2:
        return
    files = [_as_told_apart(path) for path in paths]
    twice = next((path for path, file in zip(paths, files) if files.count(file) > 1), None)
    if twice:
        raise UserError(f"Two outputs have the same name, '{twice}': choose another name for one of them.")


def _as_told_apart(path):
    """Return (folder, name), the same for all paths of one file, whatever links and `..` lead to its folder."""
    folder = os.path.realpath(path.parent)
    return folder, path.name.casefold() if _ignores_case(path.parent) else path.name


def _ignores_case(folder):
    """Return whether A.tif and a.tif are one file in a folder that can be written to."""
    with temporary_path(folder / "probe") as probe:
        probe.touch()
        return probe.with_name(probe.name.upper()).exists()


def _refuse_parts_of_others(paths):
    for path in paths:
        for part in parts_of_others(path):
            raise UserError(
                f"The output '{path.name}' would replace the file '{part}', which belongs to something else: choose"
                " another name for the output, or remove that file."
            )


def _rename(temporaries, paths, staying):
    for temporary in temporaries:
        temporary.stat()  # raises FileNotFoundError, before anything is renamed, where the block wrote nothing: a bug
    try:
        rename_all(zip(temporaries, paths), staying)
    except OSError as error:
        file = next(name for name in (error.filename2, error.filename) if name and not is_temporary(name))
        raise UserError(
            f"The file '{file}' cannot be replaced ({error.strerror}): remove its layer"
            " from the project or close it in other programs, or choose another output file."
        ) from error
