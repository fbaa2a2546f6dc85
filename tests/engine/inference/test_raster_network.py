"""A network over rasters: the same result whatever the tiles, every pixel once, no data kept."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.compute.device import supports_bf16
from sarbridge.engine.inference import raster_network
from sarbridge.engine.inference.blending import core, raised_cosine
from sarbridge.engine.inference.raster_network import map_rasters
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.map_file import MapWriter
from sarbridge.engine.rasters.mirrored_reader import MirroredReader
from sarbridge.engine.reporting import NullReporter
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
    pyramid,
    with_holes,
)

NETWORKS = {"pixelwise": (pixelwise, Tiling(40, 4, 1)), "pyramid": (pyramid, Tiling(64, 16, 4))}


@pytest.fixture
def full_precision(monkeypatch):
    """Results to the last bits, whatever the device is fast with."""
    monkeypatch.setattr(raster_network, "reduced_precision", lambda device: nullcontext())


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


@pytest.mark.parametrize("blend", [core, raised_cosine])
def test_what_is_mirrored_can_be_kept(blend):
    """Where a tile holds something valid: the others are not computed."""
    values, writer = with_holes(), ArrayWriter(170, 150)
    values[:, 90:, 100:] = np.nan
    known = np.isfinite(values[0])
    map_rasters(
        Same(), [ArrayReader(values)], Tiling(48, 8, 1), blend, writer, CPU, 3, NullReporter(), keep_mirrored=True
    )
    np.testing.assert_allclose(writer.values[:, known], values[:, known], atol=1e-6)
    gaps = writer.values[0] == -99
    assert not gaps[:90].any() and not gaps[:, :100].any() and gaps[136:, 136:].all()


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


@pytest.mark.parametrize(("blend", "expected"), [(core, 1), (raised_cosine, 4)])
def test_tiles_that_count_for_nothing_are_not_computed(blend, expected):
    """Cut at their cores, those that hold data in their halos only; blended, all that hold some."""
    values, shown = np.full((1, 96, 96), np.nan, np.float32), []
    values[:, 48:52, 48:52] = 1

    class Counting(Same):
        def forward(self, image):
            shown.append(len(image))
            return super().forward(image)

    writer = mapped(Counting(), values, Tiling(64, 16, 1), blend)
    assert sum(shown) == expected and (writer.values == 1).sum() == 16


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
        MirroredReader(sar, grid) as sar_reader,
        MirroredReader(dem, grid) as dem_reader,
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
