"""A disk that fills up, in words: GDAL's errors do not carry the cause, and some of its files close without any."""

import errno
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UserError
from .renames import TEMPORARY

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

FULL_DISK_BYTES = 64 * 1024
"""With less space left than this, a failed write is blamed on the disk."""


@contextmanager
def full_disk_in_words(folders: Collection[Path]) -> Iterator[None]:
    """Raise `UserError` when what is written in the block into `folders` fails for lack of space, or may have.

    GDAL may close a truncated file without an error, so that files which just fit count as failed as well. To be left
    before anything is removed from these folders, which would give the space back.
    """
    try:
        yield
        for folder in folders:
            raise_if_full(folder)
    except UserError:
        raise
    except Exception as error:
        full = next(filter(_is_full, folders), None)
        if full is not None or getattr(error, "errno", None) in NO_SPACE:
            raise full_disk(full or next(iter(folders))) from error
        raise


def raise_if_full(folder: Path) -> None:
    """Raise `UserError` when hardly any space is left on the disk of `folder`."""
    if _is_full(folder):
        raise full_disk(folder)


def full_disk(folder: Path) -> UserError:
    """Return what to raise when the disk of `folder` is full; of a temporary one it names that which the user chose."""
    chosen = next(each for each in (folder, *folder.parents) if not each.name.startswith(TEMPORARY))
    return UserError(
        f"The disk that holds the folder '{chosen}' is full: free some space or choose another output folder."
    )


def _is_full(folder):
    try:
        return shutil.disk_usage(folder).free < FULL_DISK_BYTES
    except OSError:
        return False
