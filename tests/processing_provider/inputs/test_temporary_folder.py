"""Temporary folders: of a living process they stay, of one that was killed they go at the next start."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingUtils  # noqa: E402
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.processing_provider.inputs.temporary_folder import (  # noqa: E402
    remove_abandoned_folders,
    temporary_folder,
)
from sarbridge.tests.qgis_session import ROOT  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

OTHER_QGIS = f"""
import sys
sys.path.insert(0, {str(ROOT / "engine")!r})
from package import load_package
load_package()
from sarbridge.processing_provider.inputs.temporary_folder import temporary_folder
with temporary_folder() as folder:
    (folder / "half.tif").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_qgis_left_goes_and_what_a_living_one_has_stays():
    with (
        subprocess.Popen(
            [sys.executable, "-c", OTHER_QGIS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
        temporary_folder() as own,
    ):
        folder = Path(other.stdout.readline().strip())
        remove_abandoned_folders()
        assert (folder / "half.tif").exists() and own.exists()
        other.kill()
        other.wait()
        assert folder.exists()
        remove_abandoned_folders()
        assert not folder.exists() and own.exists()
    assert not any(Path(f"{each}{ending}").exists() for each in (folder, own) for ending in ("", ".lock"))
    shutil.rmtree(folder.parent)  # Processing's own, which QGIS leaves


def test_a_full_disk_is_named_while_the_folder_still_fills_it(small_disk, monkeypatch):
    monkeypatch.setattr(QgsProcessingUtils, "tempFolder", lambda: str(small_disk))
    with pytest.raises(UserError, match="is full"), temporary_folder() as folder:
        (folder / "image.tif").write_bytes(bytes(2**21))
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_is_named_where_no_folder_can_be_made(small_disk, monkeypatch):
    monkeypatch.setattr(QgsProcessingUtils, "tempFolder", lambda: str(small_disk / "gone"))
    with pytest.raises(UserError, match="cannot be written to: choose another one"), temporary_folder():
        pass
    monkeypatch.setattr(QgsProcessingUtils, "tempFolder", lambda: str(small_disk))
    with suppress(OSError):
        (small_disk / "other").write_bytes(bytes(2**21))
    with pytest.raises(UserError, match="is full"), temporary_folder():
        pass


def test_what_is_not_known_to_be_ours_stays():
    mine = Path(QgsProcessingUtils.tempFolder()).parent / "processing_test" / "sarbridge_my_data"
    mine.mkdir(parents=True)
    remove_abandoned_folders()
    assert mine.exists()
    shutil.rmtree(mine.parent)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="one user only")
def test_what_belongs_to_another_user_stays(monkeypatch):
    folder = Path(QgsProcessingUtils.tempFolder()) / "sarbridge_0"
    folder.mkdir()
    lock = Path(f"{folder}.lock")
    lock.write_text("999999999\nqgis\n")
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    remove_abandoned_folders()
    assert folder.exists()
    monkeypatch.undo()
    remove_abandoned_folders()
    assert not folder.exists() and not lock.exists()
