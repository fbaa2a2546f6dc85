"""Whole runs of joint visibility: a box with known shadow, layover and occlusion on every side, mountains, shares."""

import math

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from sarbridge.benchmarks.geometry import landscape
from sarbridge.contract.geometry_jobs import SarDistortionsJob, look_azimuth
from sarbridge.engine.geometry import line_blocks, sar_distortions
from sarbridge.engine.geometry.range_lines import ACTIVE_SHADOW, PASSIVE_SHADOW
from sarbridge.engine.geometry.visibility_classes import Visibility as V
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, write_surface
from sarbridge.tests.engine.geometry.visible_box import (
    END,
    FIRST,
    HEIGHT,
    INCIDENCE,
    LAYOVER,
    OCCLUDED,
    SHADOW,
    SIDE,
    box,
    make_job,
    read,
    run,
)


@pytest.fixture
def job(tmp_path):
    """Radar from the west (looking east), camera in the south."""
    return make_job(tmp_path)


def runs(line):
    """Return [(class, first, end)] of the equal neighbours in a line of classes."""
    borders = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
    return [(V(line[first]), first, end) for first, end in zip(borders, borders[1:])]


def assert_runs(line, expected, tolerance=0.5):
    """`expected`: (class, first, end) in cells.

    Tolerance: half a cell, as cells have one class each.
    """
    found = runs(line)
    assert [each[0] for each in found] == [each[0] for each in expected]
    for (_, first, end), (_, true_first, true_end) in zip(found, expected):
        assert abs(first - true_first) <= tolerance and abs(end - true_end) <= tolerance, (found, expected)


def test_a_box_from_west_to_east(job):
    """Façade layover h cot before the box, its roof visible, shadow h tan behind, to one cell."""
    run(job)
    expected = [
        (V.VISIBLE, 0, FIRST - LAYOVER),
        (V.FACADE_LAYOVER, FIRST - LAYOVER, FIRST),
        (V.FACADE, FIRST, FIRST + 1),
        (V.VISIBLE, FIRST + 1, END - 1),
        (V.FACADE, END - 1, END),
        (V.RADAR_SHADOW, END, END + SHADOW),
        (V.VISIBLE, END + SHADOW, SIDE),
    ]
    assert_runs(read(job.output)[SIDE // 2], expected)


def test_a_box_from_north_to_south(job):
    """The camera in the south does not see h tan(off-nadir) north of the box, and its roof is visible."""
    run(job)
    expected = [
        (V.VISIBLE, 0, FIRST - OCCLUDED),
        (V.OCCLUSION, FIRST - OCCLUDED, FIRST),
        (V.FACADE, FIRST, FIRST + 1),
        (V.VISIBLE, FIRST + 1, END - 1),
        (V.FACADE, END - 1, END),
        (V.VISIBLE, END, SIDE),
    ]
    assert_runs(read(job.output)[:, SIDE // 2], expected)


@pytest.mark.parametrize("heading", [0, 90, 180, 270])
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_shadow_lies_behind_the_box_on_every_side(tmp_path, heading, side):
    look = look_azimuth(heading, side)
    run(make_job(tmp_path, look=look, view=(look + 180) % 360, off_nadir=0.0))
    classes = read(tmp_path / "joint.tif")
    turned = np.rot90(classes, round((look - 90) / 90))  # now the radar looks to the right
    line = turned[SIDE // 2]
    assert (line == V.RADAR_SHADOW).sum() == pytest.approx(SHADOW, abs=1)
    assert (line[END:] == V.RADAR_SHADOW).sum() == (line == V.RADAR_SHADOW).sum()
    assert (line == V.FACADE_LAYOVER).sum() == pytest.approx(LAYOVER, abs=1)
    assert (line[:FIRST] == V.FACADE_LAYOVER).sum() == (line == V.FACADE_LAYOVER).sum()


@pytest.mark.parametrize("view", [0, 45, 90, 135, 180, 225, 270, 315])
def test_occlusion_lies_away_from_the_satellite(tmp_path, view):
    """The centre of the occluded ground lies behind the box's centre, opposite to the view azimuth, within 2°."""
    run(make_job(tmp_path, look=0.0, view=float(view)))
    occluded = np.isin(read(tmp_path / "joint.tif"), (V.OCCLUSION, V.SHADOW_AND_OCCLUSION))
    rows, cols = np.nonzero(occluded & (box() == 0))
    east, south = cols.mean() + 0.5 - SIDE / 2, rows.mean() + 0.5 - SIDE / 2
    azimuth = math.degrees(math.atan2(east, -south)) % 360
    assert abs((azimuth - view - 180 + 180) % 360 - 180) < 2


def test_straight_down_nothing_is_occluded(tmp_path):
    numbers = run(make_job(tmp_path, off_nadir=0.0))
    assert numbers["SAR_NOT_VISIBLE"] == 0
    assert not np.isin(read(tmp_path / "joint.tif"), (V.OCCLUSION, V.SHADOW_AND_OCCLUSION)).any()


def test_shares_against_the_maps(job):
    """Scene: all cells; SAR image: without its shadow; optical image: without what it does not see."""
    numbers = run(job)
    joint, sar, optical = read(job.output), read(job.sar_map), read(job.optical_map)
    hidden, uncertain = (V.RADAR_SHADOW, V.OCCLUSION, V.SHADOW_AND_OCCLUSION), (V.FACADE, V.FACADE_LAYOVER)
    for name, classes in (
        ("SCENE", joint),
        ("SAR", sar[sar != V.RADAR_SHADOW]),
        ("OPTICAL", optical[optical != V.OCCLUSION]),
    ):
        shares = [100 * np.isin(classes, kinds).mean() for kinds in (hidden, uncertain, (V.VISIBLE,))]
        assert [numbers[f"{name}_{kind}"] for kind in ("NOT_VISIBLE", "UNCERTAIN", "VISIBLE")] == pytest.approx(shares)
        assert sum(shares) == pytest.approx(100)
    assert numbers["CELL_COUNT"] == SIDE * SIDE
    assert numbers["SAR_NOT_VISIBLE"] == pytest.approx(100 * OCCLUDED * 40 / (SIDE**2 - SHADOW * 40), rel=1 / OCCLUDED)


def test_the_sun_makes_a_class_of_its_own(tmp_path):
    run(make_job(tmp_path, off_nadir=0.0, sun=(180.0, 45.0)))
    column = read(tmp_path / "joint.tif")[:, SIDE // 2]
    assert (column[:FIRST] == V.SUN_SHADOW).sum() == pytest.approx(HEIGHT, abs=1)
    assert not (column[FIRST:] == V.SUN_SHADOW).any()


def test_a_terrain_model_tells_slopes_from_facades(tmp_path):
    """A cliff in both models is no façade and what it lies over no façade layover; the box beside it keeps both."""
    cliff = np.zeros((SIDE, SIDE))
    cliff[:40, 60:] = 20.0
    dsm, dtm = write_surface(tmp_path / "dsm.tif", box() + cliff), write_surface(tmp_path / "dtm.tif", cliff)
    run(make_job(tmp_path, dsm=dsm, dtm=dtm, off_nadir=0.0))
    told_apart = read(tmp_path / "joint.tif")
    run(make_job(tmp_path, dsm=dsm, off_nadir=0.0))
    alike = read(tmp_path / "joint.tif")
    beside_cliff = told_apart[20, :60]
    assert (beside_cliff == V.OTHER_LAYOVER).sum() == pytest.approx(20 / math.tan(math.radians(INCIDENCE)), abs=1)
    assert not np.isin(told_apart[:38], (V.FACADE, V.FACADE_LAYOVER)).any()
    np.testing.assert_array_equal(alike[:38] == V.FACADE_LAYOVER, told_apart[:38] == V.OTHER_LAYOVER)
    assert (alike[20] == V.FACADE).any()
    np.testing.assert_array_equal(told_apart[70:90], alike[70:90])


def test_where_the_terrain_is_not_known_facades_are_found_as_without_it(tmp_path):
    terrain = np.zeros((SIDE, SIDE))
    terrain[:, : SIDE // 2] = np.nan
    dsm, dtm = write_surface(tmp_path / "dsm.tif", box()), write_surface(tmp_path / "dtm.tif", terrain)
    run(make_job(tmp_path, dsm=dsm, off_nadir=0.0))
    without = read(tmp_path / "joint.tif")
    run(make_job(tmp_path, dsm=dsm, dtm=dtm, off_nadir=0.0))
    partly = read(tmp_path / "joint.tif")
    assert (without[:, : SIDE // 2] == V.FACADE).any()
    np.testing.assert_array_equal(partly[:, : SIDE // 2 - 2] == V.FACADE, without[:, : SIDE // 2 - 2] == V.FACADE)


def test_footprints_tell_buildings_from_trees(tmp_path):
    """Without a terrain model: the ground under buildings is what surrounds them, what is no building is no façade."""
    tree = np.zeros((SIDE, SIDE))
    tree[20:30, 80:90] = 9.0
    dsm = write_surface(tmp_path / "dsm.tif", box() + tree)
    run(make_job(tmp_path, dsm=dsm, footprints=write_surface(tmp_path / "footprints.tif", box(1)), off_nadir=0.0))
    classes = read(tmp_path / "joint.tif")
    assert V.OTHER_LAYOVER in classes[25] and V.FACADE not in classes[25] and V.FACADE_LAYOVER not in classes[25]
    assert V.FACADE in classes[80] and V.FACADE_LAYOVER in classes[80] and V.OTHER_LAYOVER not in classes[80]


def test_no_data_stays_no_data(tmp_path):
    heights = box()
    heights[10:20, 30:50] = -9999
    numbers = run(make_job(tmp_path, dsm=write_surface(tmp_path / "dsm.tif", heights, nodata=-9999)))
    with rasterio.open(tmp_path / "joint.tif") as file:
        classes, nodata = file.read(1), file.nodata
    assert nodata == V.NO_DATA
    np.testing.assert_array_equal(classes == V.NO_DATA, heights == -9999)
    assert numbers["CELL_COUNT"] == SIDE * SIDE - 200


def test_blocks_do_not_show(tmp_path, monkeypatch):
    """The same map whether the model is worked through at once or in small blocks, but for rounding of positions."""
    run(make_job(tmp_path, look=37.0, view=200.0, sun=(150.0, 40.0)))
    at_once = read(tmp_path / "joint.tif")
    monkeypatch.setattr(line_blocks, "TILE", 48)
    run(make_job(tmp_path, look=37.0, view=200.0, sun=(150.0, 40.0)))
    assert (read(tmp_path / "joint.tif") == at_once).mean() > 0.98


def test_extent_cuts_the_maps_not_what_stands_outside(tmp_path):
    """East of the box, outside the extent, its shadow still falls."""
    run(make_job(tmp_path))
    whole = read(tmp_path / "joint.tif")
    run(make_job(tmp_path, extent=(LEFT + END, TOP - 100, LEFT + 150, TOP - 60)))
    with rasterio.open(tmp_path / "joint.tif") as file:
        assert file.transform == Affine(1, 0, LEFT + END, 0, -1, TOP - 60)
        part = file.read(1)
    assert (part == whole[60:100, END:150]).mean() > 0.98
    assert (part == V.RADAR_SHADOW).any()


def test_coarse_cells_hold_slopes_as_for_the_zones(tmp_path):
    """Steps of more than 45° between cells of 30 m are no upright walls: both tasks find the same shadow."""
    mountains = write_surface(tmp_path / "mountains.tif", 2 * landscape(SIDE, SIDE), cell=30)
    job = make_job(tmp_path, dsm=mountains, look=37.0, incidence=60.0)
    run(job)
    shadow = np.isin(read(job.output), (V.RADAR_SHADOW, V.SHADOW_AND_OCCLUSION))
    zones = SarDistortionsJob(mountains, job.sar, str(tmp_path / "zones.tif"))
    sar_distortions.run(zones, NullReporter())
    of_zones = read(zones.output) & (ACTIVE_SHADOW | PASSIVE_SHADOW) > 0
    assert shadow.mean() > 0.01 and of_zones.mean() > 0.01
    assert (shadow == of_zones).mean() > 0.98


def test_report_shows_shares_beside_those_of_munich(tmp_path):
    numbers = run(make_job(tmp_path, report=str(tmp_path / "report.html")))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 3
    assert f"{numbers['SCENE_UNCERTAIN']:.2f}" in page and "18.89" in page
    assert "No terrain model and no footprints were given" in page
