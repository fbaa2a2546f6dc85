"""Complex images: both parts as the file holds them, on no lattice but their own."""

import warnings

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.tests.engine.rasters.test_grid_reader import NORTH_UP, UTM31, UTM32, grid_over, write

ROTATED = NORTH_UP * Affine.rotation(33)


def speckle(count=1, height=40, width=50):
    normal = np.random.default_rng(0).normal(size=(2, count, height, width))
    return (normal[0] + 1j * normal[1]).astype(np.complex64)


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED])
def test_parts_are_as_the_file_holds_them(tmp_path, transform):
    samples = speckle(2)
    source = write(tmp_path / "slc.tif", samples, transform)
    with ComplexReader(source, grid_over(50, 40, transform)) as reader:
        values, valid = reader.read_bands(Window(7, 5, 20, 30))
    expected = samples[:, 5:35, 7:27]
    assert values.dtype == np.float32 and values.shape == (4, 30, 20) and valid.all()
    np.testing.assert_array_equal(values[0::2] + 1j * values[1::2], expected)


def test_scaled_samples_have_the_power_that_other_readers_give(tmp_path):
    """A scale of a hundredth is one of the samples: of the power it is a ten-thousandth."""
    samples = speckle()
    source = write(tmp_path / "slc.tif", samples, NORTH_UP)
    with rasterio.open(source.path, "r+") as file:
        file.scales = (0.01,)
    window, grid = Window(7, 5, 20, 30), grid_over(50, 40)
    with ComplexReader(source, grid) as parts, GridReader(source, grid) as power:
        (real, imaginary), _ = parts.read_bands(window)
        values, _ = power.read(window)
    expected = np.abs(0.01 * samples[0, 5:35, 7:27]) ** 2
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    np.testing.assert_allclose(real**2 + imaginary**2, expected, rtol=1e-5)


def test_beyond_the_image_nothing_is_valid_and_beyond_the_grid_the_image_goes_on(tmp_path):
    samples = speckle()
    source = write(tmp_path / "slc.tif", samples)
    with ComplexReader(source, grid_over(10, 8, NORTH_UP * Affine.translation(40, 30))) as reader:
        values, valid = reader.read_bands(Window(-4, -3, 20, 20))
        far, far_valid = reader.read_bands(Window(99, 99, 3, 2))
        mirrored, is_data = reader.read_mirrored(Window(-4, -3, 20, 20))
    expected = np.zeros((20, 20), bool)
    expected[:13, :14] = True
    np.testing.assert_array_equal(valid, expected)
    np.testing.assert_array_equal(values[0, :13, :14], samples[0].real[27:40, 36:50])
    assert (values[:, ~valid] == 0).all() and far.shape == (2, 2, 3) and not far_valid.any()
    np.testing.assert_array_equal(is_data, expected)
    goes_on = np.pad(samples[0].real, ((0, 9), (0, 9)), mode="reflect")
    np.testing.assert_array_equal(mirrored[0], goes_on[27:47, 36:56])


def test_no_data_are_the_same_as_for_other_readers(tmp_path):
    """The file's value, NaN, and declared ranges, which are compared with the power."""
    samples = speckle()
    samples[0, 0, :3] = -9, complex(np.nan, 1), 3 + 4j
    plain = write(tmp_path / "slc.tif", samples, nodata=-9)
    source = RasterSource(plain.name, plain.path, plain.crs, nodata=((24.9, 25.1),))
    with ComplexReader(source, grid_over(50, 40)) as reader:
        values, valid = reader.read_bands(Window(0, 0, 50, 40))
    assert not valid[0, :3].any() and valid.sum() == 2000 - 3 and (values[:, ~valid] == 0).all()


def test_areas_of_zeros_are_gaps_and_single_zeros_are_not(tmp_path):
    samples = speckle()
    samples[0, 5:8, 10:30], samples[0, :, :2], samples[0, 20, 20], samples[0, 30:32, 40:44] = 0, 0, 0, 0
    source = write(tmp_path / "slc.tif", samples)
    with ComplexReader(source, grid_over(50, 40)) as reader:
        values, valid = reader.read_bands(Window(0, 0, 50, 40))
        _, part = reader.read_bands(Window(15, 6, 7, 1))
    expected = np.ones((40, 50), bool)
    expected[5:8, 10:30], expected[:, :2] = False, False  # a border goes on beyond the file
    np.testing.assert_array_equal(valid, expected)
    assert not part.any()  # whatever part of a gap is read


def test_an_image_in_radar_geometry_needs_no_place(tmp_path):
    samples = speckle()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        source = write(tmp_path / "slc.tif", samples, transform=None, crs=UTM31)
        with ComplexReader(source, Grid("", Affine.identity(), 50, 40)) as reader:
            values, valid = reader.read_bands(Window(0, 0, 50, 40))
    assert valid.all()
    np.testing.assert_array_equal(values[0] + 1j * values[1], samples[0])


@pytest.mark.parametrize(
    "grid",
    [
        grid_over(50, 40, NORTH_UP * Affine.translation(0.5, 0)),
        grid_over(50, 40, NORTH_UP * Affine.scale(2)),
        grid_over(50, 40, crs=UTM32),
        Grid("", Affine.identity(), 50, 40),
    ],
)
def test_another_lattice_is_refused(tmp_path, grid):
    source = write(tmp_path / "slc.tif", speckle())
    with pytest.raises(UserError, match="'Layer A' would have to be resampled"):
        ComplexReader(source, grid).__enter__()


def test_real_images_are_refused(tmp_path):
    source = write(tmp_path / "amplitude.tif", np.ones((1, 4, 4), np.float32))
    with pytest.raises(UserError, match="'Layer A' holds no complex numbers"):
        ComplexReader(source, grid_over(4, 4)).__enter__()


def test_a_damaged_file_is_told(tmp_path):
    source = write(tmp_path / "slc.tif", speckle(1, 400, 400))
    content = (tmp_path / "slc.tif").read_bytes()
    (tmp_path / "slc.tif").write_bytes(content[: len(content) // 2])
    with (
        ComplexReader(source, grid_over(400, 400)) as reader,
        pytest.raises(UserError, match="'Layer A' cannot be read"),
    ):
        reader.read_bands(Window(0, 0, 400, 400))


def test_a_real_image_in_radar_geometry(real_data):
    path = real_data / "slc" / "amsterdam_s1_slc_20230319.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        samples = rasterio.open(path).read(1)
    height, width = samples.shape
    with ComplexReader(RasterSource("SLC", str(path), UTM31), Grid("", Affine.identity(), width, height)) as reader:
        values, valid = reader.read_bands(Window(0, 0, width, height))
    assert valid.all() and not samples.all()  # of whole numbers, some are exactly 0
    np.testing.assert_array_equal(values[0] + 1j * values[1], samples)
