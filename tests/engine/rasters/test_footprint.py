"""Images at the 180° meridian: compared where their coordinates run on there, refused where they jump."""

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.working_grid import working_grid
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.rasters.grid_reader import GridReader

LONLAT, WEB_MERCATOR = "EPSG:4326", "EPSG:3857"
WEST_OF_IT, EAST_OF_IT = "EPSG:32660", "EPSG:32601"
SIZE, PIXEL, DEGREE_PIXEL = 200, 10, 1e-4
LATITUDE = -17.0  # Fiji


def write(path, place, crs, size=SIZE):
    """Write an image whose values are its own column positions; return its source, named after its file."""
    values = np.broadcast_to(np.arange(size, dtype=np.float32) + 0.5, (1, size, size))
    profile = {"width": size, "height": size, "count": 1, "dtype": "float32", "crs": crs, "transform": place}
    with rasterio.open(path, "w", "GTiff", **profile) as file:
        file.write(values)
    return RasterSource(path.stem, str(path), CRS.from_string(crs).to_wkt())


def in_utm(path, crs, longitude, pixel=PIXEL):
    """An image of 2 km around a place on the parallel of the tests."""
    xs, ys = transform(LONLAT, crs, [longitude], [LATITUDE])
    half = SIZE * pixel / 2
    return write(path, Affine(pixel, 0, round(xs[0]) - half, 0, -pixel, round(ys[0]) + half), crs)


def in_degrees(path, left):
    """An image of 0.02° to the right of a longitude."""
    return write(path, Affine(DEGREE_PIXEL, 0, left, 0, -DEGREE_PIXEL, LATITUDE + SIZE * DEGREE_PIXEL / 2), LONLAT)


def refusal(radar, picture):
    with pytest.raises(UserError) as caught:
        working_grid(radar, picture)
    return str(caught.value)


@pytest.mark.parametrize("optical_crs", [WEST_OF_IT, EAST_OF_IT])
def test_images_in_utm_meet_across_the_meridian(tmp_path, optical_crs):
    radar = in_utm(tmp_path / "radar.tif", WEST_OF_IT, 180)
    picture = in_utm(tmp_path / "picture.tif", optical_crs, 180, pixel=11)
    with rasterio.open(radar.path) as file:
        place = file.transform
    grid = working_grid(radar, picture, pixel_size=PIXEL)
    assert (grid.transform, grid.width, grid.height) == (place, SIZE, SIZE)
    cols, rows = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    xs, ys = transform(WEST_OF_IT, LONLAT, *(values.ravel() for values in place * (cols, rows)))
    assert min(xs) < -179.99 and max(xs) > 179.99
    with rasterio.open(picture.path) as file:
        expected = (~file.transform * np.array(transform(LONLAT, optical_crs, xs, ys)))[0]
    with GridReader(picture, grid) as reader:
        values, valid = reader.read(Window(0, 0, SIZE, SIZE))
    assert valid.all()
    assert np.abs(values.ravel() - expected).max() < 0.05


def test_an_extent_in_degrees_runs_across_the_meridian(tmp_path):
    radar = in_utm(tmp_path / "radar.tif", WEST_OF_IT, 179.999)
    with rasterio.open(radar.path) as file:
        first = transform(WEST_OF_IT, LONLAT, [file.bounds.left], [file.bounds.top])[0][0]
    assert first > 0  # from there on longitudes are counted
    extent = (179.997, LATITUDE - 0.002, 180.003, LATITUDE + 0.002)
    grid = working_grid(radar, radar, extent=extent, extent_crs=LONLAT)
    assert grid.width * PIXEL == pytest.approx(0.006 * 111_320 * np.cos(np.radians(LATITUDE)), abs=3 * PIXEL)


def test_the_distance_across_the_meridian_is_the_short_one(tmp_path):
    radar = in_utm(tmp_path / "radar.tif", WEST_OF_IT, 180)
    said = refusal(radar, in_utm(tmp_path / "picture.tif", EAST_OF_IT, -179))
    apart = float(said.split("centres lie ")[1].split(" km")[0])
    assert apart == pytest.approx(111.19 * np.cos(np.radians(LATITUDE)), rel=0.01)


@pytest.mark.parametrize(
    ("radar_left", "picture_left", "named"),
    [
        (179.99, -180.01, "picture"),
        (179.99, 179.99, "picture"),
        (180.0, 180.0, "radar"),
        (180.0, -180.0, "radar"),
        (-179.995, 179.995, "picture"),
    ],
)
def test_degrees_across_the_meridian_are_refused(tmp_path, radar_left, picture_left, named):
    said = refusal(in_degrees(tmp_path / "radar.tif", radar_left), in_degrees(tmp_path / "picture.tif", picture_left))
    assert "across the 180° meridian" in said
    assert f"of layer '{named}': reproject that layer to EPSG:327" in said


def test_degrees_that_end_at_the_meridian_are_compared(tmp_path):
    radar, picture = (in_degrees(tmp_path / f"{name}.tif", 179.98) for name in ("radar", "picture"))
    grid = working_grid(radar, picture)
    assert CRS.from_wkt(grid.crs) == CRS.from_epsg(32760)
    with GridReader(picture, grid) as reader:
        valid = reader.read(Window(0, 0, grid.width, grid.height))[1]
    middle = valid[grid.height // 2]
    assert middle.mean() > 0.97
    kilometres = 0.02 * 111.32 * np.cos(np.radians(LATITUDE))
    assert middle.sum() * grid.pixel_size / 1000 == pytest.approx(kilometres, rel=0.02)


@pytest.mark.parametrize("crs", [LONLAT, WEB_MERCATOR])
def test_the_two_ends_of_a_world_map_are_not_joined(tmp_path, crs):
    half = 180 if crs == LONLAT else 20037508.342789244
    world = write(tmp_path / "picture.tif", Affine(half / 100, 0, -half, 0, -half / 100, half), crs)
    said = refusal(in_utm(tmp_path / "radar.tif", WEST_OF_IT, 180), world)
    assert "across the 180° meridian in the coordinates of layer 'picture'" in said
    away = in_utm(tmp_path / "radar.tif", WEST_OF_IT, 178)
    assert working_grid(away, world, pixel_size=PIXEL).width == SIZE


def test_a_web_map_that_runs_on_is_refused(tmp_path):
    """GDAL writes such files when it warps around another centre; PROJ never gives their coordinates."""
    half = 20037508.342789244
    xs, ys = transform(LONLAT, WEB_MERCATOR, [179.99], [LATITUDE])
    picture = write(tmp_path / "picture.tif", Affine(10, 0, xs[0], 0, -10, ys[0] + 1000), WEB_MERCATOR, 300)
    assert xs[0] + 3000 > half
    said = refusal(in_utm(tmp_path / "radar.tif", WEST_OF_IT, 180), picture)
    assert "across the 180° meridian in the coordinates of layer 'picture'" in said


def test_a_map_counted_from_0_to_360_is_refused_only_where_it_meets_the_other_image(tmp_path):
    world = write(tmp_path / "picture.tif", Affine(1.8, 0, 0, 0, -0.9, 90), LONLAT)
    assert "in the coordinates of layer 'picture'" in refusal(in_utm(tmp_path / "radar.tif", EAST_OF_IT, -178), world)
    assert working_grid(in_utm(tmp_path / "radar.tif", WEST_OF_IT, 178), world, pixel_size=PIXEL).width == SIZE
    part = write(tmp_path / "picture.tif", Affine(0.01, 0, 200, 0, -0.01, LATITUDE + 1), LONLAT)
    assert "do not overlap" in refusal(in_utm(tmp_path / "radar.tif", EAST_OF_IT, -178), part)


def test_systems_between_which_proj_knows_two_ways_are_no_jump(tmp_path):
    """By way of degrees, from Sweden's to Germany's old system, a place lands metres beside where it lands at once."""
    sources = []
    for name, crs in (("radar", "EPSG:3006"), ("picture", "EPSG:31467")):
        xs, ys = transform(LONLAT, crs, [13], [57])
        half = SIZE * PIXEL / 2
        sources.append(write(tmp_path / f"{name}.tif", Affine(PIXEL, 0, xs[0] - half, 0, -PIXEL, ys[0] + half), crs))
    assert working_grid(*sources).width > 0.9 * SIZE
