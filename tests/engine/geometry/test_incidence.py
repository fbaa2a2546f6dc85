"""The incidence across an area, against a sphere under a satellite; rasters of angles that make no sense."""

import math

import numpy as np
import pytest
import torch
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import SarView
from sarbridge.engine.geometry.incidence import Swath, incidence_range, within_bounds
from sarbridge.engine.geometry.range_lattice import range_lattice
from sarbridge.engine.rasters.grid import Grid, Window, part
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, write_surface

EARTH = 6_371e3
UTM_SCALE = 0.9996  # on the central meridian


def over_a_sphere(orbit, near, length, count=401):
    """Degrees at evenly spaced ground distances from where the incidence is `near`, for an orbit height in metres."""
    centre_angle = math.radians(near) - math.asin(EARTH * math.sin(math.radians(near)) / (EARTH + orbit))
    centre_angle = centre_angle + np.linspace(0, length, count) / EARTH
    nadir_angle = np.arctan2(EARTH * np.sin(centre_angle), EARTH + orbit - EARTH * np.cos(centre_angle))
    return np.degrees(nadir_angle + centre_angle)


def along_a_swath(grid, near, far, look_azimuth=90):
    """Degrees along the middle line of an area, from its near to its far edge."""
    window = Window(0, 0, grid.width, grid.height)
    lattice = range_lattice(grid, window, look_azimuth, math.sqrt(abs(grid.transform.determinant)))
    swath = Swath.over(grid, window, SarView(look_azimuth, near, far))
    middle = Window(0, lattice.height // 2, lattice.width, 1)
    return swath.incidence(lattice, middle).rad2deg().numpy()[0]


def utm_grid(length):
    """400 × 4 cells around the central meridian, `length` metres long."""
    cell = length / 400
    return Grid("EPSG:32633", Affine(cell, 0, LEFT - 200 * cell, 0, -cell, TOP), 400, 4)


@pytest.mark.parametrize(
    "name, orbit, near, length, error",
    [
        ("Stripmap", 514e3, 35, 30e3, 0.0031),
        ("Sentinel-1 IW", 693e3, 29.16, 250e3, 0.169),
        ("ScanSAR", 798e3, 20, 500e3, 0.591),
    ],
)
def test_between_near_and_far_the_error_against_a_sphere_is_as_documented(name, orbit, near, length, error):
    """Largest errors in degrees, within 10 %; at the ends there is next to none."""
    truth = over_a_sphere(orbit, near, length)
    found = along_a_swath(utm_grid(length), near, truth[-1])
    ground = length / UTM_SCALE * np.linspace(0, 1, len(truth))
    at = np.interp((np.arange(400) + 0.5) * length / 400, ground, truth)
    found = found[:400]  # the last sample lies beyond the area
    assert np.abs(found - at).max() == pytest.approx(error, rel=0.1)
    assert np.abs(found - at)[[0, -1]].max() < 0.1 * error


def test_the_angle_grows_away_from_the_sensor():
    found = along_a_swath(utm_grid(30e3), 30, 40, look_azimuth=270)
    assert (np.diff(found) > 0).all()
    assert found[0] == pytest.approx(30, abs=0.1) and found[-1] == pytest.approx(40, abs=0.1)


def test_one_value_is_one_value():
    grid = utm_grid(30e3)
    window = Window(0, 0, 400, 4)
    swath = Swath.over(grid, window, SarView(78, 38, 38))
    angle = swath.incidence(range_lattice(grid, window, 78, 75), window)
    assert angle.shape == (1, 1) and float(angle) == pytest.approx(math.radians(38))


def test_beyond_the_area_angles_stay_those_of_a_side_looking_radar():
    grid = utm_grid(30e3)
    window = Window(0, 0, 400, 4)
    own = range_lattice(grid, window, 90, 75)
    around = 200_000 // 75
    lattice = part(own, Window(-around, 0, own.width + 2 * around, own.height))
    swath = Swath.over(grid, window, SarView(90, 30, 40))
    angles = swath.incidence(lattice, Window(0, 0, lattice.width, 2)).rad2deg()
    assert angles.min() == pytest.approx(5, abs=1e-3) and angles.max() < 85
    assert float(within_bounds(torch.tensor(1.57)).rad2deg()) == pytest.approx(85)


def test_a_raster_of_degrees_tells_its_range(tmp_path):
    surface = write_surface(tmp_path / "dem.tif", np.zeros((20, 30)))
    angles = write_surface(tmp_path / "angles.tif", np.linspace(29, 46, 600).reshape(20, 30))
    assert incidence_range(angles, surface) == pytest.approx((29, 46))


@pytest.mark.parametrize(
    "angles, words",
    [
        (np.full((20, 30), 0.66), "look like radians: multiply them by 57.2958"),
        (np.linspace(0, 46, 600).reshape(20, 30), "holds incidence angles from 0 to 46"),
        (np.linspace(30, 95, 600).reshape(20, 30), "declare its no-data value"),
        (np.full((20, 30), np.nan), "holds only no data"),
    ],
)
def test_what_is_no_incidence_angle_is_refused(tmp_path, angles, words):
    surface = write_surface(tmp_path / "dem.tif", np.zeros((20, 30)))
    with pytest.raises(UserError, match="Layer 'angles'") as raised:
        incidence_range(write_surface(tmp_path / "angles.tif", angles), surface)
    assert words in str(raised.value)


def test_a_raster_elsewhere_is_refused(tmp_path):
    surface = write_surface(tmp_path / "dem.tif", np.zeros((20, 30)))
    angles = write_surface(tmp_path / "angles.tif", np.full((20, 30), 38), corner=(LEFT + 5000, TOP))
    with pytest.raises(UserError, match="'dem' and 'angles' do not overlap|'angles' and 'dem' do not overlap"):
        incidence_range(angles, surface)
