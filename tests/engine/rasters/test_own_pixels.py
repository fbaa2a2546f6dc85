"""Images on their own pixels, in linear power, wherever they lie."""

from dataclasses import replace

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.rasters.grid import Grid, Window, part
from sarbridge.engine.rasters.own_pixels import PowerReader, own_grid
from sarbridge.tests.engine.rasters.placed_images import POINTS, ROTATED, UTM31, write_anywhere


def numbers(count=1, height=20, width=30):
    return np.random.default_rng(0).uniform(1, 9, (count, height, width)).astype(np.float32)


def read(source, unit, grid=None, window=None):
    grid = grid or own_grid(source)
    with PowerReader(source, grid, unit) as reader:
        return reader.read_bands(window or Window(0, 0, grid.width, grid.height))


@pytest.mark.parametrize(
    ("unit", "power"),
    [
        (None, lambda values: values),
        ("power", lambda values: values),
        ("amplitude", lambda values: values**2),
        ("db", lambda values: 10 ** (values / 10)),
        ("display", lambda values: values**2),
    ],
)
def test_units_become_power(unit, power, tmp_path):
    values = numbers(2)
    source = write_anywhere(tmp_path / "sar.tif", values, ROTATED)
    found, valid = read(source, unit)
    np.testing.assert_allclose(found, power(values), rtol=1e-5)
    assert found.dtype == np.float32 and valid.all()
    with PowerReader(source, own_grid(source), unit) as reader:
        mean, _ = reader.read(Window(3, 4, 5, 6))
    np.testing.assert_allclose(mean, power(values)[:, 4:10, 3:8].mean(0), rtol=1e-5)


def test_of_complex_samples_it_is_the_power(tmp_path):
    values = (numbers() + 1j * numbers()[:, ::-1]).astype(np.complex64)
    found, _ = read(write_anywhere(tmp_path / "slc.tif", values), "complex")
    np.testing.assert_allclose(found, np.abs(values) ** 2, rtol=1e-5)


@pytest.mark.parametrize(
    ("unit", "is_known"), [("power", False), ("amplitude", False), ("db", True), ("display", True)]
)
def test_zeros_are_no_echo_where_none_can_be(unit, is_known, tmp_path):
    values = numbers()
    values[0, :5] = 0
    values[0, 7] = np.nan
    found, valid = read(write_anywhere(tmp_path / "sar.tif", values), unit)
    expected = np.ones((20, 30), bool)
    expected[:5], expected[7] = is_known, False
    np.testing.assert_array_equal(valid, expected)
    assert (found[:, valid] > 0).all() and (found[:, ~valid] == 0).all()


def test_the_lattice_is_the_files_own(tmp_path):
    on_map = write_anywhere(tmp_path / "map.tif", numbers(), ROTATED)
    assert own_grid(on_map) == Grid(UTM31.to_wkt(), ROTATED, 30, 20)
    for points in ((), POINTS):
        radar = write_anywhere(tmp_path / "radar.tif", numbers(), points=points)
        assert own_grid(radar) == Grid("", Affine.identity(), 30, 20)


def test_parts_of_an_image_in_radar_geometry(tmp_path):
    values = numbers()
    source = write_anywhere(tmp_path / "radar.tif", values, points=POINTS)
    cut = part(own_grid(source), Window(4, 6, 10, 8))
    found, valid = read(source, "power", cut, Window(-1, 0, 11, 20))
    np.testing.assert_array_equal(found[:, :14], values[:, 6:20, 3:14])
    assert valid[:14].all() and not valid[14:].any()


def test_places_that_cannot_be_told_are_refused(tmp_path):
    source = write_anywhere(tmp_path / "map.tif", numbers(), ROTATED)
    with pytest.raises(UserError, match="'map' has map coordinates, but no coordinate reference system: set it in"):
        own_grid(replace(source, crs=""))
    shifted = Grid(UTM31.to_wkt(), ROTATED * Affine.translation(0.5, 0), 30, 20)
    with pytest.raises(UserError, match="'map' would have to be resampled"):
        read(source, "power", shifted)
    mirrored = Grid(UTM31.to_wkt(), ROTATED * Affine.translation(30, 0) * Affine.scale(-1, 1), 30, 20)
    with pytest.raises(UserError, match="'map' would have to be resampled"):
        read(source, "power", mirrored)


def test_mirrored_at_the_edges_and_nan_in_gaps(tmp_path):
    values = numbers()
    values[0, 2, 3] = np.nan
    source = write_anywhere(tmp_path / "sar.tif", values)
    with PowerReader(source, own_grid(source), "power") as reader:
        found, known = reader.read_mirrored(Window(-3, -2, 36, 24))
    np.testing.assert_array_equal(found[0], np.pad(values[0], ((2, 2), (3, 3)), mode="reflect"))
    inside = np.zeros((24, 36), bool)
    inside[2:22, 3:33] = True
    inside[4, 6] = False
    np.testing.assert_array_equal(known, inside)
