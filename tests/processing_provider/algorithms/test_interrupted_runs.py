"""Runs that end badly at random moments: engine killed, run cancelled, disk full. Nothing half-written, next run fine.

`SARBRIDGE_KILL_TESTS=30` repeats each kind that often; a few times is enough for every day.
"""

import os
import random
import subprocess
import threading
import time

import processing
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from sarbridge.processing_provider.engine_process import engine_client
from sarbridge.tests.image_pair import matching_with_every_output, write_image_pair

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

REPETITIONS = int(os.environ.get("SARBRIDGE_KILL_TESTS", "2"))
MOMENTS = [pytest.param(seed, id=str(seed)) for seed in range(REPETITIONS)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return write_image_pair(tmp_path_factory.mktemp("pair"))


def run(pair, folder, feedback=None):
    parameters = matching_with_every_output(pair, folder)
    return processing.run("sarbridge:matchtiepoints", parameters, feedback=feedback or QgsProcessingFeedback(False))


@pytest.fixture(scope="module")
def usual_seconds(pair, tmp_path_factory):
    """How long a run takes with a cold engine, the span from which moments are drawn."""
    engine_client.shut_down()
    began = time.monotonic()
    run(pair, tmp_path_factory.mktemp("usual"))
    return time.monotonic() - began


def interrupted(pair, folder, interrupt, after):
    """Run and call `interrupt(feedback)` after some seconds; return whether the run was refused for it."""
    feedback = QgsProcessingFeedback(False)
    timer = threading.Timer(after, interrupt, [feedback])
    timer.start()
    try:
        run(pair, folder, feedback)
        return False
    except QgsProcessingException:
        return True
    finally:
        timer.cancel()
        timer.join()


def kill_engine(feedback):
    subprocess.run(["pkill", "-9", "-P", str(os.getpid()), "-f", "worker.py"], check=False)


def cancel(feedback):
    feedback.cancel()


@pytest.mark.parametrize("interrupt", [kill_engine, cancel])
@pytest.mark.parametrize("seed", MOMENTS)
def test_an_interrupted_run_leaves_all_or_nothing(pair, tmp_path, usual_seconds, interrupt, seed):
    precious = tmp_path / "points.gpkg"
    precious.write_bytes(b"what the user had")
    if seed % 2:
        engine_client.shut_down()  # every other run starts cold, so that loading the engine is interrupted too
    after = random.Random(seed).uniform(0, usual_seconds)
    refused = interrupted(pair, tmp_path, interrupt, after)
    left = {path.name for path in tmp_path.iterdir()}
    assert not [name for name in left if name.startswith(".sarbridge")]
    if refused:
        assert left == {"points.gpkg"}
        assert precious.read_bytes() == b"what the user had"
    assert run(pair, tmp_path)["ACCEPTED_COUNT"] > 20


@pytest.mark.parametrize("seed", MOMENTS)
def test_a_full_disk_leaves_nothing_behind(pair, tmp_path, seed):
    disk = tmp_path / "disk"
    disk.mkdir()
    kilobytes = random.Random(seed).randrange(8, 200)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        with pytest.raises(QgsProcessingException) as refused:
            run(pair, disk)
        assert "disk" in str(refused.value) and "Traceback" not in str(refused.value)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)
    assert run(pair, tmp_path)["ACCEPTED_COUNT"] > 20
