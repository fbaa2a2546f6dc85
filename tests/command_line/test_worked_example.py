"""The worked example of the user guide, run by a shell as it is printed."""

import re
import subprocess

import pytest
from sarbridge.scripts.worked_example import commands
from sarbridge.tests.qgis_session import QGIS_PROCESS

pytestmark = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")


def numbers(printed, name):
    """Return the values of a result in the order in which the commands printed it."""
    return [float(text) for text in re.findall(rf"^{name}:\s+(\S+)$", printed, re.MULTILINE)]


def test_the_worked_example_runs_as_printed(out, environment):
    """Each command ends well, though the plugin is enabled before; trees and houses move the match by half a pixel."""
    done = subprocess.run(
        ["bash", "-eu", "-c", commands()], cwd=out, env=environment, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for file in ("sar.tif", "optical.tif", "tie_points.gpkg", "tie.points", "report.html", "optical_corrected.tif"):
        assert (out / file).stat().st_size
    assert numbers(done.stdout, "MEAN_SHIFT_X")[:2] == pytest.approx([83, 83], abs=8)
    assert numbers(done.stdout, "MEAN_SHIFT_Y")[:2] == pytest.approx([-56, -56], abs=8)


def test_the_example_has_the_commands_of_the_main_job():
    assert re.findall(r"sarbridge:(\w+)", commands()) == ["simulatescene", "matchtiepoints", "coregister"]
