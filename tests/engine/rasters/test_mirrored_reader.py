"""Beyond the edges of a file its image goes on, mirrored, on any grid; what is valid ends with the file."""

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.mirrored_reader import MirroredReader
from sarbridge.tests.engine.rasters.test_grid_reader import NORTH_UP, UTM31, grid_over, write


def smooth(height=60, width=80):
    """Waves, of which resampling loses little."""
    rows, cols = np.mgrid[:height, :width]
    return (20 + 5 * np.sin(cols / 6) + 5 * np.cos(rows / 5)).astype(np.float32)[None]


def turned(degrees, width=160, height=160):
    """A grid about the middle of 80 × 60 pixels, turned."""
    middle = Affine.translation(40, 30) * Affine.rotation(degrees) * Affine.translation(-width / 2, -height / 2)
    return Grid(UTM31, NORTH_UP * middle, width, height)


def test_on_the_files_own_pixels_edges_are_mirrored_as_numpy_does(tmp_path):
    source, values = write(tmp_path / "a.tif", smooth()), smooth()
    with MirroredReader(source, grid_over(80, 60)) as reader:
        read, valid = reader.read_mirrored(Window(-7, -9, 100, 80))
    np.testing.assert_array_equal(read, np.pad(values, ((0, 0), (9, 11), (7, 13)), mode="reflect"))
    assert valid.sum() == 80 * 60 and valid[9:69, 7:87].all()


@pytest.mark.parametrize("degrees", [30, -75, 45, 90])
def test_on_turned_grids_as_well(tmp_path, degrees):
    """As if the file had its mirror images around it; valid is what it is without them, within a rounded corner."""
    around = write(
        tmp_path / "around.tif",
        np.pad(smooth(), ((0, 0), (59, 59), (79, 79)), mode="reflect"),
        NORTH_UP * Affine.translation(-79, -59),
    )
    source, grid = write(tmp_path / "a.tif", smooth()), turned(degrees)
    window = Window(20, 20, 120, 120)
    with MirroredReader(source, grid) as mirrored, GridReader(around, grid) as whole:
        read, valid = mirrored.read_mirrored(window)
        expected, _ = whole.read_bands(window)
    with GridReader(source, grid) as plain:
        _, in_file = plain.read_bands(window)
    np.testing.assert_allclose(read, expected, atol=1e-3)
    assert np.isfinite(read).all() and (valid != in_file).sum() <= 4 and 0 < valid.sum() < valid.size


def test_windows_fit_together(tmp_path):
    source, grid = write(tmp_path / "a.tif", smooth()), turned(30)
    with MirroredReader(source, grid) as reader:
        whole, valid = reader.read_mirrored(Window(0, 0, 160, 160))
        part, valid_part = reader.read_mirrored(Window(101, 37, 40, 50))
    np.testing.assert_allclose(part, whole[:, 37:87, 101:141], atol=1e-4)
    np.testing.assert_array_equal(valid_part, valid[37:87, 101:141])


def test_gaps_stay_gaps_and_beyond_the_grid_the_file_goes_on(tmp_path):
    values = smooth()
    values[:, 5:9, 70:] = np.nan
    source = write(tmp_path / "a.tif", values, nodata=np.nan)
    with MirroredReader(source, grid_over(75, 60)) as reader:
        read, valid = reader.read_mirrored(Window(60, 0, 30, 60))
    np.testing.assert_array_equal(read, np.pad(values, ((0, 0), (0, 0), (0, 10)), mode="reflect")[:, :, 60:])
    np.testing.assert_array_equal(valid[:, :15], np.isfinite(values[0, :, 60:75]))
    assert not valid[:, 15:].any()
