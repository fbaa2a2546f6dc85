"""What bad input gets, through QGIS and the real engine: a sentence with cause and remedy, and no file.

Bands, devices and folders that do not exist, layers without CRS and files that are no raster at all are tested with the
algorithms (`test_match_tie_points.py`, `test_coregister.py`); exit codes in `tests/command_line`.
"""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsProject, QgsRasterLayer
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.image_pair import (
    LEFT,
    PIXEL,
    TOP,
    matching_with_every_output,
    write_image_pair,
    write_on_grid,
)
from sarbridge.tests.qgis_session import complaint

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

MATCH, COREGISTER = "sarbridge:matchtiepoints", "sarbridge:coregister"
SIZE = 256


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """A folder with a good pair, `sar.tif` and `optical.tif`, and bad files, each named after its fault."""
    folder = tmp_path_factory.mktemp("bad")
    _, optical = write_image_pair(folder, size=SIZE)
    for name, east in (("far", 100_000), ("beside", (SIZE - 100) * PIXEL)):
        corners = [LEFT + east, TOP, LEFT + east + SIZE * PIXEL, TOP - SIZE * PIXEL]
        gdal.Translate(str(folder / f"{name}.tif"), optical, outputBounds=corners)
    for name, values in (("no_data", np.full((SIZE, SIZE), np.nan)), ("constant", np.full((SIZE, SIZE), 5.0))):
        write_on_grid(folder / f"{name}.tif", values)
    write_on_grid(folder / "one_pixel.tif", np.ones((1, 1)))
    for name in ("sar", "optical"):
        whole = (folder / f"{name}.tif").read_bytes()
        (folder / f"cut_{name}.tif").write_bytes(whole[: len(whole) // 2])
    _write_bad_models(folder)
    return folder


def _write_bad_models(folder):
    data = next(SHIPPED_MODELS.glob("bridgematch*.safetensors")).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")

    def write(name, change):
        header = json.loads(data[8:start])
        card = json.loads(header["__metadata__"]["card"])
        change(header, card)
        header["__metadata__"]["card"] = json.dumps(card)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        (folder / name).write_bytes(len(text).to_bytes(8, "little") + text + data[start:])

    def rename_a_tensor(header, card):
        header["orn.unheard_of"] = header.pop("orn.stem.0.weight")

    write("other_task.safetensors", lambda header, card: card.update(task="despeckle"))
    write("other_tensors.safetensors", rename_a_tensor)
    write("other_shapes.safetensors", lambda header, card: card["networks"]["match"]["arguments"].update(features=2))
    write("other_network.safetensors", lambda header, card: card["networks"]["orn"].update({"class": "Oracle"}))
    write("no_card_entries.safetensors", lambda header, card: card.clear())
    (folder / "other_hash.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (folder / "cut.safetensors").write_bytes(data[: len(data) // 2])
    (folder / "noise.safetensors").write_bytes(b"this is no model")


@pytest.fixture
def disk(tmp_path):
    """Where tests mount a disk that is read-only or full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def matching(bad, out, **parameters):
    """Return parameters of a run with every output wanted, which finds out itself what the SAR values are."""
    good = matching_with_every_output((str(bad / "sar.tif"), str(bad / "optical.tif")), out, SAR_UNIT="auto")
    return {**good, **parameters}


def coregistration(bad, out):
    """Return parameters of a run with every output wanted, from the good pair's tie points."""
    points = bad / "points.gpkg"
    if not points.exists():
        processing.run(MATCH, matching(bad, bad))
    outputs = {"OUTPUT": str(out / "corrected.tif"), "REPORT": str(out / "report.html")}
    return {"INPUT": str(bad / "optical.tif"), "POINTS": str(points), "TRANSFORM": "shift", **outputs}


EACH_OUTPUT = pytest.mark.parametrize(
    "algorithm, good, key",
    [(MATCH, matching, key) for key in ("TIE_POINTS", "VECTORS", "GCP_POINTS", "REPORT")]
    + [(COREGISTER, coregistration, key) for key in ("OUTPUT", "REPORT")],
)


def moved_to(disk, parameters, key):
    """Return the one output `key` as it is called on another disk."""
    return {key: str(disk / Path(parameters[key]).name)}


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "key, file, cause, remedy",
    [
        ("OPTICAL", "far.tif", "Layers 'sar' and 'far' do not overlap", "choose layers of the same area"),
        (
            "OPTICAL",
            "beside.tif",
            "overlap by 100 × 256 working pixels",
            "choose a smaller pixel size",
        ),
        ("SAR", "no_data.tif", "Layer 'no_data' holds only no data", "correct its no-data value"),
        ("OPTICAL", "no_data.tif", "Layer 'no_data' holds only no data", "correct its no-data value"),
        ("SAR", "constant.tif", "Layer 'constant' holds only the one value 5", "choose another layer"),
        ("OPTICAL", "constant.tif", "Layer 'constant' holds only the one value 5", "choose another layer"),
        ("SAR", "one_pixel.tif", "Layer 'one_pixel' is only 1 × 1 pixels", "choose a whole image"),
        ("OPTICAL", "one_pixel.tif", "Layer 'one_pixel' is only 1 × 1 pixels", "choose a whole image"),
        ("SAR", "cut_sar.tif", "Layer 'cut_sar' cannot be read", "its file is damaged or gone, replace it"),
        ("OPTICAL", "cut_optical.tif", "Layer 'cut_optical' cannot be read", "its file is damaged or gone, replace it"),
    ],
)
def test_bad_layers(bad, out, key, file, cause, remedy):
    said = complaint(MATCH, matching(bad, out, **{key: str(bad / file)}))
    assert cause in said and remedy in said
    assert left_in(out) == []


@pytest.mark.parametrize(
    "file, cause, remedy",
    [
        ("missing", "is no file", "choose another one"),
        ("noise", "is not a SARbridge model file: it is not a safetensors file", "Choose another file"),
        ("no_card_entries", "its model card has missing or unknown entries", "Choose another file"),
        ("cut", "is damaged: its tensors take", "Get it again"),
        ("other_hash", "is damaged: its weights do not match the hash on its card", "Get it again"),
        ("other_task", "is made for the task 'despeckle', not 'match'", "choose another model"),
        ("other_tensors", "lacks tensor 'orn.stem.0.weight'", "choose another model"),
        ("other_shapes", "has a wrong shape or type of tensor 'match.", "choose another model"),
        ("other_network", "needs the network 'Oracle', which this version does not know", "update the plugin"),
    ],
)
def test_bad_models(bad, out, file, cause, remedy):
    model = str(bad / f"{file}.safetensors")
    said = complaint(MATCH, matching(bad, out, METHOD="bridgematch", MODEL_FILE=model))
    assert model in said and cause in said and remedy in said
    assert left_in(out) == []


def test_swapped_layers_are_a_warning_and_the_run_goes_on(bad, out):
    feedback = QgsProcessingFeedback(False)
    swapped = matching(bad, out, SAR=str(bad / "optical.tif"), OPTICAL=str(bad / "sar.tif"))
    results = processing.run(MATCH, swapped, feedback=feedback)
    assert "Layer 'optical' looks like an optical image and 'sar' like a SAR image" in feedback.textLog()
    assert results["POINT_COUNT"] > 0


@pytest.mark.parametrize(
    "algorithm, good, key",
    [(MATCH, matching, "SAR"), (MATCH, matching, "OPTICAL"), (COREGISTER, coregistration, "INPUT")],
)
def test_a_file_that_vanished_after_it_was_loaded(bad, out, tmp_path, algorithm, good, key):
    path = tmp_path / "short_lived.tif"
    path.write_bytes((bad / "optical.tif").read_bytes())
    layer = QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), "my photo"))
    path.unlink()
    said = complaint(algorithm, {**good(bad, out), key: layer.id()})
    QgsProject.instance().clear()
    assert f"The file of layer 'my photo' is gone ({path}): restore it or choose another layer." in said
    assert left_in(out) == []


@contextmanager
def mounted(folder, options):
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]).returncode:
        pytest.skip("mounting a disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@EACH_OUTPUT
def test_a_read_only_folder(bad, out, disk, algorithm, good, key):
    with mounted(disk, "ro"):
        said = complaint(algorithm, {**good(bad, out), **moved_to(disk, good(bad, out), key)})
        assert left_in(disk) == left_in(out) == []
    assert f" ({key}): {disk}" in said and "choose a folder in which you may create files" in said


@EACH_OUTPUT
@pytest.mark.parametrize("free", [0, 20_000], ids=["nothing", "a_little"])
def test_a_full_disk(bad, out, disk, algorithm, good, key, free):
    with mounted(disk, "size=60k"):
        (disk / "filler").write_bytes(bytes(60 * 1024 - free))
        said = complaint(algorithm, {**good(bad, out), **moved_to(disk, good(bad, out), key)})
        assert left_in(disk) == ["filler"] and left_in(out) == []
    assert f"The disk that holds the folder '{disk}' is full: free some space or choose another" in said


def test_an_interpreter_without_torch(bad, out, monkeypatch, python_without_torch):
    monkeypatch.setenv("SARBRIDGE_PYTHON", str(python_without_torch))
    said = complaint(MATCH, matching(bad, out))
    assert f"({python_without_torch}) has no module" in said and "Set up the engine" in said
    assert left_in(out) == []


def test_an_interpreter_that_does_not_exist(bad, out, monkeypatch):
    monkeypatch.setenv("SARBRIDGE_PYTHON", "/nowhere/python")
    said = complaint(MATCH, matching(bad, out))
    assert "The engine's Python '/nowhere/python', named in the environment variable SARBRIDGE_PYTHON, does not" in said
    assert "run 'Set up the engine'" in said
    assert left_in(out) == []


@pytest.mark.parametrize(
    "program, cause",
    [
        ("/bin/true", "engine process ended with exit code 0 before the job was done"),
        ("/bin/cat", "gave an answer that is none of SARbridge's engine"),
    ],
)
def test_an_interpreter_that_is_no_python(bad, out, monkeypatch, program, cause):
    monkeypatch.setenv("SARBRIDGE_PYTHON", program)
    said = complaint(MATCH, matching(bad, out))
    assert cause in said and "check" in said and "in the SARbridge options" in said
    assert left_in(out) == []
