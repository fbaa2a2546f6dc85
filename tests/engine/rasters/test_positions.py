"""Positions between coordinate reference systems, where some have no place in the other one."""

import numpy as np
import pytest
from rasterio.errors import CRSError
from sarbridge.engine.rasters.positions import transform_points

ORTHOGRAPHIC = "+proj=ortho +R=6371000 +lat_0=0 +lon_0=0"
"""Shows one half of the globe."""


def test_points_without_a_place_are_nan_and_leave_their_neighbours_alone():
    longitudes, latitudes = np.meshgrid(np.arange(-175.0, 180, 10), [-60.0, 0.0, 30.0])
    xs, ys = transform_points(longitudes, latitudes, "+proj=longlat +R=6371000", ORTHOGRAPHIC)
    seen = np.abs(longitudes) < 90
    east, north = np.radians(longitudes), np.radians(latitudes)
    np.testing.assert_allclose(xs[seen], (6371000 * np.cos(north) * np.sin(east))[seen], atol=1e-3)
    np.testing.assert_allclose(ys[seen], (6371000 * np.sin(north))[seen], atol=1e-3)
    assert np.isnan(xs[~seen]).all() and np.isnan(ys[~seen]).all()


def test_a_system_that_does_not_exist_is_no_matter_of_single_points():
    with pytest.raises(CRSError):
        transform_points([0.0], [0.0], "no such system", "EPSG:4326")
