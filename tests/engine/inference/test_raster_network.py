"""A network over rasters: the same result whatever the tiles, every pixel once, no data kept, nothing half-written."""

import json
import math
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.finished_file import finished_file, remove_unfinished
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.compute.device import supports_bf16
from sarbridge.engine.inference import raster_network
from sarbridge.engine.inference.blending import core, raised_cosine
from sarbridge.engine.inference.raster_network import map_rasters
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.map_file import MapWriter
from sarbridge.engine.reporting import NullReporter, Reporter

CPU = torch.device("cpu")
UTM = rasterio.crs.CRS.from_epsg(32633).to_wkt()
PLACE = Affine(10, 0, 500_000, 0, -10, 5_300_000)
TOY_WORKER = Path(__file__).resolve().parents[1] / "toy_worker.py"
SECONDS = 30
"""After which a test that waits for another thread has failed."""


class ArrayReader:
    """Values [C, H, W] as a reader gives them; NaN is no data. They begin at (col, row) = `at` of the grid."""

    def __init__(self, values, at=(0, 0)):
        self.values, self.at = values, at

    def read_bands(self, window):
        count, height, width = self.values.shape
        read = np.full((count, window.height, window.width), np.nan, np.float32)
        left, top = window.col - self.at[0], window.row - self.at[1]
        inner = slice(max(top, 0), max(top + window.height, 0)), slice(max(left, 0), max(left + window.width, 0))
        part = self.values[:, inner[0], inner[1]]
        place = slice(max(-top, 0), max(-top, 0) + part.shape[1]), slice(max(-left, 0), max(-left, 0) + part.shape[2])
        read[:, place[0], place[1]] = part
        valid = np.isfinite(read).all(0)
        return np.where(valid, read, 0), valid


class ArrayWriter:
    """What is written, as an array `values` [C, H, W], and how `often` each pixel was."""

    def __init__(self, width, height, count=1, dtype="float32", nodata=-99.0):
        self.grid, self.count, self.dtype, self.nodata = Grid("", None, width, height), count, dtype, nodata
        self.values, self.often = np.zeros((count, height, width), dtype), np.zeros((height, width), int)

    def write(self, values, window):
        assert values.dtype == self.dtype and values.shape == (self.count, window.height, window.width)
        place = slice(window.row, window.row + window.height), slice(window.col, window.col + window.width)
        self.values[:, place[0], place[1]] = values
        self.often[place] += 1


class Same(torch.nn.Module):
    """The first band of the first input."""

    def forward(self, image, *others):
        return image[:, :1]


def pixelwise():
    """Convolutions that look 4 pixels far."""
    return scaled(torch.nn.Conv2d(1, 8, 5, padding=2), torch.nn.ReLU(), torch.nn.Conv2d(8, 1, 5, padding=2))


def pyramid():
    """Down to a quarter of the resolution and back up: a lattice of 4 pixels, on which it looks less than 16 far."""
    return scaled(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 4, stride=2, padding=1),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 8, 3, padding=1),
        torch.nn.Upsample(scale_factor=4),
        torch.nn.Conv2d(8, 1, 3, padding=1),
    )


def scaled(*layers):
    """The layers with random weights, one after another, so that noise becomes numbers of about -2..2."""
    network = torch.nn.Sequential(*layers)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in network.parameters():
            weights.normal_(0, 1 / math.sqrt(weights[0].numel()), generator=generator)
    return network


NETWORKS = {"pixelwise": (pixelwise, Tiling(40, 4, 1)), "pyramid": (pyramid, Tiling(64, 16, 4))}


@pytest.fixture(autouse=True)
def one_thread():
    """Tiles as small as these take longer shared than alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def full_precision(monkeypatch):
    """Results to the last bits, whatever the device is fast with."""
    monkeypatch.setattr(raster_network, "reduced_precision", lambda device: nullcontext())


def noise(height=150, width=170, channels=1, seed=0):
    return np.random.default_rng(seed).normal(size=(channels, height, width)).astype(np.float32)


def with_holes():
    """Noise with small and large holes, scattered pixels, and a wedge without data, as a turned image has."""
    values, random = noise(), np.random.default_rng(1)
    for left, top, width, height in zip(*random.integers(0, 150, (2, 9)), *random.integers(1, 30, (2, 9))):
        values[:, top : top + height, left : left + width] = np.nan
    values[:, random.random((150, 170)) < 0.01] = np.nan
    values[:, np.add.outer(np.arange(150), np.arange(170)) < 60] = np.nan
    return values


def mapped(network, values, tiling, blend=core, batch=3, at=(0, 0), **writer):
    """Map values [C, H, W], or several such inputs, that begin at `at`; return the `ArrayWriter`."""
    inputs = values if isinstance(values, list) else [values]
    width, height = inputs[0].shape[2] + at[0], inputs[0].shape[1] + at[1]
    writer = ArrayWriter(width, height, **writer)
    map_rasters(network, [ArrayReader(each, at) for each in inputs], tiling, blend, writer, CPU, batch, NullReporter())
    return writer


@pytest.mark.parametrize("blend", [core, raised_cosine])
@pytest.mark.parametrize("size", [(150, 170), (32, 32), (33, 31), (3, 200), (2, 2)])
def test_every_pixel_is_written_once(blend, size):
    values = noise(*size)
    writer = mapped(Same(), values, Tiling(48, 8, 2), blend)
    assert (writer.often == 1).all()
    np.testing.assert_allclose(writer.values, values, atol=1e-6)


@pytest.mark.parametrize("shift", [(4, 8), (12, 0), (0, 20), (31 * 4, 28)])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.usefixtures("full_precision")
def test_moving_the_tiles_by_the_stride_changes_nothing(name, shift):
    """Neither inside, nor at holes, nor at the borders, where the network sees mirrored pixels."""
    network, tiling = NETWORKS[name][0](), NETWORKS[name][1]
    values = with_holes()
    known = np.isfinite(values[0])
    here, moved = mapped(network, values, tiling), mapped(network, values, tiling, at=shift)
    inside = moved.values[:, shift[1] :, shift[0] :]
    np.testing.assert_allclose(inside[:, known], here.values[:, known], atol=1e-4)
    assert (here.values[:, ~known] == -99).all() and (inside[:, ~known] == -99).all()
    assert (moved.values[:, : shift[1]] == -99).all() and (moved.values[:, :, : shift[0]] == -99).all()
    assert here.values[:, known].std() > 0.1


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.usefixtures("full_precision")
def test_tiles_give_what_the_whole_gives(name):
    """The whole, mirrored all around by numpy, seen at once."""
    network, tiling = NETWORKS[name][0](), NETWORKS[name][1]
    values = noise()
    writer = mapped(network, values, tiling)
    with torch.inference_mode():
        whole = np.pad(values, ((0, 0), (16, 18), (16, 18)), mode="reflect")
        expected = network(torch.from_numpy(whole)[None])[0, :, 16:-18, 16:-18]
    np.testing.assert_allclose(writer.values, expected, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.usefixtures("full_precision")
def test_a_smaller_halo_and_another_stride_would_show(name):
    """What the tests above rely on."""
    network, tiling = NETWORKS[name][0](), NETWORKS[name][1]
    values = noise()
    exact = mapped(network, values, tiling).values
    less = Tiling(tiling.side - tiling.halo, tiling.halo // 2, 1)
    assert np.abs(mapped(network, values, less).values - exact).max() > 1e-3
    if name == "pyramid":
        off_lattice = mapped(network, values, tiling, at=(2, 0)).values[:, :, 2:]
        assert np.abs(off_lattice - exact).max() > 1e-3


def test_in_the_precision_that_is_fast_tiles_fit_as_well():
    """Rounded to bfloat16 results may differ in the last of 8 bits, and do not drift."""
    network, tiling = pyramid(), Tiling(64, 16, 4)
    here, moved = mapped(network, noise(), tiling), mapped(network, noise(), tiling, at=(8, 4))
    assert np.abs(moved.values[:, 4:, 8:] - here.values).max() < 2**-6
    rounded = here.values == torch.from_numpy(here.values).bfloat16().float().numpy()
    assert rounded.all() == supports_bf16(CPU)


@pytest.mark.parametrize("blend", [core, raised_cosine])
def test_a_constant_result_stays_to_the_last_bit(blend):
    class Constant(torch.nn.Module):
        def forward(self, image):
            return torch.tensor(0.1).expand(len(image), 2, *image.shape[2:])

    writer = mapped(Constant(), noise(), Tiling(48, 8, 1), blend, count=2)
    assert (writer.values == np.float32(0.1)).all()


@pytest.mark.parametrize("blend", [core, raised_cosine])
def test_no_data_stays_no_data_and_is_never_mixed_in(blend):
    values = with_holes()
    known = np.isfinite(values[0])
    seen = []

    class Watching(Same):
        def forward(self, image):
            seen.append(image.isfinite().all().item())
            return super().forward(image)

    writer = mapped(Watching(), values, Tiling(48, 8, 1), blend)
    np.testing.assert_array_equal(writer.values[0] == -99, ~known)
    np.testing.assert_allclose(writer.values[:, known], values[:, known], atol=1e-6)
    assert all(seen)


def test_tiles_without_data_are_not_computed():
    values, shown = np.full((1, 96, 96), np.nan, np.float32), []
    values[:, 40:50, 40:50] = 1

    class Counting(Same):
        def forward(self, image):
            shown.append(len(image))
            return super().forward(image)

    writer = mapped(Counting(), values, Tiling(32, 0, 1), batch=4)
    assert sum(shown) == 1 and (writer.often == 1).all() and (writer.values == 1).sum() == 100
    writer = mapped(Counting(), np.full((1, 96, 96), np.nan, np.float32), Tiling(32, 0, 1))
    assert sum(shown) == 1 and (writer.values == -99).all()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "int32"])
def test_results_are_rounded_and_clipped_to_integers(dtype):
    lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
    values = np.float32([[[-1e10, -0.7, 1.4, 1.6, 1e10, np.nan]]])
    writer = mapped(Same(), values, Tiling(8, 0, 1), dtype=dtype, nodata=9)
    expected = [[lowest, max(lowest, -1), 1, 2, highest, 9]]
    np.testing.assert_array_equal(writer.values[0], expected)


@pytest.mark.parametrize(("dtype", "nodata"), [("int32", 2**31 - 1), ("uint32", 2**32 - 1), ("float64", -1.7e308)])
def test_no_data_is_exact_where_results_are_not(dtype, nodata):
    """Values that float32, in which networks compute, does not have."""
    writer = mapped(Same(), np.float32([[[np.nan, 1]]]), Tiling(8, 0, 1), dtype=dtype, nodata=nodata)
    np.testing.assert_array_equal(writer.values[0], [[nodata, 1]])


def test_several_inputs_are_seen_together():
    """Valid is what all of them know; each is mirrored by itself."""

    class Sum(torch.nn.Module):
        def forward(self, sar, heights):
            assert sar.shape[1] == 2 and heights.shape[1] == 1
            return torch.cat([sar[:, :1] + heights, sar[:, 1:] - heights], 1)

    sar, heights = noise(channels=2), noise(seed=1)
    sar[:, 10:20, 10:30], heights[:, 15:40, 20:25] = np.nan, np.nan
    known = np.isfinite(sar[0]) & np.isfinite(heights[0])
    writer = mapped(Sum(), [sar, heights], Tiling(48, 8, 1), count=2)
    expected = np.where(known, np.stack([sar[0] + heights[0], sar[1] - heights[0]]), -99)
    np.testing.assert_allclose(writer.values, expected, atol=1e-5)
    assert 0 < (~known).sum() < 1000


def write_raster(path, values, **profile):
    count, height, width = values.shape
    shape = {"width": width, "height": height, "count": count, "dtype": values.dtype.name}
    with rasterio.open(path, "w", "GTiff", crs=UTM, transform=PLACE, **shape, **profile) as file:
        file.write(values)
    return RasterSource(path.stem, str(path), UTM, tuple(range(1, count + 1)))


def test_from_files_to_a_file(tmp_path):
    """SAR as it is, heights on another lattice, resampled."""

    class Sum(torch.nn.Module):
        def forward(self, sar, heights):
            return sar[:, :1] + 10 * sar[:, 1:] + 100 * heights

    bands = np.stack([np.full((150, 170), value, np.uint8) for value in (1, 2)])
    bands[:, 20:30, 40:60] = 0
    grid, heights = Grid(UTM, PLACE, 170, 150), Grid(UTM, PLACE * Affine.scale(3) * Affine.translation(-2, -2), 90, 90)
    sar = write_raster(tmp_path / "sar.tif", bands, nodata=0)
    with MapWriter(tmp_path / "dem.tif", heights, "float32", math.nan) as file:
        file.write(np.full((90, 90), 3, np.float32), raster_network.Window(0, 0, 90, 90))
    dem = RasterSource("dem", str(tmp_path / "dem.tif"), UTM)
    with (
        GridReader(sar, grid) as sar_reader,
        GridReader(dem, grid) as dem_reader,
        MapWriter(tmp_path / "out.tif", grid, "float32", math.nan, descriptions=("sum",)) as writer,
    ):
        map_rasters(Sum(), [sar_reader, dem_reader], Tiling(64, 8, 8), core, writer, CPU, 4, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as file:
        values = file.read(1)
        assert file.descriptions == ("sum",) and file.transform == PLACE
    assert np.isnan(values[20:30, 40:60]).all() and np.isfinite(values).sum() == 150 * 170 - 200
    assert (values[np.isfinite(values)] == 321).all()


def test_complex_images_are_two_channels(tmp_path):
    """The power of each sample, by a network that sees real and imaginary parts."""

    class Power(torch.nn.Module):
        def forward(self, parts):
            return (parts**2).sum(1, keepdim=True)

    parts = noise(90, 80, 2)
    samples = (parts[0] + 1j * parts[1]).astype(np.complex64)[None]
    source, grid = write_raster(tmp_path / "slc.tif", samples), Grid(UTM, PLACE, 80, 90)
    writer = ArrayWriter(80, 90)
    with ComplexReader(source, grid) as reader:
        map_rasters(Power(), [reader], Tiling(32, 4, 1), core, writer, CPU, 4, NullReporter())
    np.testing.assert_allclose(writer.values, np.abs(samples) ** 2, rtol=1e-5)


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
        def read_bands(self, window):
            meet("read", 2)
            return super().read_bands(window)

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
        def read_bands(self, window):
            if who == "reader" and window.col > 100:
                raise UserError("Layer 'a' is damaged.")
            return super().read_bands(window)

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
    def read_bands(self, window):
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
