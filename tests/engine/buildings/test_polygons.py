"""Outlines of masks, and what is measured of them."""

import numpy as np
import pytest
import shapely
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.engine.buildings.polygons import Surveyor, outlines
from sarbridge.engine.rasters.grid import Grid, Window
from scipy import ndimage


def measured(labels, grid, tolerance=0.0):
    traced = outlines(labels.astype(np.int32), Window(0, 0, *labels.shape[::-1]), tolerance)
    polygons = np.array([each.polygon for each in traced])
    return list(Surveyor(grid).measured(polygons, np.full(len(polygons), 0.5)))


def grid_of(epsg, transform, shape):
    return Grid(CRS.from_epsg(epsg).to_wkt(), transform, *shape[::-1])


UPRIGHT = Affine(2, 0, 500_000, 0, -2, 5_300_000)


def test_a_box_with_a_courtyard_is_measured_on_the_ground():
    labels = np.zeros((40, 60), int)
    labels[10:30, 10:50] = 1
    labels[15:20, 20:30] = 0
    [building] = measured(labels, grid_of(32633, UPRIGHT, labels.shape))
    assert len(building.rings) == 2
    scale = 0.9996  # on the central meridian a metre on the ground is that much on the map
    assert building.area_m2 == pytest.approx((20 * 40 - 50) * 4 / scale**2, rel=1e-5)
    assert building.perimeter_m == pytest.approx((120 + 30) * 2 / scale, rel=1e-5)
    assert building.elongation == pytest.approx(2, rel=1e-4) and building.orientation == pytest.approx(90, abs=0.01)
    assert np.asarray(building.rings[0]).min(0).tolist() == [500_020, 5_300_000 - 60]


def test_sizes_and_directions_hold_in_degrees_and_on_turned_lattices():
    labels = np.zeros((40, 60), int)
    labels[10:30, 10:20] = 1
    step = 1 / 111_320 / np.cos(np.radians(60))
    degrees = Affine(step, 0, 15.0, 0, -1 / 111_412.0, 60.0)  # cells of about a metre at 60 degrees north
    [building] = measured(labels, grid_of(4326, degrees, labels.shape))
    assert building.area_m2 == pytest.approx(200, rel=0.01)
    assert (
        building.elongation == pytest.approx(2, rel=0.02)
        and min(building.orientation, 180 - building.orientation) < 0.5
    )
    turned = Affine.translation(500_000, 5_300_000) * Affine.rotation(30) * Affine.scale(2, -2)
    [building] = measured(labels, grid_of(32633, turned, labels.shape))
    assert building.area_m2 == pytest.approx(800, rel=0.001)
    assert building.orientation == pytest.approx(150, abs=0.1)  # north turned by 30 degrees to the west


def test_outlines_are_valid_even_where_they_touch_themselves():
    labels = np.zeros((8, 8), int)
    labels[1:7, 1:7] = 1
    labels[2, 3] = labels[3, 2] = 0  # two holes that touch
    labels[1, 1] = 0
    labels[2, 2] = 0
    labels[6, 6] = labels[5, 5] = 0
    labels[1, 2] = 0
    traced = outlines(labels.astype(np.int32), Window(0, 0, 8, 8))
    assert all(each.polygon.is_valid and each.polygon.geom_type == "Polygon" for each in traced)
    assert sum(each.polygon.area for each in traced) == labels.sum()


@pytest.mark.parametrize("tolerance", [0.0, 1.0])
def test_outlines_of_any_mask_are_valid_and_cover_it(tolerance):
    mask = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(200, 200)), 2) > 0.1
    labels, _ = ndimage.label(mask)
    traced = outlines(labels, Window(100, 50, 200, 200), tolerance)
    polygons = [each.polygon for each in traced]
    assert shapely.is_valid(polygons).all() and (shapely.area(polygons) > 0).all()
    assert sum(shapely.area(polygons)) == pytest.approx(mask.sum(), rel=0 if not tolerance else 0.1)
    assert shapely.total_bounds(polygons)[0] >= 100
    if tolerance:
        rough = outlines(labels, Window(100, 50, 200, 200))
        assert shapely.get_num_coordinates(polygons).sum() < 0.5 * sum(
            shapely.get_num_coordinates([each.polygon for each in rough])
        )
