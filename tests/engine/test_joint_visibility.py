"""Whole runs of joint visibility: a box with known shadow, layover and occlusion on every side, shares, bad input."""

import csv
import math

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.engine.errors import UserError
from sarbridge.engine.geometry import cell_table, joint_visibility, line_blocks
from sarbridge.engine.geometry.jobs import JointVisibilityJob, OpticalView, SarView, look_azimuth
from sarbridge.engine.geometry.visibility_classes import Visibility as V
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.sources import RasterSource

SIDE, FIRST, END = 160, 60, 100  # cells of 1 m; the box reaches from FIRST to END on both axes
HEIGHT, INCIDENCE, OFF_NADIR = 12.0, 50.0, 30.0
SHADOW = HEIGHT * math.tan(math.radians(INCIDENCE))  # 14.3 m
LAYOVER = HEIGHT / math.tan(math.radians(INCIDENCE))  # 10.1 m
OCCLUDED = HEIGHT * math.tan(math.radians(OFF_NADIR))  # 6.9 m
UTM = CRS.from_epsg(32632)
ON_THE_CENTRAL_MERIDIAN = Affine(1, 0, 500000 - SIDE / 2, 0, -1, 5_300_000)  # grid north is true north


def write(path, values, transform=ON_THE_CENTRAL_MERIDIAN, crs=UTM, nodata=None):
    values = np.asarray(values, np.float32)
    profile = {"width": values.shape[1], "height": values.shape[0], "count": 1, "dtype": "float32", "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **profile) as file:
        file.write(values, 1)
    return RasterSource(path.stem, str(path), crs.to_wkt())


def box(height=HEIGHT):
    heights = np.zeros((SIDE, SIDE))
    heights[FIRST:END, FIRST:END] = height
    return heights


def read(path):
    with rasterio.open(path) as file:
        return file.read(1)


@pytest.fixture
def job(tmp_path):
    """Radar from the west (looking east), camera in the south."""
    return make_job(tmp_path)


def make_job(folder, dsm=None, look=90.0, view=180.0, off_nadir=OFF_NADIR, sun=(None, None), **others):
    return JointVisibilityJob(
        dsm=dsm or write(folder / "dsm.tif", box()),
        sar=SarView(look, INCIDENCE, INCIDENCE),
        optical=OpticalView(view, off_nadir, *sun),
        output=str(folder / "joint.tif"),
        sar_map=str(folder / "sar.tif"),
        optical_map=str(folder / "optical.tif"),
        **others,
    )


def run(job):
    return joint_visibility.run(job, NullReporter())["numbers"]


def runs(line):
    """Return [(class, first, end)] of the equal neighbours in a line of classes."""
    borders = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
    return [(V(line[first]), first, end) for first, end in zip(borders, borders[1:])]


def assert_runs(line, expected, tolerance=1.0):
    """`expected`: (class, first, end) in cells.

    Tolerance: half a cell as roofs begin at a sample, half a cell as cells have one class each.
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
    """The centre of the occluded ground lies behind the box's centre, opposite to the view azimuth, within 4°.

    Walls begin at samples, half a cell apart: the strips beside two walls may differ by half a cell in 4.9, or 3°.
    """
    run(make_job(tmp_path, look=0.0, view=float(view)))
    occluded = np.isin(read(tmp_path / "joint.tif"), (V.OCCLUSION, V.SHADOW_AND_OCCLUSION))
    rows, cols = np.nonzero(occluded & (box() == 0))
    east, south = cols.mean() + 0.5 - SIDE / 2, rows.mean() + 0.5 - SIDE / 2
    azimuth = math.degrees(math.atan2(east, -south)) % 360
    assert abs((azimuth - view - 180 + 180) % 360 - 180) < 4


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
    dsm, dtm = write(tmp_path / "dsm.tif", box() + cliff), write(tmp_path / "dtm.tif", cliff)
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


def test_footprints_tell_buildings_from_trees(tmp_path):
    """Without a terrain model: the ground under buildings is what surrounds them, what is no building is no façade."""
    tree = np.zeros((SIDE, SIDE))
    tree[20:30, 80:90] = 9.0
    dsm = write(tmp_path / "dsm.tif", box() + tree)
    run(make_job(tmp_path, dsm=dsm, footprints=write(tmp_path / "footprints.tif", box(1)), off_nadir=0.0))
    classes = read(tmp_path / "joint.tif")
    assert V.OTHER_LAYOVER in classes[25] and V.FACADE not in classes[25] and V.FACADE_LAYOVER not in classes[25]
    assert V.FACADE in classes[80] and V.FACADE_LAYOVER in classes[80] and V.OTHER_LAYOVER not in classes[80]


def test_no_data_stays_no_data(tmp_path):
    heights = box()
    heights[10:20, 30:50] = -9999
    numbers = run(make_job(tmp_path, dsm=write(tmp_path / "dsm.tif", heights, nodata=-9999)))
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
    left, top = ON_THE_CENTRAL_MERIDIAN.c, ON_THE_CENTRAL_MERIDIAN.f
    run(make_job(tmp_path))
    whole = read(tmp_path / "joint.tif")
    run(make_job(tmp_path, extent=(left + END, top - 100, left + 150, top - 60)))
    with rasterio.open(tmp_path / "joint.tif") as file:
        assert file.transform == ON_THE_CENTRAL_MERIDIAN * Affine.translation(END, 60)
        part = file.read(1)
    assert (part == whole[60:100, END:150]).mean() > 0.98
    assert (part == V.RADAR_SHADOW).any()


def test_cells_table(tmp_path):
    """A roof appears h cot(incidence) nearer to the radar (west), h tan(off-nadir) away from the camera (north)."""
    flat = write(tmp_path / "dtm.tif", np.zeros((SIDE, SIDE)))
    run(make_job(tmp_path, dtm=flat, cells=str(tmp_path / "cells.csv")))
    with (tmp_path / "cells.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(cell_table.FIELDS)
    assert [int(row["id"]) for row in rows] == list(range(SIDE * SIDE))
    roof, ground = rows[80 * SIDE + 80], rows[20 * SIDE + 80]
    for row, height in ((roof, HEIGHT), (ground, 0)):
        x, y, sar_x, sar_y, opt_x, opt_y = (float(row[key]) for key in ("x", "y", "sar_x", "sar_y", "opt_x", "opt_y"))
        assert (sar_x - x, sar_y - y) == pytest.approx((-height / math.tan(math.radians(INCIDENCE)), 0), abs=0.02)
        assert (opt_x - x, opt_y - y) == pytest.approx((0, height * math.tan(math.radians(OFF_NADIR))), abs=0.02)
    assert (float(roof["x"]), float(roof["y"])) == ON_THE_CENTRAL_MERIDIAN * (80.5, 80.5)
    assert float(roof["slant_range"]) - float(ground["slant_range"]) == pytest.approx(
        -HEIGHT * math.cos(math.radians(INCIDENCE)), abs=0.02
    )
    # The radar looks to the east: 80.5 cells from the western edge, 20.5 and 80.5 from the northern one.
    flat_range = 80.5 * math.sin(math.radians(INCIDENCE))
    assert float(ground["slant_range"]) == pytest.approx(flat_range, abs=0.05)
    assert float(ground["azimuth"]) == pytest.approx(20.5, abs=0.05)
    assert float(roof["azimuth"]) == pytest.approx(80.5, abs=0.05)
    classes = read(tmp_path / "joint.tif").ravel()
    assert [int(row["visibility"]) for row in rows] == classes.tolist()
    shadow = np.array([int(row["radar_shadow"]) for row in rows])
    np.testing.assert_array_equal(shadow == 1, np.isin(classes, (V.RADAR_SHADOW, V.SHADOW_AND_OCCLUSION)))


def test_too_many_cells_for_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_table, "MOST_CELLS", 1000)
    with pytest.raises(UserError, match="25,600 cells.*extent"):
        run(make_job(tmp_path, cells=str(tmp_path / "cells.csv")))
    assert not (tmp_path / "joint.tif").exists()


def test_report_shows_shares_beside_those_of_munich(tmp_path):
    numbers = run(make_job(tmp_path, report=str(tmp_path / "report.html")))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 3
    assert f"{numbers['SCENE_UNCERTAIN']:.2f}" in page and "18.89" in page
    assert "No terrain model and no footprints were given" in page


def test_a_terrain_above_the_surface_is_refused(tmp_path):
    dtm = write(tmp_path / "terrain.tif", np.full((SIDE, SIDE), 5.0))
    with pytest.raises(UserError, match="'dsm'.*'terrain'.*94 %"):
        run(make_job(tmp_path, dtm=dtm))
    assert not (tmp_path / "joint.tif").exists()


def test_a_terrain_model_elsewhere_is_refused(tmp_path):
    elsewhere = ON_THE_CENTRAL_MERIDIAN * Affine.translation(5000, 0)
    dtm = write(tmp_path / "terrain.tif", np.zeros((SIDE, SIDE)), elsewhere)
    with pytest.raises(UserError, match="'dsm' and 'terrain' do not overlap"):
        run(make_job(tmp_path, dtm=dtm))


def test_no_data_only_is_refused(tmp_path):
    dsm = write(tmp_path / "empty.tif", np.full((20, 20), -1.0), nodata=-1)
    with pytest.raises(UserError, match="'empty'.*no data"):
        run(make_job(tmp_path, dsm=dsm))


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ((400.0, 10.0), "view azimuth"),
        ((10.0, 75.0), "off-nadir"),
        ((10.0, -1.0), "off-nadir"),
        ((10.0, 10.0, 100.0, -3.0), "below the horizon"),
        ((10.0, 10.0, 100.0, 95.0), "sun elevation"),
        ((10.0, 10.0, 100.0), "both"),
    ],
)
def test_views_that_no_satellite_has_are_refused(view, said):
    with pytest.raises(UserError, match=said):
        OpticalView(*view)
