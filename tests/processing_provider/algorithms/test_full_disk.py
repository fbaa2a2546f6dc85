"""Disks that fill up at any moment of a run: one sentence and no file, or all of them whole."""

import os
import subprocess

import processing
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer
from sarbridge.processing_provider.outputs.geopackage import is_complete
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


@pytest.fixture
def disk(tmp_path):
    """A function that mounts an empty disk of so many kibibytes and returns its folder."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(kibibytes):
        command = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
        if os.name == "nt" or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("mounting a small disk is not permitted here")
        return folder

    yield mounted
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=True)


def is_whole(path):
    if path.suffix == ".tif":
        layer = QgsRasterLayer(str(path), "read")
        return (
            layer.isValid() and layer.dataProvider().block(1, layer.extent(), layer.width(), layer.height()).isValid()
        )
    return path.suffix != ".gpkg" or QgsVectorLayer(str(path), "read", "ogr").isValid()


@pytest.mark.parametrize(
    "algorithm, keys, sizes",
    [
        ("jointvisibility", ["CELLS"], (80, 180, 230, 340)),
        ("jointvisibility", ["OUTPUT", "SAR_MAP", "REPORT"], (70, 180)),
        ("simulatescene", ["SAR", "OPTICAL", "FOOTPRINTS_OUT"], (100, 230)),
        ("sardistortions", ["OUTPUT", "INCIDENCE"], (40, 75, 180)),
        ("translatetooptical", ["OUTPUT", "UNCERTAINTY", "ZONES", "REPORT"], (16, 40, 120, 200)),
        ("evaluatetranslation", ["TABLE", "REPORT"], (16, 90, 130)),
        ("evaluatematching", ["TABLE", "REPORT"], (16, 90, 130)),
        ("extractbuildings", ["FOOTPRINTS", "MASK", "PROBABILITY", "REPORT"], (16, 40, 120, 300)),
        ("evaluatebuildings", ["TABLE", "REPORT"], (16, 90, 130)),
        ("trainmatcher", ["OUTPUT", "REPORT"], (16, 200)),  # of larger ones the checkpoint stays
        ("traintranslator", ["OUTPUT", "REPORT"], (16, 200)),  # likewise
        ("trainbuildings", ["OUTPUT", "REPORT"], (16, 200)),  # likewise
        ("despeckle", ["OUTPUT", "RATIO", "REPORT"], (16, 40, 120, 300)),
        ("traindespeckler", ["OUTPUT", "REPORT"], (16, 200)),  # of larger ones the checkpoint stays
        ("buildpatches", ["FOLDER"], (16, 100, 250, 700)),
    ],
)
def test_all_files_are_whole_or_none_is_there(disk, tmp_path, algorithm, keys, sizes):
    wanted = small_run(algorithm, tmp_path)
    for kibibytes in sizes:
        folder = disk(kibibytes)
        there = {key: str(folder / f"{key}{wanted[key][wanted[key].rindex('.') :]}") for key in keys}
        feedback = QgsProcessingFeedback(False)
        try:
            results = processing.run(f"sarbridge:{algorithm}", {**wanted, **there}, feedback=feedback)
        except QgsProcessingException as error:
            assert "space" in str(error) and ".sarbridge-" not in str(error)
            assert "Traceback" not in feedback.textLog() + str(error)
            assert list(folder.iterdir()) == []
        else:
            assert all(is_whole(folder / os.path.basename(there[key])) for key in keys)  # noqa: PTH119
            assert "CELLS" not in keys or is_complete(folder / "CELLS.gpkg", "CELLS", int(results["CELL_COUNT"]))
        subprocess.run(["umount", str(folder)], check=True)
