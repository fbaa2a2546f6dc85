"""The simulator as a task: what it writes lies on one map, fits together, and does not show its blocks."""

import json
import math

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform as transform_coordinates
from sarbridge.engine.errors import UserError
from sarbridge.engine.geometry import sar_distortions
from sarbridge.engine.geometry.jobs import OpticalView, SarDistortionsJob, SarView
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.simulation import sar_presets, simulate_scene
from sarbridge.engine.simulation.jobs import OUTPUTS, SAR_PRESETS, FootprintSource, Misplacement, SimulateSceneJob
from sarbridge.engine.sources import RasterSource
from sarbridge.tests.engine.surfaces import LEFT, TOP, UTM, KeptReports, write_surface

LOOK, INCIDENCE = 90.0, 40.0
SAR, OPTICAL = SarView(LOOK, INCIDENCE, INCIDENCE), OpticalView(90.0, 10.0, 180.0, 45.0)
SIDE = 96
ROOF = slice(40, 60), slice(30, 50)  # rows, columns of a box of 12 m, in cells of 0.5 m
HEIGHT = 12.0


def box(side=SIDE):
    """Heights [side, side] of a box on a plain at 100 m."""
    heights = np.full((side, side), 100.0)
    heights[ROOF] += HEIGHT
    return heights


def job_for(folder, wanted=OUTPUTS, **fields):
    paths = {name: str(folder / f"{name}{'.jsonl' if name == 'footprints' else '.tif'}") for name in wanted}
    return SimulateSceneJob(**{"sar": SAR, "optical": OPTICAL, "outputs": paths, **fields})


def simulated(folder, wanted=OUTPUTS, reporter=None, **fields):
    """Run the job; return (numbers, {name: values [C, H, W]})."""
    folder.mkdir(exist_ok=True)
    job = job_for(folder, wanted, **fields)
    numbers = simulate_scene.run(job, reporter or NullReporter())["numbers"]
    rasters = {name: rasterio.open(path).read() for name, path in job.outputs.items() if path.endswith(".tif")}
    return numbers, rasters


FINE = {"sar_preset": "xband_half_metre", "optical_preset": "rgb0m5", "polarisations": ("HH",)}


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
    dsm, dtm = (
        write_surface(folder / f"{name}.tif", heights, 0.5)
        for name, heights in (("in_dsm", box()), ("in_dtm", np.full((SIDE, SIDE), 100.0)))
    )
    return folder, *simulated(folder / "out", dsm=dsm, dtm=dtm, **FINE)


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
    told = [numbers[name] for name in ("MEAN_SHIFT_X", "MEAN_SHIFT_Y", "MEAN_SHIFT_X_PX", "MEAN_SHIFT_Y_PX")]
    assert told == pytest.approx([32.5, 15.0, 3.25, -1.5], abs=1e-4)
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


def test_zones_are_those_of_sar_distortions(built, tmp_path):
    folder, numbers, rasters = built
    dsm = RasterSource("dsm", str(folder / "out" / "dsm.tif"), rasterio.open(folder / "out" / "dsm.tif").crs.to_wkt())
    alone = sar_distortions.run(SarDistortionsJob(dsm, SAR, str(tmp_path / "zones.tif")), NullReporter())["numbers"]
    assert {name: numbers[name] for name in alone} == alone
    assert np.array_equal(rasterio.open(tmp_path / "zones.tif").read(), rasters["zones"])
    assert numbers["LAYOVER_SHARE"] > 1 and numbers["SHADOW_SHARE"] > 1


def test_footprints_with_heights(built):
    folder, _, rasters = built
    lines = [json.loads(line) for line in (folder / "out" / "footprints.jsonl").read_text().splitlines()]
    assert len(lines) == 1
    assert lines[0]["height"] == pytest.approx(HEIGHT, abs=0.01)
    ring = np.array(lines[0]["rings"][0])
    assert ring[:, 0].min() == LEFT + 0.5 * ROOF[1].start and ring[:, 0].max() == LEFT + 0.5 * ROOF[1].stop
    assert ring[:, 1].max() == TOP - 0.5 * ROOF[0].start and ring[:, 1].min() == TOP - 0.5 * ROOF[0].stop
    area = 0.5 * abs(np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]))
    assert area == rasters["buildings"].sum() * 0.25


def write_footprints(path, rings_and_heights, crs):
    lines = [json.dumps({"rings": [ring], "height": height}) for ring, height in rings_and_heights]
    path.write_text("\n".join(lines))
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


@pytest.mark.parametrize("heights", [(None, 5.0), (0.0, 5.0), (-3.0, 5.0)])
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
    with pytest.raises(UserError, match="No footprint of layer 'houses' lies on the elevation layer"):
        simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, footprints=houses, **FINE)


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
    "fields, sentence",
    [
        ({"size": 64, "polarisations": ("XX",)}, "The polarisation must be one of"),
        ({"size": 5000}, "16 to 4096 pixels wide, got 5000"),
        ({"size": 64, "optical": OpticalView(0.0, 0.0)}, "without sun"),
        ({"size": 64, "outputs": {"sar": "a.tif"}}, "needs output files for the SAR and the optical image"),
        ({"size": 64, "misplacement": {"rotation": 60.0}}, "turned by up to 45 degrees"),
    ],
)
def test_what_a_job_refuses(tmp_path, fields, sentence):
    with pytest.raises(UserError, match=sentence):
        if "misplacement" in fields:
            fields = {**fields, "misplacement": Misplacement(**fields["misplacement"])}
        job_for(tmp_path, **fields)


def test_what_the_run_refuses(tmp_path):
    dem = write_surface(tmp_path / "dem.tif", box(), 0.5)
    empty = write_surface(tmp_path / "empty.tif", np.full((SIDE, SIDE), np.nan), 0.5, nodata=math.nan)
    higher = write_surface(tmp_path / "higher.tif", box() + 30, 0.5)
    crs = rasterio.crs.CRS.from_epsg(UTM).to_wkt()
    nowhere, huge = (LEFT, TOP, LEFT, TOP), (LEFT, TOP - 2e5, LEFT + 2e5, TOP)
    for sentence, fields in (
        ("'empty' holds only no data", {"dsm": empty}),
        ("surface model 'dem' lies more than", {"dsm": dem, "dtm": higher, **FINE}),
        ("would be 4 × 4 pixels of 10 m", {"dsm": dem}),
        ("would be 0 × 0 pixels", {"extent": nowhere, "extent_crs": crs}),
        ("20000 × 20000 pixels of 10 m, and an invented scene has at most 4096", {"extent": huge, "extent_crs": crs}),
        ("of scenes of at most 2048 × 2048 cells", {"size": 1200, "landscape": "plain"}),
    ):
        wanted = ("sar", "optical", "slc") if "size" in fields else ("sar", "optical")
        with pytest.raises(UserError, match=sentence):
            simulated(tmp_path / "out", wanted, **fields)
        assert not list((tmp_path / "out").iterdir())


def test_absurd_heights_and_angles_are_told(tmp_path):
    reports = KeptReports()
    dem = write_surface(tmp_path / "dem.tif", box(), 0.5, unit="ft")
    view = SarView(LOOK, 60.0, 60.0)
    fields = {"sar": view, "optical_preset": "rgb0m5", "reporter": reports}
    simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, **fields)
    assert any("declared as 'ft'" in text for text in reports.texts["warning"])
    assert any("looks at 29 to 46 degrees in reality, not at 60" in text for text in reports.texts["warning"])


def test_the_job_names_all_radars():
    assert set(SAR_PRESETS) == set(sar_presets.SAR_PRESETS)
