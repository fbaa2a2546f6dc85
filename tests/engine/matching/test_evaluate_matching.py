"""Errors of tie points, exact to the number, against transforms, check points and planted offsets."""

import csv
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.contract.errors import UserError
from sarbridge.contract.match_evaluation_jobs import IDENTITY, EvaluateMatchingJob, PointSource
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.evaluate_matching import COLUMNS, run
from sarbridge.engine.matching.planted_matches import planted_rows
from sarbridge.engine.matching.planted_offsets import PlantedOffsets
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.tests.engine.matching.matching_pairs import EAST, NORTH, PIXEL, SCALE, SHIFT, UTM, job, source, write
from scipy.ndimage import gaussian_filter

WKT = rasterio.crs.CRS.from_user_input(UTM).to_wkt()
DEGREES = rasterio.crs.CRS.from_epsg(4326).to_wkt()
GROUND = PIXEL / SCALE  # metres on the ground of ten units of the map
OFF = [(3, 4), (-6, 8), (18, -24), (60, 80)]  # map units: 0.5, 1, 3 and 10 working pixels
SIGMA = [0.6, 0.9, 1.4, None]
TURN = (
    Affine.translation(12.5, -30)
    * Affine.translation(EAST, NORTH)
    * Affine.rotation(3)
    * Affine.translation(-EAST, -NORTH)
)


def points(crs=DEGREES, transform=IDENTITY, name="points"):
    """Four accepted points, a rejected match that is 50 px off, and a place where nothing was found."""
    rows = []
    for number, off in enumerate([*OFF, (500, 0), None]):
        x, y = EAST + 150 * number, NORTH - 200 * number
        true = Affine(*transform[:6]) * (x, y)
        sar = (true[0] + off[0], true[1] + off[1]) if off else (None, None)
        (opt_x,), (opt_y,) = project(UTM, crs, [x], [y])
        rows.append((str(number), *sar, opt_x, opt_y, number < 4, SIGMA[number] if number < 4 else None))
    return PointSource(name, WKT, crs, tuple(rows), GROUND)


def numbers(reporter=None, **entries):
    return run(EvaluateMatchingJob(**entries), reporter or NullReporter())["numbers"]


@pytest.mark.parametrize("transform", [IDENTITY, (1.0, 0.0, 12.5, 0.0, 1.0, -30.0), tuple(TURN)[:6]])
def test_numbers_are_those_of_the_errors_that_were_planted(transform):
    found = numbers(points=points(transform=transform), transform=transform)
    east, north = found.pop("MEAN_EAST_M"), found.pop("MEAN_NORTH_M")
    assert (east, north) == pytest.approx((18.75 / SCALE, 17 / SCALE), rel=2e-4)  # true north is not that of the map
    spread = 2 * 0.25 + 7 * sqrt(3.5 / 3) + 23 * sqrt(57.6875 / 4)  # up to 2 px, to 9 and to 32
    assert found == pytest.approx(
        {
            "COUNT": 4,
            "WITHIN_1": 50,
            "WITHIN_3": 75,
            "MEAN_ERROR": 3.625,
            "MEDIAN_ERROR": 2,
            "MAP": spread / 32,
            "MEAN_ERROR_M": 3.625 * GROUND,
            "MEDIAN_ERROR_M": 2 * GROUND,
            "SHARE_KEPT": 100 * 4 / 6,
            "WITHIN_1_ALL": 100 * 2 / 5,
            "WITHIN_1_SIGMA": 100 / 3,
            "WITHIN_2_SIGMA": 200 / 3,
        },
        rel=1e-5,
    )


def test_without_rejected_points_there_is_no_share_kept():
    kept = replace(points(), rows=points().rows[:4])
    found = numbers(points=kept, transform=IDENTITY)
    assert found["SHARE_KEPT"] is None and found["WITHIN_1_ALL"] == found["WITHIN_1"] == 50


def test_without_accepted_points_only_their_number_is_known():
    sent = []
    found = numbers(Reporter(sent.append), points=replace(points(), rows=points().rows[4:]), transform=IDENTITY)
    assert found.pop("COUNT") == found.pop("SHARE_KEPT") == found.pop("WITHIN_1_ALL") == 0
    assert set(found.values()) == {None}
    assert any("No point was accepted" in each.get("text", "") for each in sent)


def test_check_points_say_the_truth_where_they_lie():
    """In other coordinates, a few metres beside, and only near three of the points."""
    rows = []
    for number in (0, 1, 3):
        x, y = EAST + 150 * number + 3, NORTH - 200 * number - 4
        (sar_x,), (sar_y,) = project(UTM, DEGREES, [x + 12.5], [y - 30])
        rows.append((f"c{number}", sar_x, sar_y, x, y, True, None))
    checks = PointSource("checks", DEGREES, WKT, tuple(rows))
    judged = points(transform=(1.0, 0.0, 12.5, 0.0, 1.0, -30.0))
    sent = []
    found = numbers(Reporter(sent.append), points=judged, checks=checks, reach=0.6)
    assert (found["COUNT"], found["WITHIN_1"]) == (3, pytest.approx(200 / 3))
    assert found["MEAN_ERROR"] == pytest.approx(11.5 / 3, rel=1e-5)
    assert any("3 of 6 points have no truth" in each.get("text", "") for each in sent)
    with pytest.raises(UserError, match=r"'points' and 'checks' have no points in common: .* are 0\.5 working pixels"):
        numbers(points=judged, checks=checks, reach=0.4)
    with pytest.raises(UserError, match="'checks' has no points, or no accepted ones"):
        numbers(points=judged, checks=replace(checks, rows=()))


def test_points_without_an_optical_position_have_no_check_point():
    """Fields that are empty, or metres that are read as degrees."""
    nowhere = tuple((row[0], None, None, None, None, False, None) for row in points().rows)
    for rows, crs in ((nowhere, DEGREES), (points(WKT).rows, DEGREES)):
        judged = PointSource("lost", WKT, crs, rows, GROUND)
        with pytest.raises(UserError, match="No point of layer 'lost' has an optical position on the map"):
            numbers(points=judged, checks=points(WKT, name="checks"))


def test_a_precision_that_there_is_not_is_not_told():
    sent = []
    far = tuple((row[0], row[1] + 1000, *row[2:]) for row in points().rows[:4])
    found = numbers(Reporter(sent.append), points=replace(points(), rows=far), transform=IDENTITY)
    text = " ".join(each.get("text", "") for each in sent)
    assert found["MAP"] is None and "the median" in text and "nan" not in text and "mAP" not in text


def test_where_nothing_is_known_nothing_is_told_of_the_share_kept():
    sent = []
    rows = tuple((row[0], None, None, None, None, False, None) for row in points().rows)
    numbers(Reporter(sent.append), points=replace(points(), rows=rows), transform=IDENTITY)
    assert not any("share kept" in each.get("text", "").lower() for each in sent)


def test_the_table_and_the_report(tmp_path):
    table, report = tmp_path / "t.csv", tmp_path / "r.html"
    numbers(points=points(), transform=IDENTITY, table=str(table), report=str(report))
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS and [row["id"] for row in rows] == list("01234")
    for row, off in zip(rows, [*OFF, (500, 0)]):
        assert (float(row["dx_m"]), float(row["dy_m"])) == pytest.approx([each / SCALE for each in off], abs=0.1)
        assert float(row["x"]) - float(row["true_x"]) == pytest.approx(off[0], abs=1e-6)
        assert float(row["error_px"]) == pytest.approx(np.hypot(*off) / PIXEL, rel=1e-5)
    assert [row["accepted"] for row in rows] == ["1"] * 4 + ["0"] and rows[3]["sigma_px"] == ""
    html = report.read_text(encoding="utf-8")
    assert html.count("<img ") == 3 and "Evaluation of tie points" in html and "33.3" in html
    assert "points, against a known transform" in html and "Only 4 points are judged" in html


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    """A pair of which the SAR image is noisy enough for correlation to err, and a strip without data."""
    folder, random = tmp_path_factory.mktemp("aligned"), np.random.default_rng(1)
    scene = gaussian_filter(random.standard_normal((480, 560)), 2)
    scene /= scene.std()
    sar = (-12 + scene + random.normal(0, 45, scene.shape)).astype("float32")
    sar[:, 500:] = np.nan
    lattice = Affine(PIXEL, 0, EAST, 0, -PIXEL, NORTH)
    optical = np.clip(128 + 40 * scene, 1, 255).astype("uint8")
    return (
        source("Radar", write(folder / "sar.tif", sar, lattice, UTM), UTM),
        source("Colours", write(folder / "optical.tif", optical, lattice, UTM), UTM),
    ), (sar, optical)


def test_planted_offsets_are_looked_for_in_displaced_windows(aligned):
    """Each row beside the correlation of arrays that are cut by hand."""
    layers, (sar, optical) = aligned
    matching = job(layers, spacing=48, max_shift=12, keep_rejected=True)
    rows, pixel = planted_rows(matching, NullReporter())
    assert pixel == pytest.approx(GROUND)
    centres = {(24 + 48 * col, 24 + 48 * row) for col in range(12) for row in range(10)}
    reached = 64 + 12  # of a window that is not displaced
    sure = {(x, y) for x, y in centres if min(x, y, 480 - y, 500 - x) >= reached + 11}
    possible = {(x, y) for x, y in centres if min(x, y, 480 - y, 500 + 8 - x) >= reached - 11}
    places = [(round(row["opt_col"]), round(row["opt_row"])) for row in rows]
    assert sure <= set(places) <= possible and len(places) == len(set(places)) < len(possible)
    found = [row for row in rows if row["accepted"]]
    errors = np.array([(row["dx_px"], row["dy_px"]) for row in found])
    assert 0.2 < (np.abs(errors).max(1) < 1).mean() < 1 and np.abs(errors).max() < 24
    matcher = NccMatcher()
    sar, optical = torch.from_numpy(np.nan_to_num(sar, nan=-12)), torch.from_numpy(optical / 255).float()
    for row, error in zip(found[:20], errors):
        x, y = round(row["opt_col"]), round(row["opt_row"])
        template = optical[y - 64 : y + 64, x - 64 : x + 64]
        col, line = np.round(error).astype(int) + (x, y)
        window = sar[line - 64 : line + 64, col - 64 : col + 64]
        here = matcher.heat(template[None, None], window[None, None]).item()
        true = matcher.heat(template[None, None], sar[None, None, y - 64 : y + 64, x - 64 : x + 64]).item()
        assert here >= true - 1e-6  # the place that was found fits at least as well as the true one


def test_offsets_are_drawn_for_each_square_alike_every_time():
    grid = Grid(WKT, Affine.identity(), 1000, 700)
    cols, rows = np.meshgrid(np.arange(0, 1000, 10), np.arange(0, 700, 10))
    places = torch.from_numpy(np.stack((cols, rows), -1).reshape(-1, 2))
    offsets = PlantedOffsets(grid, 20, 7).at(places)
    assert torch.equal(offsets, PlantedOffsets(grid, 20, 7).at(places))
    assert (offsets.min(), offsets.max()) == (-7, 7)
    squares = offsets.reshape(35, 2, 50, 2, 2)
    assert (squares == squares[:, :1, :, :1]).all() and len(offsets.unique(dim=0)) == 15 * 15


def test_planted_offsets_are_scored(aligned):
    layers, _ = aligned
    found = numbers(matching=job(layers, spacing=48, max_shift=12))
    rows, _ = planted_rows(job(layers, spacing=48, max_shift=12), NullReporter())
    errors = np.array([np.hypot(row["dx_px"], row["dy_px"]) for row in rows if row["accepted"]])
    assert found["COUNT"] == len(errors) and found["WITHIN_1"] == pytest.approx(100 * (errors <= 1).mean())
    assert found["MEAN_ERROR"] == pytest.approx(errors.mean(), rel=1e-4)
    assert found["SHARE_KEPT"] == pytest.approx(100 * len(errors) / len(rows))  # some peak at the edge


def test_layers_that_are_not_aligned_are_doubted(plain):
    sent = []
    found = numbers(Reporter(sent.append), matching=job(plain, spacing=16, max_shift=8))
    shift = np.hypot(*SHIFT) / GROUND
    assert found["MEDIAN_ERROR"] == pytest.approx(shift, abs=0.1) and found["WITHIN_1"] == 0
    assert (found["MEAN_EAST_M"], found["MEAN_NORTH_M"]) == pytest.approx(SHIFT, abs=1)
    text = " ".join(each.get("text", "") for each in sent)
    assert "perhaps the layers are not aligned" in text and "working pixels (23" in text


def test_what_a_method_finds_is_judged_by_the_known_shift(plain):
    truth = (1.0, 0.0, SHIFT[0], 0.0, 1.0, SHIFT[1])
    found = numbers(matching=job(plain), transform=truth)
    assert found["COUNT"] >= 25 and found["WITHIN_1"] == 100 and found["MEAN_ERROR"] < 0.1
    assert found["SHARE_KEPT"] == 100


def test_layers_without_room_for_planted_offsets(plain):
    with pytest.raises(UserError, match="'Radar' and 'Colours', 320 × 320 working pixels, .* are 368 pixels"):
        numbers(matching=job(plain, max_shift=120))
