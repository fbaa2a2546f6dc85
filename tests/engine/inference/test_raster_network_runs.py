"""Runs of a network over rasters: memory, progress, three threads at once, and nothing half-written."""

import json
import math
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.finished_file import finished_file, remove_unfinished
from sarbridge.engine.inference.blending import core
from sarbridge.engine.inference.raster_network import map_rasters
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.map_file import MapWriter
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.tests.engine.inference.toy_networks import (
    CPU,
    PLACE,
    UTM,
    ArrayReader,
    ArrayWriter,
    Same,
    mapped,
    noise,
    pixelwise,
    with_holes,
)

TOY_WORKER = Path(__file__).resolve().parents[1] / "toy_worker.py"
SECONDS = 30
"""After which a test that waits for another thread has failed."""


@pytest.mark.parametrize("most", [1, 2, 5])
def test_out_of_memory_halves_the_batch_and_changes_nothing(most):
    class SmallGpu(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network, self.batches = pixelwise(), []

        def forward(self, image):
            self.batches.append(len(image))
            if len(image) > most:
                raise torch.cuda.OutOfMemoryError("made up")
            return self.network(image)

    small, values, sent = SmallGpu(), with_holes(), []
    writer = ArrayWriter(170, 150)
    map_rasters(small, [ArrayReader(values)], Tiling(40, 4, 1), core, writer, CPU, 8, Reporter(sent.append))
    np.testing.assert_allclose(writer.values, mapped(small.network, values, Tiling(40, 4, 1)).values, atol=1e-4)
    warnings = [message["text"] for message in sent if message["kind"] == "message"]
    assert warnings[0] == "The GPU's memory is too small for 8 tiles at a time: going on with 4."
    assert len(warnings) == {1: 3, 2: 2, 5: 1}[most] == sum(size > most for size in small.batches)


def test_progress_is_told():
    sent = []
    map_rasters(
        Same(), [ArrayReader(noise())], Tiling(64, 0, 1), core, ArrayWriter(170, 150), CPU, 2, Reporter(sent.append)
    )
    fractions = [message["fraction"] for message in sent]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1 and len(fractions) == 6


def test_reading_network_and_writing_happen_at_the_same_time():
    """They meet: the network on a tile, the read of the next and the write of the one before wait for each other."""
    tiles = 6
    meeting = threading.Barrier(3, timeout=SECONDS)
    at = {"read": 0, "network": 0, "write": 0}

    def meet(who, first):
        if first <= at[who] < first + tiles - 2:
            meeting.wait()
        at[who] += 1

    class Reader(ArrayReader):
        def read_mirrored(self, window):
            meet("read", 2)
            return super().read_mirrored(window)

    class Network(Same):
        def forward(self, image):
            meet("network", 1)
            return super().forward(image)

    class Writer(ArrayWriter):
        def write(self, values, window):
            meet("write", 0)
            super().write(values, window)

    values, writer = noise(8, 8 * tiles), Writer(8 * tiles, 8)
    map_rasters(Network(), [Reader(values)], Tiling(8, 0, 1), core, writer, CPU, 1, NullReporter())
    assert set(at.values()) == {tiles} and not meeting.broken
    np.testing.assert_allclose(writer.values, values)


@pytest.mark.parametrize("who", ["reader", "network", "writer"])
def test_a_failure_ends_the_run_with_its_cause(who):
    shown, before = [], threading.active_count()

    class Reader(ArrayReader):
        def read_mirrored(self, window):
            if who == "reader" and window.col > 100:
                raise UserError("Layer 'a' is damaged.")
            return super().read_mirrored(window)

    class Network(Same):
        def forward(self, image):
            shown.append(1)
            if who == "network" and len(shown) == 2:
                raise UserError("Layer 'a' is damaged.")
            return super().forward(image)

    class Writer(ArrayWriter):
        def write(self, values, window):
            if who == "writer":
                raise UserError("Layer 'a' is damaged.")

    values = noise(400, 400)
    with pytest.raises(UserError, match="damaged"):
        map_rasters(Network(), [Reader(values)], Tiling(32, 0, 1), core, Writer(400, 400), CPU, 1, NullReporter())
    assert len(shown) < 20 and threading.active_count() == before


def test_networks_and_writers_that_do_not_fit():
    class Cut(torch.nn.Module):
        def __init__(self, *part):
            super().__init__()
            self._part = part

        def forward(self, image):
            return image[self._part]

    every = slice(None)
    for part, shape in (
        ((every, every, slice(None, None, 2), slice(None, None, 2)), r"\(3, 1, 16, 16\)"),
        ((slice(1),), r"\(1, 1, 32, 32\)"),
        ((every, 0), r"\(3, 32, 32\)"),
    ):
        with pytest.raises(ValueError, match=rf"into {shape}, not \(3, 1, 32, 32\)"):
            mapped(Cut(*part), noise(), Tiling(32, 0, 1))
    with pytest.raises(ValueError, match=r"not \(3, 2, 32, 32\)"):
        mapped(Same(), noise(), Tiling(32, 0, 1), count=2)
    with pytest.raises(ValueError, match="no-data value"):
        mapped(Same(), noise(), Tiling(32, 0, 1), nodata=None)


KILLED = """
import time, numpy as np, torch
from rasterio.transform import Affine
from sarbridge.contract.finished_file import finished_file
from sarbridge.engine.inference.blending import core
from sarbridge.engine.inference.raster_network import map_rasters
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.map_file import MapWriter

class Reader:
    def read_mirrored(self, window):
        return np.ones((1, window.height, window.width), np.float32), np.ones((window.height, window.width), bool)

class Slow(torch.nn.Module):
    shown = 0
    def forward(self, image):
        self.shown += 1
        if self.shown == 5:
            reporter.info("in the middle")
            time.sleep(60)
        return image

with finished_file({path!r}) as temporary:
    with MapWriter(temporary, Grid("EPSG:32633", Affine.scale(10), 2048, 2048), "float32", -1) as writer:
        map_rasters(Slow(), [Reader()], Tiling(512, 0, 1), core, writer, torch.device("cpu"), 1, reporter)
"""


def test_a_killed_run_leaves_nothing(tmp_path):
    """Of what the engine announced nothing is left once it is removed, and under its name the result never was."""
    command = [sys.executable, str(TOY_WORKER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
        job = {"task": "check_engine", "model": KILLED.format(path=str(tmp_path / "result.tif"))}
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.flush()
        announced = []
        for line in worker.stdout:
            answer = json.loads(line)
            assert answer["kind"] in ("progress", "unfinished", "message"), answer
            announced += [answer["path"]] if answer["kind"] == "unfinished" else []
            if answer["kind"] == "message":
                break
        left = [str(path) for path in tmp_path.iterdir()]
        announced = [path for path in announced if Path(path).exists()]  # others were trials, and are gone
        assert len(announced) == 1 and left == announced
        worker.kill()
    assert [str(path) for path in tmp_path.iterdir()] == announced
    remove_unfinished(announced[0])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(small_disk):
    grid = Grid(UTM, PLACE, 2000, 1000)
    with (
        pytest.raises(UserError, match=f"'{small_disk}' is full"),
        finished_file(small_disk / "result.tif") as temporary,
        MapWriter(temporary, grid, "float32", math.nan) as writer,
    ):
        map_rasters(Same(), [ArrayReader(noise(1000, 2000))], Tiling(512, 0, 1), core, writer, CPU, 2, NullReporter())
    assert list(small_disk.iterdir()) == []
