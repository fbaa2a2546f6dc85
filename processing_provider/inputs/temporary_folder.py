"""Temporary folders in the one of Processing; what a QGIS that was killed left there is removed at the next start."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qgis.core import QgsProcessingUtils
from qgis.PyQt.QtCore import QLockFile

from ...contract.errors import UserError
from ...contract.full_disk import full_disk_in_words, raise_if_full

_PREFIX, _LOCK = "sarbridge_", ".lock"
_PROCESSING = "processing_*"
"""What Processing calls its folders, of which each QGIS has one of its own."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder, which is gone afterwards. Beside it a lock names the process that it belongs to.

    Raises `UserError` when the disk is full.
    """
    base = Path(QgsProcessingUtils.tempFolder())
    folder = base / f"{_PREFIX}{uuid.uuid4().hex}"
    owner = _owner(folder)
    if not owner.tryLock(0):
        raise_if_full(base)
        raise UserError(f"The temporary folder '{base}' cannot be written to: choose another one in QGIS's options.")
    try:
        with full_disk_in_words([base]):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        owner.unlock()


def remove_abandoned_folders() -> None:
    """Remove the temporary folders of this user whose process is no more."""
    for lock in Path(QgsProcessingUtils.tempFolder()).parent.glob(f"{_PROCESSING}/{_PREFIX}*{_LOCK}"):
        with suppress(OSError):
            if hasattr(os, "getuid") and lock.stat().st_uid != os.getuid():
                continue
            folder = lock.with_suffix("")
            owner = _owner(folder)
            if owner.tryLock(0):  # Qt takes over a lock whose process has ended
                shutil.rmtree(folder, ignore_errors=True)
                owner.unlock()


def _owner(folder):
    lock = QLockFile(f"{folder}{_LOCK}")
    lock.setStaleLockTime(0)  # however long a run takes
    return lock
