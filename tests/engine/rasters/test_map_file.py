"""Result rasters: what they say about themselves, and that windows land where they belong."""

import math
import warnings

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import Affine
from sarbridge.engine.rasters.grid import Grid, Tiles, Window
from sarbridge.engine.rasters.map_file import MapWriter

UTM = "EPSG:32633"
PLACE = Affine(10, 0, 500_000, 0, -10, 5_300_000)
GRID = Grid(UTM, PLACE, 1300, 700)


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return rasterio.open(path)


@pytest.mark.parametrize(("dtype", "nodata"), [("uint8", 255), ("int32", 0), ("float32", math.nan), ("float64", None)])
def test_a_map_lies_on_its_grid_in_compressed_blocks(tmp_path, dtype, nodata):
    with MapWriter(tmp_path / "map.tif", GRID, dtype, nodata) as writer:
        writer.write(np.full((700, 1300), 7, dtype), Window(0, 0, 1300, 700))
    with rasterio.open(tmp_path / "map.tif") as file:
        assert (file.crs, file.transform, file.shape, file.count) == (UTM, PLACE, (700, 1300), 1)
        assert file.dtypes == (dtype,) and file.block_shapes == [(512, 512)]
        assert file.nodata == nodata or (math.isnan(nodata) and math.isnan(file.nodata))
        assert file.compression.name == "deflate"
        predictor = file.tags(ns="IMAGE_STRUCTURE").get("PREDICTOR")
        assert predictor == ("3" if dtype == "float32" else None)
        assert (file.read() == 7).all()


def test_windows_land_where_they_belong(tmp_path):
    values = np.random.default_rng(0).normal(size=(2, 700, 1300)).astype(np.float32)
    with MapWriter(tmp_path / "map.tif", GRID, "float32", math.nan, count=2) as writer:
        for col, row, width, height in Tiles(Window(0, 0, 1300, 700), 300):
            writer.write(values[:, row : row + height, col : col + width], Window(col, row, width, height))
    with rasterio.open(tmp_path / "map.tif") as file:
        np.testing.assert_array_equal(file.read(), values)


def test_what_is_not_written_is_no_data(tmp_path):
    with MapWriter(tmp_path / "map.tif", GRID, "uint8", 9) as writer:
        writer.write(np.ones((20, 10), np.uint8), Window(5, 600, 10, 20))
    with rasterio.open(tmp_path / "map.tif") as file:
        values = file.read(1)
    assert (values == 1).sum() == (values != 9).sum() == 200 and (values[600:620, 5:15] == 1).all()


def test_bands_have_names_and_colours(tmp_path):
    names = ("red", "green", "blue")
    with MapWriter(tmp_path / "map.tif", GRID, "uint8", 0, count=3, descriptions=names, colours=names):
        pass
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.descriptions == names
        assert file.colorinterp == (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


def test_classes_have_colours(tmp_path):
    with MapWriter(tmp_path / "map.tif", GRID, "uint8", 255, colour_table={0: (1, 2, 3), 4: (5, 6, 7)}):
        pass
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.colorinterp == (ColorInterp.palette,)
        assert file.colormap(1)[0][:3] == (1, 2, 3) and file.colormap(1)[4][:3] == (5, 6, 7)


def test_an_image_in_radar_geometry_has_no_place_on_the_map(tmp_path):
    grid = Grid("", Affine.identity(), 30, 20)
    values = (np.arange(600) + 1j).reshape(20, 30).astype(np.complex64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MapWriter(tmp_path / "map.tif", grid, "complex64") as writer:
            writer.write(values, Window(0, 0, 30, 20))
    with opened(tmp_path / "map.tif") as file:
        assert file.crs is None and file.transform == Affine.identity()
        np.testing.assert_array_equal(file.read(1), values)


def test_other_creation_options_take_the_place_of_blocks(tmp_path):
    with MapWriter(tmp_path / "map.tif", GRID, "float32", creation={"compress": "lzw"}) as writer:
        writer.dataset.update_tags(SPACING=2)
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.compression.name == "lzw" and file.block_shapes[0][1] == 1300
        assert file.tags()["SPACING"] == "2"
