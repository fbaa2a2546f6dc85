"""The lattice of range lines: where it lies, and that north on it is true north."""

import math

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.engine.geometry.range_lattice import range_lattice
from sarbridge.engine.rasters.grid import Grid, Window

UTM_EDGE = Grid(CRS.from_epsg(32633).to_wkt(), Affine(30, 0, 750_000, 0, -30, 6_650_000), 400, 300)
"""60° N and 19.5° E: 4.5° from the central meridian of zone 33, where grid north is 3.9° off true north."""

DEGREES = Grid(CRS.from_epsg(4326).to_wkt(), Affine(0.0003, 0, 19.4, 0, -0.0002, 59.95), 400, 300)
WORLD = CRS.from_epsg(4326)
WHOLE = Window(0, 0, 400, 300)


def azimuth_and_length(lattice, start, end):
    """From pixel (col, row) to pixel, by longitude, latitude and the radii of curvature of the WGS 84 ellipsoid."""
    xs, ys = lattice.to_map(*np.array([start, end]).T)
    longitude, latitude = (np.radians(each) for each in transform(lattice.crs, WORLD, xs, ys))
    squared = 0.00669437999 * math.sin(latitude.mean()) ** 2
    north = np.diff(latitude)[0] * 6_378_137 * (1 - 0.00669437999) / (1 - squared) ** 1.5
    east = np.diff(longitude)[0] * 6_378_137 / math.sqrt(1 - squared) * math.cos(latitude.mean())
    return math.degrees(math.atan2(east, north)) % 360, math.hypot(north, east)


@pytest.mark.parametrize("grid", [UTM_EDGE, DEGREES])
@pytest.mark.parametrize("look_azimuth", [0, 78, 192.5, 282, 359])
def test_lines_run_along_the_azimuth_from_true_north_within_a_twentieth_of_a_degree(grid, look_azimuth):
    lattice = range_lattice(grid, WHOLE, look_azimuth, step=20)
    middle = lattice.width / 2, lattice.height / 2
    azimuth, length = azimuth_and_length(lattice, middle, (middle[0] + 100, middle[1]))
    assert (azimuth - look_azimuth + 180) % 360 - 180 == pytest.approx(0, abs=0.05)
    assert length == pytest.approx(2000, rel=1e-4)
    across, length = azimuth_and_length(lattice, middle, (middle[0], middle[1] + 100))
    assert (across - look_azimuth) % 360 == pytest.approx(90, abs=0.05)
    assert length == pytest.approx(2000, rel=1e-4)


def test_grid_north_is_not_true_north_here():
    """What the test above would not tell from a lattice in the map's own directions."""
    azimuth, _ = azimuth_and_length(UTM_EDGE, (200, 150), (200, 50))
    assert 3 < abs((azimuth + 180) % 360 - 180) < 5


@pytest.mark.parametrize("grid", [UTM_EDGE, DEGREES])
def test_the_lines_cover_the_window_and_no_more(grid):
    lattice = range_lattice(grid, Window(50, 60, 200, 100), 33, step=15)
    cols, rows = np.meshgrid(np.linspace(50, 250, 9), np.linspace(60, 160, 9))
    xs, ys = transform(grid.crs, lattice.crs, *(each.ravel() for each in grid.to_map(cols, rows)))
    cols, rows = lattice.to_pixel(xs, ys)
    assert cols.min() == pytest.approx(0, abs=0.1)
    assert lattice.width - cols.max() == pytest.approx(0.5, abs=0.6)
    assert rows.min() == pytest.approx(0, abs=0.1)
    assert lattice.height - rows.max() == pytest.approx(0.5, abs=0.6)
