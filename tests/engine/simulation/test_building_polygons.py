"""Footprints of buildings: what the simulator writes, and what it builds from those of a layer."""

import math

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform as transform_coordinates
from sarbridge.contract.errors import UserError
from sarbridge.contract.footprint_lines import Footprint, read_footprint_lines, write_footprint_lines
from sarbridge.contract.sources import FootprintSource
from sarbridge.engine.simulation import simulate_scene
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, UTM, KeptReports, write_surface
from sarbridge.tests.engine.simulation.simulated_scenes import FINE, HEIGHT, ROOF, SIDE, simulated, simulated_box


def test_footprints_with_heights(tmp_path):
    _, rasters = simulated_box(tmp_path, ("sar", "optical", "buildings", "footprints"))
    [building] = read_footprint_lines(tmp_path / "out" / "footprints.jsonl")
    assert building.height == pytest.approx(HEIGHT, abs=0.01)
    ring = np.array(building.rings[0])
    assert ring[:, 0].min() == LEFT + 0.5 * ROOF[1].start and ring[:, 0].max() == LEFT + 0.5 * ROOF[1].stop
    assert ring[:, 1].max() == TOP - 0.5 * ROOF[0].start and ring[:, 1].min() == TOP - 0.5 * ROOF[0].stop
    area = 0.5 * abs(np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]))
    assert area == rasters["buildings"].sum() * 0.25


def write_footprints(path, rings_and_heights, crs):
    write_footprint_lines(path, (Footprint(height, [ring]) for ring, height in rings_and_heights))
    return FootprintSource("houses", str(path), rasterio.crs.CRS.from_user_input(crs).to_wkt())


def square(left, top, side):
    xs, ys = [left, left + side, left + side, left, left], [top, top, top - side, top - side, top]
    return [list(corner) for corner in zip(xs, ys)]


def test_footprints_of_another_crs_stand_on_a_dem(tmp_path):
    dem = write_surface(tmp_path / "dem.tif", np.full((SIDE, SIDE), 50.0), 0.5)
    ring = square(LEFT + 10, TOP - 12, 14)
    longitudes, latitudes = transform_coordinates(UTM, 4326, *zip(*ring))
    houses = write_footprints(tmp_path / "houses.jsonl", [(list(zip(longitudes, latitudes)), 9.5)], 4326)
    _, rasters = simulated(tmp_path / "out", ("sar", "optical", "dsm", "buildings"), dsm=dem, footprints=houses, **FINE)
    assert (rasters["buildings"][0] == 1).sum() == 28 * 28
    assert (rasters["buildings"][0][24:52, 20:48] == 1).all()
    assert rasters["dsm"][0][24:52, 20:48] == pytest.approx(59.5) and rasters["dsm"][0][0, 0] == 50


@pytest.mark.parametrize("heights", [(None, 5.0), (0.0, 5.0), (-3.0, 5.0), (math.inf, 5.0)])
def test_footprints_without_heights(tmp_path, heights):
    dem = write_surface(tmp_path / "dem.tif", np.full((SIDE, SIDE), 50.0), 0.5)
    rings = [square(LEFT + 10, TOP - 12, 4), square(LEFT + 20, TOP - 12, 4)]
    houses = write_footprints(tmp_path / "houses.jsonl", zip(rings, heights), UTM)
    with pytest.raises(UserError, match="1 of the 2 footprints in layer 'houses' have no height above zero"):
        simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, footprints=houses, **FINE)
    assert not list((tmp_path / "out").iterdir())


def test_footprints_elsewhere(tmp_path):
    dem = write_surface(tmp_path / "dem.tif", np.full((SIDE, SIDE), 50.0), 0.5)
    houses = write_footprints(tmp_path / "houses.jsonl", [(square(LEFT + 9000, TOP, 4), 5.0)], UTM)
    for footprints in (houses, write_footprints(tmp_path / "none.jsonl", [], UTM)):
        with pytest.raises(UserError, match="No footprint of layer 'houses' lies on the elevation layer"):
            simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, footprints=footprints, **FINE)


def test_each_building_keeps_its_own_height(tmp_path):
    """Two boxes, of 5 and of 30 m, whose first cells lie on one diagonal of the map."""
    ground = np.full((SIDE, SIDE), 100.0)
    built = ground.copy()
    built[10:30, 60:80] += 5
    built[60:80, 10:30] += 30
    dsm, dtm = write_surface(tmp_path / "dsm.tif", built, 0.5), write_surface(tmp_path / "dtm.tif", ground, 0.5)
    simulated(tmp_path / "out", ("sar", "optical", "footprints"), dsm=dsm, dtm=dtm, **FINE)
    written = read_footprint_lines(tmp_path / "out" / "footprints.jsonl")
    assert sorted(building.height for building in written) == [5, 30]


@pytest.mark.parametrize("given", ["footprints", "heights"])
def test_a_building_across_blocks_is_one(tmp_path, monkeypatch, given):
    """A hall of 20 m by 5 m on a slope: one level roof and one polygon, though four blocks show a part of it."""
    monkeypatch.setattr(simulate_scene, "BLOCK", 24)
    slope = np.full((SIDE, SIDE), 100.0) + np.arange(SIDE)[:, None] * 0.04
    dem = write_surface(tmp_path / "dem.tif", slope, 0.5)
    if given == "footprints":
        corners = [(10, -10), (15, -10), (15, -30), (10, -30), (10, -10)]
        ring = [[LEFT + x, TOP + y] for x, y in corners]
        fields = {"dsm": dem, "footprints": write_footprints(tmp_path / "houses.jsonl", [(ring, 8.0)], UTM)}
    else:
        roof = slope.copy()
        roof[20:60, 20:30] = 110.0
        fields = {"dsm": write_surface(tmp_path / "dsm.tif", roof, 0.5), "dtm": dem}
    wanted = ("sar", "optical", "dsm", "buildings", "footprints")
    _, rasters = simulated(tmp_path / "out", wanted, **fields, **FINE)
    assert rasters["buildings"].sum() == pytest.approx(400, abs=4)  # a corner alone is not even
    assert np.ptp(rasters["dsm"][rasters["buildings"] == 1]) < 1e-3
    assert len(list(read_footprint_lines(tmp_path / "out" / "footprints.jsonl"))) == 1


def test_heights_that_no_building_has_are_told(tmp_path):
    """A year of construction for a height."""
    dem = write_surface(tmp_path / "dem.tif", np.full((SIDE, SIDE), 50.0), 0.5)
    houses = write_footprints(tmp_path / "houses.jsonl", [(square(LEFT + 10, TOP - 12, 4), 1987.0)], UTM)
    reports = KeptReports()
    simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, footprints=houses, reporter=reports, **FINE)
    assert any("'houses' reach 1,987 m, higher than any building" in text for text in reports.texts["warning"])
