"""The simulator as a task: what it writes lies on one map, fits together, and does not show its blocks."""

import math

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform as transform_coordinates
from sarbridge.contract.geometry_jobs import SarDistortionsJob, SarView
from sarbridge.contract.simulation_jobs import Misplacement
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.geometry import sar_distortions
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.simulation import simulate_scene
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, UTM, KeptReports, write_surface
from sarbridge.tests.engine.simulation.simulated_scenes import HEIGHT, INCIDENCE, SAR, SIDE, simulated, simulated_box


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A village of 64 pixels, all outputs, with a planted shift: (folder, numbers, rasters)."""
    folder = tmp_path_factory.mktemp("invented")
    planted = Misplacement(right=3.25, down=-1.5)
    return folder, *simulated(folder, size=64, seed=3, landscape="village", misplacement=planted)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The box, seen by the fine sensors: (folder, numbers, rasters)."""
    folder = tmp_path_factory.mktemp("built")
    return folder, *simulated_box(folder)


def test_all_maps_lie_on_one_place(invented):
    folder, _, rasters = invented
    bounds = set()
    for name in ("sar", "optical", "truth", "dem", "dsm", "buildings", "zones", "positions"):
        with rasterio.open(folder / f"{name}.tif") as file:
            bounds.add((file.bounds, file.crs))
            assert file.res == ((10, 10) if name in ("sar", "optical", "truth") else (5, 5))
    assert len(bounds) == 1
    assert rasters["sar"].shape == (2, 64, 64) and rasters["optical"].dtype == np.uint16
    assert rasters["slc"].dtype == np.complex64
    assert -30 < np.median(rasters["sar"][0]) < 0 and 0.01 < np.median(rasters["optical"]) / 10_000 < 0.4
    assert (rasters["dsm"] >= rasters["dem"]).all() and set(np.unique(rasters["buildings"])) == {0, 1}


def test_the_planted_shift_is_told_and_kept(invented, tmp_path):
    """Moved by whole pixels the image is the same one, elsewhere; what comes from beyond the scene is no data."""
    _, numbers, rasters = invented
    assert [numbers[f"MEAN_SHIFT_{axis}_PX"] for axis in "XY"] == pytest.approx([3.25, -1.5], abs=1e-5)
    metres = [numbers[f"MEAN_SHIFT_{axis}"] for axis in "XY"]
    assert metres == pytest.approx([32.5, 15.0], rel=5e-4)  # on the ground, which UTM shows 0.04 % smaller at most
    assert np.allclose(rasters["truth"][0], 3.25) and np.allclose(rasters["truth"][1], -1.5)
    images = {}
    for down in (0.0, 2.0):
        fields = {"size": 64, "seed": 3, "landscape": "village", "misplacement": Misplacement(right=3.0, down=down)}
        _, images[down] = simulated(tmp_path, ("sar", "optical"), **fields)
    assert np.array_equal(images[2.0]["sar"], rasters["sar"][:, :, :])
    assert np.array_equal(images[2.0]["optical"][:, :-2], images[0.0]["optical"][:, 2:])
    assert (images[2.0]["optical"][:, -2:] == 0).all() and (images[2.0]["optical"][:, :, -3:] == 0).all()
    assert (images[2.0]["optical"][:, :-2, :-3] > 0).all()


def test_the_same_seed_gives_the_same_scene(invented, tmp_path):
    _, numbers, rasters = invented
    planted = Misplacement(right=3.25, down=-1.5)
    again, same = simulated(tmp_path / "a", size=64, seed=3, landscape="village", misplacement=planted)
    assert again == numbers and all(np.array_equal(same[name], rasters[name]) for name in rasters)
    _, other = simulated(tmp_path / "b", ("sar", "optical"), size=64, seed=4, landscape="village")
    assert not np.array_equal(other["sar"], rasters["sar"])


@pytest.mark.parametrize("side", [48, 80])
def test_blocks_equal_the_whole(tmp_path, monkeypatch, side):
    """Terrain, buildings, positions and zones are the same to rounding; colours, too, but for the camera's noise."""
    wanted = ("sar", "optical", "dem", "dsm", "buildings", "zones", "positions")
    fields = {"size": 80, "seed": 11, "landscape": "village"}
    numbers, whole = simulated(tmp_path / "whole", wanted, **fields)
    monkeypatch.setattr(simulate_scene, "BLOCK", side)
    of_blocks, parts = simulated(tmp_path / "parts", wanted, **fields)
    assert of_blocks == numbers
    for name in ("dem", "dsm", "buildings", "zones"):
        assert np.array_equal(parts[name], whole[name])
    assert np.abs(parts["positions"] - whole["positions"]).max() < 1e-3
    difference = (parts["optical"].astype(float) - whole["optical"]) / 10_000
    # Lines along the sun and the view lie a little otherwise in each block, which shows at the edges of houses.
    assert np.median(np.abs(difference)) < 0.003
    assert abs(difference.mean()) < 2e-4
    decibels = parts["sar"] - whole["sar"]
    assert np.abs(decibels.mean((1, 2))).max() < 0.3  # same wind, gain and textures; other speckle


def test_positions_of_a_roof(built):
    """The radar looks east and the camera stands in the east: both see roofs displaced to the west, resp. away."""
    _, _, rasters = built
    sar_col, sar_row, col, row = rasters["positions"][:4]
    own_row, own_col = np.mgrid[:SIDE, :SIDE] + 0.5
    ground = rasters["dsm"][0] == rasters["dem"][0]
    for found, true in ((sar_col, own_col), (sar_row, own_row), (col, own_col), (row, own_row)):
        assert np.abs(found - true)[ground].max() < 1e-3
    inner = np.s_[44:56, 34:46]
    towards_radar = HEIGHT / math.tan(math.radians(INCIDENCE)) / 0.5
    lean = HEIGHT * math.tan(math.radians(10)) / 0.5
    assert (sar_col - own_col)[inner] == pytest.approx(np.full((12, 12), -towards_radar), abs=1e-3)
    assert (col - own_col)[inner] == pytest.approx(np.full((12, 12), -lean), abs=1e-3)
    assert np.abs(row - own_row)[inner].max() < 1e-3


def test_positions_in_radar_geometry_lead_to_the_same_echo(built):
    """The terrain-corrected image is the one in radar geometry, taken at the line and sample of each ground cell."""
    _, _, rasters = built
    line, sample = rasters["positions"][4:]
    image = 10 ** (rasters["ground_range"][0] / 10)
    ground = rasters["dsm"][0] == rasters["dem"][0]
    rows, cols = (np.floor(each[ground] - 0.5).astype(int) for each in (line, sample))
    down, right = line[ground] - 0.5 - rows, sample[ground] - 0.5 - cols
    echo = sum(
        weight * image[rows + a, cols + b]
        for a, b, weight in (
            (0, 0, (1 - down) * (1 - right)),
            (0, 1, (1 - down) * right),
            (1, 0, down * (1 - right)),
            (1, 1, down * right),
        )
    )
    on_map = rasters["sar"][0][ground]
    assert np.abs(10 * np.log10(np.maximum(echo, 1e-6)) - on_map).max() < 0.01


def test_what_stands_around_the_scene_counts_for_its_zones(tmp_path):
    """A wall of 30 m just outside the extent, between it and the radar in the west, puts a part of it in shadow."""
    heights = np.zeros((SIDE, SIDE))
    heights[:, 20:30] = 30.0
    dsm, dtm = write_surface(tmp_path / "dsm.tif", heights), write_surface(tmp_path / "dtm.tif", 0 * heights)
    extent = (LEFT + 32, TOP - 80, LEFT + 92, TOP - 20)
    fields = {"dsm": dsm, "dtm": dtm, "extent": extent, "optical_preset": "pan2m5", "sar_preset": "terrasarx_stripmap"}
    numbers, _ = simulated(tmp_path / "out", ("sar", "optical", "zones"), **fields)
    behind = 30 * math.tan(math.radians(INCIDENCE)) - 2  # metres of shadow within the extent of 60 m
    assert numbers["SHADOW_SHARE"] == pytest.approx(100 * behind / 60, abs=5)


def test_zones_are_those_of_sar_distortions(built, tmp_path):
    folder, numbers, rasters = built
    dsm = RasterSource("dsm", str(folder / "out" / "dsm.tif"), rasterio.open(folder / "out" / "dsm.tif").crs.to_wkt())
    alone = sar_distortions.run(SarDistortionsJob(dsm, SAR, str(tmp_path / "zones.tif")), NullReporter())["numbers"]
    assert {name: numbers[name] for name in alone} == alone
    assert np.array_equal(rasterio.open(tmp_path / "zones.tif").read(), rasters["zones"])
    assert numbers["LAYOVER_SHARE"] > 1 and numbers["SHADOW_SHARE"] > 1


def test_a_layer_of_degrees_becomes_utm_and_no_data_stays(tmp_path):
    heights = np.full((60, 60), 200.0)
    heights[:30, :20] = np.nan
    dem = write_surface(tmp_path / "dem.tif", heights, 1 / 3600, crs=4326, corner=(15.0, 48.0), nodata=math.nan)
    reports = KeptReports()
    _, rasters = simulated(tmp_path / "out", ("sar", "optical", "dem", "zones"), reporter=reports, dsm=dem)
    with rasterio.open(tmp_path / "out" / "sar.tif") as file:
        assert file.crs.to_epsg() == 32633 and file.res == (10, 10)
        unknown = np.isnan(file.read(1))
        assert 0.1 < unknown.mean() < 0.4
        assert file.nodata is not None
    assert np.array_equal(rasters["optical"][0] == 0, unknown)
    assert np.array_equal(rasters["zones"][0] == 128, np.isnan(rasters["dem"][0]))
    assert np.nanmax(np.abs(rasters["dem"] - 200)) < 1e-3


def test_a_gap_between_blocks_of_no_data(tmp_path, monkeypatch):
    """Blocks without any height are left out; beside them the scene is as it would be."""
    monkeypatch.setattr(simulate_scene, "BLOCK", 32)
    heights = np.full((64, 300), 20.0) + np.arange(300) / 10
    heights[:, 100:] = np.nan
    dem = write_surface(tmp_path / "dem.tif", heights, 2.5, nodata=math.nan)
    _, rasters = simulated(tmp_path / "out", ("sar", "optical", "dem"), dsm=dem, optical_preset="pan2m5")
    assert np.isfinite(rasters["sar"][:, :, :100]).all() and np.isnan(rasters["sar"][:, :, 100:]).all()
    assert (rasters["optical"][:, :, 100:] == 0).all() and rasters["optical"].shape[0] == 1
    assert np.isnan(rasters["dem"][0, :, 100:]).all()


def test_an_extent_places_an_invented_scene(tmp_path):
    corners = transform_coordinates(UTM, 4326, [LEFT, LEFT + 500], [TOP - 400, TOP])
    extent = corners[0][0], corners[1][0], corners[0][1], corners[1][1]
    crs = rasterio.crs.CRS.from_epsg(4326).to_wkt()
    simulated(tmp_path, ("sar", "optical"), extent=extent, extent_crs=crs, landscape="plain")
    with rasterio.open(tmp_path / "sar.tif") as file:
        assert file.crs.to_epsg() == UTM
        assert (file.width, file.height) == (50, 40)
        assert file.bounds[0] == pytest.approx(LEFT, abs=10) and file.bounds[3] == pytest.approx(TOP, abs=10)


def test_north_is_true_north(tmp_path):
    """At 60° N, 3° off the central meridian, grid north is 2.6° off: a look along a grid line is told from one along
    a meridian by the direction of the shadow."""
    tower = np.zeros((200, 200))
    tower[98:102, 98:102] = 40.0
    x, y = transform_coordinates(4326, UTM, [18.0], [60.0])
    dsm = write_surface(tmp_path / "dsm.tif", tower, 2.5, corner=(x[0] - 250, y[0] + 250))
    dtm = write_surface(tmp_path / "dtm.tif", tower * 0, 2.5, corner=(x[0] - 250, y[0] + 250))
    view = SarView(0.0, INCIDENCE, INCIDENCE)
    fields = {"sar": view, "dsm": dsm, "dtm": dtm, "optical_preset": "pan2m5", "sar_preset": "terrasarx_stripmap"}
    _, rasters = simulated(tmp_path / "out", ("sar", "optical", "positions"), **fields)
    moved = rasters["positions"][:2, 100, 100] - (100.5, 100.5)
    azimuth = math.degrees(math.atan2(-moved[0], moved[1]))  # of what leads away from the radar, on the grid
    assert azimuth == pytest.approx(-3 * math.sin(math.radians(60)), abs=0.05)


@pytest.mark.parametrize(
    "crs, units", [(3857, (2000, 1500)), (32662, (2000, 750)), (4326, (2000 / 111412, 750 / 111412))]
)
def test_an_extent_holds_pixels_of_metres_on_the_ground(tmp_path, crs, units):
    """At 60° N, 2000 units of Web Mercator, and of a plate carree to the east, are 1000 m: 100 pixels of 10 m."""
    x, y = (each[0] for each in transform_coordinates(4326, crs, [15.0], [60.0]))
    extent = x - units[0] / 2, y - units[1] / 2, x + units[0] / 2, y + units[1] / 2
    wkt = rasterio.crs.CRS.from_epsg(crs).to_wkt()
    shift = Misplacement(right=3.0, down=4.0)
    numbers, _ = simulated(
        tmp_path, ("sar", "optical"), extent=extent, extent_crs=wkt, landscape="plain", misplacement=shift
    )
    assert (numbers["MEAN_SHIFT_X"], numbers["MEAN_SHIFT_Y"]) == pytest.approx((30, -40), rel=3e-3)
    with rasterio.open(tmp_path / "sar.tif") as file:
        assert file.crs.to_epsg() == (3857 if crs == 3857 else 32633)
        assert (file.width, file.height) == pytest.approx((100, 75), abs=1)
        cols, rows = [0, file.width, 0], [0, 0, file.height]
        xs, ys = (np.array(each) for each in file.transform * (np.array(cols), np.array(rows)))
        plane = "+proj=aeqd +lon_0=15 +lat_0=60 +datum=WGS84"
        east, north = rasterio.warp.transform(file.crs, plane, xs, ys)
        top, left = (np.hypot(east[end] - east[0], north[end] - north[0]) for end in (1, 2))
        assert (top / file.width, left / file.height) == pytest.approx((10, 10), rel=3e-3)
