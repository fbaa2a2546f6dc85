"""Despeckling by the real `qgis_process`: images in radar geometry, and a training that is killed and run again."""

import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("osgeo.gdal")

from osgeo import gdal  # noqa: E402
from sarbridge.tests.command_line.commands import command, results_of, run  # noqa: E402
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS  # noqa: E402
from sarbridge.tests.qgis_session import QGIS_PROCESS  # noqa: E402
from sarbridge.tests.slc import write_slc  # noqa: E402

pytestmark = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")

DESPECKLE, TRAIN = "sarbridge:despeckle", "sarbridge:traindespeckler"


def test_a_part_of_an_image_that_lies_nowhere(tmp_path, out, environment):
    given = {**SMALL_RUNS["despeckle"](tmp_path), "EXTENT": "50,150,-100,-20", "OUTPUT_UNIT": "amplitude"}
    numbers = results_of(command(DESPECKLE, **given, OUTPUT=out / "clean.tif", RATIO=out / "ratio.tif"), environment)
    clean = gdal.Open(str(out / "clean.tif"))
    assert (clean.RasterXSize, clean.RasterYSize) == (100, 80) and numbers["VALID_PIXELS"] == 8000
    assert sorted(path.name for path in out.iterdir()) == ["clean.qml", "clean.tif", "ratio.qml", "ratio.tif"]


def test_a_part_of_an_image_with_control_points_is_refused_in_a_sentence(tmp_path, out, environment):
    layer = write_slc(tmp_path / "slc.tif", points=True)
    extent = "500000,500100,5299900,5300000 [EPSG:32633]"
    done = run(command(DESPECKLE, INPUT=layer, METHOD="boxcar", EXTENT=extent, OUTPUT=out / "clean.tif"), environment)
    assert done.returncode == 1 and "is in radar geometry, and only points or a model in its file say" in done.stderr
    assert "Traceback" not in done.stderr and not list(out.iterdir())


def test_a_training_that_was_killed_ends_in_the_same_file(tmp_path, out, environment):
    environment = {**environment, "OMP_NUM_THREADS": "1"}
    given = {**SMALL_RUNS["traindespeckler"](tmp_path), "EPOCHS": 4, "NAME": "My radar"}
    results_of(command(TRAIN, **given, OUTPUT=tmp_path / "whole.safetensors"), environment)
    broken = command(TRAIN, **given, OUTPUT=out / "broken.safetensors")
    running = subprocess.Popen(broken, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    checkpoint, ends = out / "broken.checkpoint", time.monotonic() + 200
    while not checkpoint.exists() and running.poll() is None and time.monotonic() < ends:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (out / "broken.safetensors").exists() and checkpoint.exists()
    results_of(broken, environment)
    assert (out / "broken.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert [path.name for path in out.iterdir()] == ["broken.safetensors"]
