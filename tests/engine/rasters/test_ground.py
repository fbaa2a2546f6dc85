"""Metres on the ground, against published lengths and PROJ's own plane around the place."""

import numpy as np
import pytest
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.ground import ground_lengths, ground_vectors, map_units, unit_steps

LENGTHS = {
    "a degree of longitude at 60 degrees": ("EPSG:4326", (10, 60), (11, 60), 55_800),
    "a degree of latitude at the pole": ("EPSG:4326", (10, 89), (10, 90), 111_694),
    "a degree of latitude at the equator": ("EPSG:4326", (10, -0.5), (10, 0.5), 110_574),
    "Web Mercator on the equator": ("EPSG:3857", (0, -500), (0, 500), 993.3),
    "UTM on its central meridian": ("EPSG:32633", (500_000, 5e6), (501_000, 5e6), 1000 / 0.9996),
    "international feet": ("EPSG:2222", (700_000, 1e6), (701_000, 1e6), 304.8 / 0.9999),
    "US survey feet": ("EPSG:2263", (984_250, 150_000), (985_250, 150_000), 304.8006),
    "grads": ("EPSG:4807", (0, 50), (0, 51), 100_000),
}


@pytest.mark.parametrize("case", LENGTHS)
def test_known_lengths(case):
    crs, start, end, length = LENGTHS[case]
    assert ground_lengths(crs, [start], [end]) == pytest.approx([length], rel=3e-4)


PLACES = [
    ((10, 60), (10.3, 59.8)),
    ((179.9, -17), (-179.95, -17.1)),
    ((359.9, 10), (0.1, 10.2)),
    ((30, 89.99), (-170, 89.98)),
]


@pytest.mark.parametrize("start, end", PLACES)
def test_vectors_are_those_of_projs_plane_midway(start, end):
    """Across the 180° meridian, from one count of longitudes to the other, and past the pole."""
    found = ground_vectors("EPSG:4326", [start], [end])[0]
    ends = zip(*transform("EPSG:4326", "EPSG:4978", *zip(start, end), [0, 0]))  # from the Earth's centre
    (longitude,), (latitude,), _ = transform("EPSG:4978", "EPSG:4979", *([sum(axis) / 2] for axis in zip(*ends)))
    plane = f"+proj=aeqd +lon_0={longitude} +lat_0={latitude} +datum=WGS84"
    xs, ys = transform("EPSG:4326", plane, *zip(start, end))
    assert found == pytest.approx((xs[1] - xs[0], ys[1] - ys[0]), rel=1e-4, abs=0.5)


def test_at_the_pole_itself_and_off_the_earth():
    assert np.linalg.norm(ground_vectors("EPSG:3995", [(-50, 0)], [(50, 0)])) == pytest.approx(100 / 0.994, rel=0.03)
    assert np.isnan(ground_vectors("EPSG:4326", [(10, 50), (np.nan, 0)], [(10, np.inf), (0, 0)])).all()


def test_a_unit_is_a_metre_where_it_is_one_to_a_hundredth():
    assert map_units("EPSG:32633", (300_000, 5e6), 10) == 10
    assert map_units("EPSG:3857", (0, 8_399_738), 10) == pytest.approx(
        19.97, abs=0.01
    )  # 19.95 to the east, 19.98 to the north
    right, up = unit_steps("EPSG:32662", (0, 6_679_169))  # plate carree at 60 degrees: squares are not square
    assert np.hypot(*right) == pytest.approx(0.5, rel=5e-3) and np.hypot(*up) == pytest.approx(1, rel=5e-3)


def test_a_grid_knows_its_pixels_on_the_ground():
    """Cells of a hundredth of a degree at 60° N are twice as high as wide."""
    grid = Grid("EPSG:4326", Affine(0.01, 0, 10, 0, -0.01, 60.05), 10, 10)
    right, down = grid.pixel_sides()
    assert right == pytest.approx((558, 0), abs=1) and down == pytest.approx((0, -1114), abs=1)
    assert grid.pixel_size == pytest.approx(np.sqrt(558 * 1114), rel=2e-3)
    assert grid.step == pytest.approx(0.01)
