"""The benchmark of joint visibility on a little city: heights on their terrain, and its densest square kilometre."""

import numpy as np
import pytest
import rasterio
from sarbridge.benchmarks import city_visibility
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, write_surface

CELL, SIDE = 5.0, 280


@pytest.fixture
def city(tmp_path):
    """Buildings of 15 m, a quarter of the cells in one square kilometre, on a terrain of coarser cells at 40 m."""
    above = np.zeros((SIDE, SIDE))
    above[40:240, 60:260] = np.kron(np.ones((50, 50)), np.diag([15.0, 0]).repeat(2, 0).repeat(2, 1))
    write_surface(tmp_path / "BDSM.tif", above, CELL)
    write_surface(tmp_path / "DEM.tif", np.full((SIDE // 2, SIDE // 2), 40.0), 2 * CELL)
    return tmp_path, above


def test_heights_stand_on_the_terrain(city):
    folder, above = city
    surface, _ = city_visibility.on_terrain(folder, folder / "dsm.tif")
    with rasterio.open(surface.path) as raster:
        np.testing.assert_allclose(raster.read(1), above + 40)


def test_the_densest_square_kilometre(city):
    folder, _ = city
    _, (xmin, ymin, xmax, ymax) = city_visibility.on_terrain(folder, folder / "dsm.tif")
    assert (xmax - xmin, ymax - ymin) == (1000, 1000)
    # It may reach over the two cells of ground at the rim of the quarter.
    assert (xmin, ymax) == pytest.approx((LEFT + 60 * CELL, TOP - 40 * CELL), abs=2 * CELL)


def test_shares_of_a_direction_are_those_of_each_image(city):
    folder, _ = city
    surface, densest = city_visibility.on_terrain(folder, folder / "dsm.tif")
    terrain = city_visibility.layer(folder / "DEM.tif")
    shares = np.reshape(city_visibility.seen(surface, terrain, densest, 350.0, 99.0, folder), (3, 3))
    np.testing.assert_allclose(shares.sum(1), 100)
    assert (shares[2] > 0).all()
