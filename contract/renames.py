"""Renames that all happen or none, whatever was there before."""

import os
import uuid
from collections.abc import Collection, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from .companions import companions

TEMPORARY = ".sarbridge-"
"""How the names of temporary files and folders begin."""


def temporary_name(path: Path, suffix: str = "") -> Path:
    """Return a path beside `path` that nobody uses."""
    return path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}{suffix}")


def rename_all(files: Iterable[tuple[Path, Path]], staying: Collection[Path] = ()) -> None:
    """Rename each (temporary file, path) with what lies beside it under its stem, replacing what is at `path`.

    Companions of what is replaced go; what is at a path in `staying` is not. Raises the OSError of the first file that
    cannot be renamed or removed, when all is as it was. What was there lies beside its temporary file meanwhile, under
    a name that begins with its stem.
    """
    moved_away = []
    with ExitStack() as undo:
        for temporary, path in files:
            beside = temporary.parent.glob(f"{temporary.stem}*")
            new = {path.with_name(path.stem + file.name[len(temporary.stem) :]): file for file in beside}
            if path in staying:
                del new[path]
            for old in companions(path) if path in new else ():
                if old not in new:
                    _keep(old, temporary, undo, moved_away)
                    old.unlink(missing_ok=True)
            for target, file in new.items():
                if os.path.lexists(target):
                    _keep(target, temporary, undo, moved_away)
                else:
                    undo.callback(_back, target, file)
                file.replace(target)
        undo.pop_all()
    for file in moved_away:
        with suppress(OSError):
            file.unlink()


def _keep(path, temporary, undo, moved_away):
    """Have what is at `path` come back by `undo`: by a second name of the file, else by moving it out of the way."""
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(21, "it is a folder", str(path))
    kept = temporary.with_name(f"{temporary.stem}-{uuid.uuid4().hex}")
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:  # a disk without hard links
        kept = temporary_name(path, path.suffix)  # nobody removes it who removes what is temporary
        path.replace(kept)
        moved_away.append(kept)
    undo.callback(_back, kept, path)


def _back(now, before):
    with suppress(OSError):
        now.replace(before)
