"""Labels in radar geometry, beside where the simulator says that roofs appear."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.rpc import RPC
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.buildings.burnt_polygons import burnt
from sarbridge.engine.buildings.complex_training.roofs import on_the_ground, roofs
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.rasters.image_place import image_place
from sarbridge.engine.rasters.own_pixels import own_grid
from sarbridge.tests.engine.buildings.radar_town import INCIDENCE, LOOK, footprints, houses, radar_town, taken
from sarbridge.tests.engine.buildings.scenes import LEFT, TOP, UTM, square
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.rasters.placed_images import RPCS, write_anywhere


def place_of(sar):
    return image_place(sar, own_grid(sar))


def overlap(polygons, truth):
    found = burnt(polygons, Window(0, 0, truth.shape[1], truth.shape[0]))
    return (found & truth).sum() / (found | truth).sum()


def test_labels_are_where_the_simulator_shows_roofs(tmp_path):
    layers, truth = radar_town(tmp_path), taken()[1]
    reports = KeptReports()
    found = roofs(layers, place_of(layers.sar), reports)
    assert overlap(found.polygons, truth) > 0.8
    assert "towards the radar, to where it shows their roofs" in reports.texts["info"][-1]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({"look_azimuth": None}, "as nothing says where the radar looks. Their roofs"),
        ({"incidence": None}, "as the incidence angle is not known. Their roofs"),
        ({"look_azimuth": None, "incidence": None}, "where the radar looks and the incidence angle is not known"),
        ({"footprints": "flat"}, "as there are no heights. Their roofs"),
    ],
)
def test_what_is_not_known_leaves_labels_on_the_ground(entries, why, tmp_path):
    if "footprints" in entries:
        entries = {"footprints": footprints(tmp_path / "flat.jsonl", [(house, None) for house, _ in houses()])}
    layers, truth, reports = radar_town(tmp_path, **entries), taken()[1], KeptReports()
    place = place_of(layers.sar)
    found = roofs(layers, place, reports)
    assert why in reports.texts["info"][-1]
    assert overlap(found.polygons, truth) < 0.5
    ground = on_the_ground(layers.footprints, place, reports)
    assert shapely.equals(found.polygons, ground.polygons).all()


def test_on_a_map_roofs_move_towards_the_radar(tmp_path):
    samples = np.ones((1, 60, 80), np.complex64)
    sar = write_anywhere(tmp_path / "map.tif", samples, Affine(2, 0, LEFT, 0, -2, TOP))
    sar = replace(sar, crs=UTM.to_wkt())
    with rasterio.open(sar.path, "r+") as file:
        file.crs = UTM
    houses = footprints(tmp_path / "houses.jsonl", [(square(60, 40, 20), 10.0), (square(100, 40, 20), None)])
    reports = KeptReports()
    found = roofs(radar_town(tmp_path, sar=sar, footprints=houses), place_of(sar), reports)
    moved = 10 / np.tan(np.radians(INCIDENCE)) / 2 * np.array([-np.sin(np.radians(LOOK)), np.cos(np.radians(LOOK))])
    np.testing.assert_allclose(shapely.bounds(found.polygons)[0], np.tile(moved, 2) + [30, 20, 40, 30], atol=0.02)
    np.testing.assert_allclose(shapely.bounds(found.polygons)[1], [50, 20, 60, 30], atol=1e-3)
    assert "1 of the 2 footprints of layer 'houses' have no height" in reports.texts["warning"][0]


@pytest.mark.parametrize("heights", [(-3.0, 5.0), (5.0, 5e4)])
def test_heights_that_no_building_has(heights, tmp_path):
    shapes = [(square(60, 40, 20), heights[0]), (square(100, 40, 20), heights[1])]
    layers = radar_town(tmp_path, footprints=footprints(tmp_path / "tall.jsonl", shapes))
    with pytest.raises(UserError, match="The heights of layer 'tall' reach from .* which no buildings have"):
        roofs(layers, place_of(layers.sar), KeptReports())


def test_polynomials_say_where_pixels_are_and_far_away_nothing(tmp_path):
    sar = write_anywhere(tmp_path / "slc.tif", np.ones((1, 80, 100), np.complex64), rpcs=RPCS)
    place = place_of(sar)
    assert "polynomials in its file, at a height of 10 m" in place.told_by
    # GDAL counts pixels of polynomials from their centres
    found = place.to_pixels(np.array([[4.0, 52.0], [4.05, 52.02]]))
    np.testing.assert_allclose(found, [[50.5, 40.5], [75.5, 48.5]], atol=1e-6)
    assert not shapely.intersects(place.around, shapely.Point(4.3, 52))


def test_height_of_polynomials_counts(tmp_path):
    leaning = RPC(**{**RPCS.to_dict(), "samp_num_coeff": [0.0, 1, 0, 1] + [0.0] * 16, "height_off": 110.0})
    sar = write_anywhere(tmp_path / "slc.tif", np.ones((1, 80, 100), np.complex64), rpcs=leaning)
    np.testing.assert_allclose(place_of(sar).to_pixels(np.array([[4.0, 52.0]])), [[50.5, 40.5]], atol=1e-6)


def test_points_across_the_date_line(tmp_path):
    points = [
        rasterio.control.GroundControlPoint(row, col, (179.999 + col * 2e-5 + 180) % 360 - 180, row * 1e-5, 0)
        for row in (0, 50, 100)
        for col in (0, 50, 100)
    ]
    sar = write_anywhere(tmp_path / "slc.tif", np.ones((1, 100, 100), np.complex64), points=points)
    places = np.array([[179.9995, 0.0002], [-179.9995, 0.0003]])
    np.testing.assert_allclose(place_of(sar).to_pixels(places), [[25, 20], [75, 30]], atol=1e-3)


def test_an_image_without_a_place(tmp_path):
    sar = write_anywhere(tmp_path / "slc.tif", np.ones((1, 80, 100), np.complex64))
    with pytest.raises(UserError, match="Layer 'slc' has no place on the map"):
        place_of(sar)


def test_points_that_say_nothing(tmp_path):
    point = rasterio.control.GroundControlPoint
    points = [point(row, col, 4.0, 52.0, 0) for row, col in ((0, 0), (0, 90), (70, 0))]
    sar = write_anywhere(tmp_path / "slc.tif", np.ones((1, 80, 100), np.complex64), points=points)
    with pytest.raises(UserError, match="Layer 'slc' lies where 3 control points in its file say, and these do not"):
        place_of(sar)


def test_footprints_far_from_the_image_are_left_out_in_silence(tmp_path):
    elsewhere = footprints(tmp_path / "all.jsonl", [*houses(), (square(4e5, 0, 20), 9.0)])
    layers = radar_town(tmp_path, footprints=elsewhere)
    reports = KeptReports()
    assert len(roofs(layers, place_of(layers.sar), reports).polygons) == len(houses())
    assert not reports.texts.get("warning")
