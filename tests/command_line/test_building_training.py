"""A training that finds buildings, by the real `qgis_process`: killed, run again, and the model as if nothing was."""

import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("osgeo.gdal")

from sarbridge.tests.command_line.commands import command, results_of  # noqa: E402
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS  # noqa: E402
from sarbridge.tests.qgis_session import QGIS_PROCESS  # noqa: E402

pytestmark = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")


def test_a_training_that_was_killed_ends_in_the_same_file(tmp_path, out, environment):
    environment = {**environment, "OMP_NUM_THREADS": "1"}
    given = {**SMALL_RUNS["trainbuildings"](tmp_path), "EPOCHS": 3, "NAME": "Town"}
    whole = command("sarbridge:trainbuildings", **given, OUTPUT=tmp_path / "whole.safetensors")
    results_of(whole, environment)
    broken = command("sarbridge:trainbuildings", **given, OUTPUT=out / "broken.safetensors")
    running = subprocess.Popen(broken, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    second = out / "broken.checkpoint" / "reconstruction.safetensors"
    ends = time.monotonic() + 200
    while not second.exists() and running.poll() is None and time.monotonic() < ends:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (out / "broken.safetensors").exists() and second.exists()
    results_of(broken, environment)
    assert (out / "broken.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert [path.name for path in out.iterdir()] == ["broken.safetensors"]
