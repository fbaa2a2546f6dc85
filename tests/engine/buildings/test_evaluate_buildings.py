"""Evaluations of small layers against numbers worked out by hand, and of large ones against other formulas."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import shapely
from sarbridge.contract.buildings_jobs import EvaluateBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.engine.buildings import building_mask, compared_buildings
from sarbridge.engine.buildings.evaluate_buildings import COLUMNS, run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.buildings.scenes import LEFT, TOP, footprint_source, footprints, mask, square
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from scipy import ndimage

PLACE = (LEFT, TOP - 100, LEFT + 100, TOP)
"""A square of 100 m as an extent."""


def numbers(predicted, reference, reporter=None, **others):
    return run(EvaluateBuildingsJob(predicted, reference, **others), reporter or NullReporter())["numbers"]


def built(*boxes, side=100, kind=np.uint8, value=1):
    """A mask of rectangles (left, top, right, bottom)."""
    values = np.zeros((side, side), kind)
    for left, top, right, bottom in boxes:
        values[top:bottom, left:right] = value
    return values


def test_footprints_by_hand(tmp_path):
    """A hit of 90 of 110 m² (all at 0.5 m), a miss of 400 m², a false alarm of 25 m²."""
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10), square(40, 40, 20)])
    predicted = footprints(tmp_path / "found.jsonl", [square(11, 10, 10), square(80, 80, 5)])
    found = numbers(predicted, reference, extent=PLACE)
    assert found["PIXELS"] == 200 * 200
    assert found["IOU"] == pytest.approx(90 / (110 + 400 + 25))
    assert found["F1"] == pytest.approx(180 / (180 + 20 + 400 + 25))
    assert found["ACCURACY"] == pytest.approx(1 - (20 + 400 + 25) / 10_000)
    assert found["PRECISION"] == pytest.approx(90 / 125) and found["RECALL"] == pytest.approx(90 / 500)
    assert (found["HITS"], found["MISSES"], found["FALSE_ALARMS"]) == (1, 1, 1)
    assert (found["BUILDING_PRECISION"], found["BUILDING_RECALL"], found["BUILDING_F1"]) == (0.5, 0.5, 0.5)
    assert found["AP"] == 0.25 and found["MEAN_IOU"] == pytest.approx(90 / 110)
    assert found["IOU_LOW"] is None and found["IOU_HIGH"] is None


def test_masks_say_the_same_as_their_footprints(tmp_path):
    boxes = {"map": [(10, 10, 20, 20), (40, 40, 60, 60)], "found": [(11, 10, 21, 20), (80, 80, 85, 85)]}
    sides = {}
    for name, corners in boxes.items():
        shapes = [shapely.box(*each) for each in corners]
        sides[name] = (
            footprints(tmp_path / f"{name}.jsonl", shapes),
            mask(tmp_path / f"{name}.tif", built(*corners)),
        )
    expected = numbers(sides["found"][0], sides["map"][0], extent=PLACE)
    for predicted in sides["found"]:
        for reference in sides["map"]:
            found = numbers(predicted, reference, extent=PLACE)
            assert {key: value for key, value in found.items() if key != "PIXELS"} == pytest.approx(
                {key: value for key, value in expected.items() if key != "PIXELS"}
            )


def test_the_finer_mask_says_which_pixels_count(tmp_path):
    coarse = mask(tmp_path / "coarse.tif", built((2, 2, 8, 8), side=20), cell=5)
    fine = mask(tmp_path / "fine.tif", built((10, 10, 40, 20)))
    for predicted, reference in ((coarse, fine), (fine, coarse)):
        found = numbers(predicted, reference)
        assert found["PIXELS"] == 100 * 100 and found["IOU"] == pytest.approx(300 / 900)


def test_other_coordinates_are_the_same_buildings(tmp_path):
    shapes = [square(10, 10, 10), square(40, 40, 20), square(70, 15, 12)]
    reference = footprints(tmp_path / "map.jsonl", shapes)
    for epsg in (4326, 3857, 32632):
        found = numbers(footprints(tmp_path / f"{epsg}.jsonl", shapes, epsg=epsg), reference)
        assert found["IOU"] > 0.99 and found["HITS"] == 3 and found["AP"] == 1
        scored = numbers(footprints(tmp_path / f"{epsg}.jsonl", shapes, epsg=epsg), mask(tmp_path / "m.tif", built()))
        assert scored["PRECISION"] == 0 and scored["FALSE_ALARMS"] == 3


def test_scores_rank_the_predictions(tmp_path):
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10), square(40, 40, 20)])
    shapes = [square(10, 10, 10), square(80, 80, 5), square(41, 40, 20)]
    reporter = KeptReports()
    found = numbers(footprints(tmp_path / "found.jsonl", shapes, [0.9, 0.8, 0.7]), reference, reporter, extent=PLACE)
    assert found["AP"] == pytest.approx((1 + 2 / 3) / 2)
    assert "no scores" not in " ".join(reporter.texts["info"])
    found = numbers(footprints(tmp_path / "some.jsonl", shapes, [None, 0.8, 0.7]), reference, reporter, extent=PLACE)
    assert found["AP"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert "1 footprints have no score" in " ".join(reporter.texts["warning"])


def test_what_is_no_data_is_not_counted(tmp_path):
    values = built((10, 10, 20, 20), (60, 10, 80, 30))
    values[:, 50:] = 9
    values[0, 0] = 9
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10), square(62, 10, 20), square(45, 60, 8)])
    found = numbers(mask(tmp_path / "found.tif", values, nodata=9), reference)
    assert found["PIXELS"] == 100 * 50 - 1
    # Of the third 5 of 8 m lie on known ground, and it is missed; the second is not there.
    assert (found["HITS"], found["MISSES"], found["FALSE_ALARMS"]) == (1, 1, 0)
    assert found["IOU"] == pytest.approx(100 / 140)


def test_buildings_at_the_border_count_where_half_of_them_is_inside(tmp_path):
    inner, outer = square(46, 10, 10), square(44, 40, 10)
    extent = (LEFT, TOP - 100, LEFT + 50, TOP)
    reference = footprints(tmp_path / "map.jsonl", [inner, outer, square(10, 10, 10)])
    reporter = KeptReports()
    found = numbers(footprints(tmp_path / "found.jsonl", [inner, outer]), reference, reporter, extent=extent)
    assert (found["HITS"], found["MISSES"], found["FALSE_ALARMS"]) == (1, 1, 0)
    assert "2 buildings at the border are not counted" in " ".join(reporter.texts["info"])
    # In a mask the rest of the first is a building of its own: it is part of one that does not count.
    cut = mask(tmp_path / "found.tif", built((46, 10, 50, 20), (44, 40, 50, 50))[:, :50])
    found = numbers(cut, reference)
    assert (found["HITS"], found["MISSES"], found["FALSE_ALARMS"]) == (1, 1, 0)


def test_an_area_says_what_counts(tmp_path):
    shapes = [square(10, 10, 10), square(70, 70, 10)]
    reference = footprints(tmp_path / "map.jsonl", shapes)
    predicted = footprints(tmp_path / "found.jsonl", shapes[:1])
    area = footprint_source(tmp_path / "area.jsonl", [square(0, 0, 50), shapely.Polygon([(60, 0), (99, 0), (60, 39)])])
    found = numbers(predicted, reference, area=area)
    assert found["IOU"] == 1 and found["MISSES"] == 0
    assert found["PIXELS"] == pytest.approx(4 * (50 * 50 + 39 * 39 / 2), abs=50)
    assert numbers(predicted, reference, extent=PLACE)["MISSES"] == 1


def test_what_is_around_an_area_of_many_polygons_comes_in_small_pieces(tmp_path):
    """Buildings are cut with it one by one, which takes as long as its outline has corners."""
    area = footprint_source(
        tmp_path / "area.jsonl", [square(x, y, 8) for x in range(0, 400, 20) for y in range(0, 400, 20)]
    )
    sides = [footprints(tmp_path / f"{name}.jsonl", [square(4, 4, 10), square(204, 4, 10)]) for name in ("a", "b")]
    job = EvaluateBuildingsJob(*sides, area=area)
    unknown = compared_buildings.compared_buildings(job, tmp_path, NullReporter()).unknown
    left, top, right, bottom = shapely.bounds(unknown).T
    assert max((right - left).max(), (bottom - top).max()) <= compared_buildings.RESAMPLED
    assert len(unknown) > 4 and shapely.get_num_coordinates(unknown).max() < 1000


def test_sizes_are_square_metres(tmp_path):
    sides = (5, 10, 20, 30, 50)
    shapes = [square(5 + 60 * number, 5, side) for number, side in enumerate(sides)]
    table = tmp_path / "t.csv"
    for epsg in (32633, 4326):
        reference = footprints(tmp_path / "map.jsonl", shapes, epsg=epsg)
        numbers(footprints(tmp_path / "found.jsonl", shapes[1:], epsg=epsg), reference, table=str(table))
        with table.open(encoding="utf-8") as file:
            rows = {row["size"]: row for row in csv.DictReader(file)}
        assert tuple(rows["all"]) == COLUMNS
        counts = [[int(row[key]) for key in ("reference", "hits", "misses")] for row in rows.values()]
        assert counts == [[5, 4, 1], [1, 0, 1], [1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 1, 0]]
        assert rows["under 50 m²"]["precision"] == "" and rows["under 50 m²"]["recall"] == "0"
        assert rows["from 2000 m²"]["f1"] == "1" and rows["from 2000 m²"]["pixel_iou"] == ""


@pytest.mark.parametrize("kind", [footprints, mask])
def test_nothing_predicted_and_nothing_true_have_scores(tmp_path, kind):
    some = footprints(tmp_path / "some.jsonl", [square(10, 10, 10)])
    none = footprints(tmp_path / "none.jsonl", []) if kind is footprints else mask(tmp_path / "none.tif", built())
    reporter = KeptReports()
    found = numbers(none, some, reporter, extent=PLACE)
    assert (found["IOU"], found["F1"], found["RECALL"], found["PRECISION"]) == (0, 0, 0, None)
    assert (found["BUILDING_F1"], found["BUILDING_PRECISION"], found["AP"], found["MISSES"]) == (0, None, 0, 1)
    found = numbers(some, none, reporter, extent=PLACE, report=str(tmp_path / "r.html"))
    assert (found["IOU"], found["RECALL"], found["PRECISION"], found["AP"], found["FALSE_ALARMS"]) == (
        0,
        None,
        0,
        None,
        1,
    )
    found = numbers(none, none, extent=PLACE, report=str(tmp_path / "r.html"), table=str(tmp_path / "t.csv"))
    assert found["ACCURACY"] == 1 and found["IOU"] is None and found["BUILDING_F1"] is None
    said = " ".join(reporter.texts["warning"])
    assert (
        "'none' has no building where things are compared: all are missed" in said and "recall has no meaning" in said
    )


def test_broken_footprints_are_repaired_and_told_of(tmp_path):
    bow = shapely.Polygon([(10, 10), (30, 30), (30, 10), (10, 30)])
    touching = shapely.Polygon([(50, 10), (60, 10), (60, 20), (70, 20), (60, 20), (50, 20)])
    sliver = square(10, 50, 40, 0.1)
    court = shapely.Polygon([(70, 70), (90, 70), (90, 90), (70, 90)], [[(75, 75), (85, 75), (85, 85), (75, 85)]])
    reporter = KeptReports()
    reference = footprints(tmp_path / "map.jsonl", [bow, touching, sliver, court])
    predicted = footprints(tmp_path / "found.jsonl", [bow, square(50, 10, 10), court])
    found = numbers(predicted, reference, reporter, extent=PLACE)
    assert (found["HITS"], found["MISSES"], found["FALSE_ALARMS"], found["IOU"]) == (3, 0, 0, 1)
    said = " ".join(reporter.texts["warning"])
    assert "'map': 2 footprints cross or touch themselves" in said and "'found': 1 footprints cross" in said
    assert "'map': 1 polygons are no buildings" in " ".join(reporter.texts["info"])


def test_masks_of_255_are_taken_and_others_refused(tmp_path):
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10)])
    reporter = KeptReports()
    found = numbers(mask(tmp_path / "found.tif", built((10, 10, 20, 20), value=255)), reference, reporter)
    assert found["IOU"] == 1 and "255 counts as building, 0 as none" in " ".join(reporter.texts["info"])
    classes = built((10, 10, 20, 20), value=7)
    classes[50:, 50:] = 3
    for name, values, said in (
        ("classes", classes, "'classes' holds 3 and 7 in its band 1, and a mask of buildings has 0 and one other"),
        ("shares", np.linspace(0, 1, 10_000, dtype=np.float32).reshape(100, 100), "'shares' holds"),
        ("below", built((1, 1, 9, 9), kind=np.float32, value=-1), "'below' holds -1 and 0 in its band 1"),
    ):
        with pytest.raises(UserError, match=said):
            numbers(mask(tmp_path / f"{name}.tif", values), reference)
    with pytest.raises(UserError, match="holds 1 and no data, but no 0"):
        numbers(mask(tmp_path / "bare.tif", built((10, 10, 20, 20)), nodata=0), reference)
    with pytest.raises(UserError, match="'gone' holds only no data"):
        numbers(mask(tmp_path / "gone.tif", built(), nodata=0), reference)


def test_noise_is_no_mask(tmp_path, monkeypatch):
    for module in (building_mask, compared_buildings):
        monkeypatch.setattr(module, "MOST", 100)
    specks = np.zeros((100, 100), np.uint8)
    specks[::4, ::4] = 1
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10)])
    with pytest.raises(UserError, match="'specks' shows more than 100 separate buildings"):
        numbers(mask(tmp_path / "specks.tif", specks), reference)
    with pytest.raises(UserError, match="More than 100 separate places are no data"):
        numbers(
            mask(tmp_path / "holes.tif", np.where(specks, 9, built((10, 10, 20, 20))).astype(np.uint8), nodata=9),
            reference,
        )


def test_layers_that_do_not_meet_are_refused(tmp_path):
    here, there = (footprints(tmp_path / f"{x}.jsonl", [square(x, 10, 10)]) for x in (10, 90_000))
    raster = mask(tmp_path / "mask.tif", built((10, 10, 20, 20)))
    far = mask(tmp_path / "far.tif", built((10, 10, 20, 20)), corner=(50_000, 0))
    for predicted, reference in ((here, there), (there, raster), (raster, there), (raster, far)):
        with pytest.raises(UserError, match="do not overlap"):
            numbers(predicted, reference)
    wide, reporter = footprints(tmp_path / "wide.jsonl", [square(10, 10, 10), square(400, 10, 10)]), KeptReports()
    assert numbers(here, wide, reporter)["MISSES"] == 1
    assert "do not reach equally far" in " ".join(reporter.texts["warning"])
    elsewhere = tuple(each + 5000 for each in PLACE)
    for predicted in (here, raster):
        with pytest.raises(UserError, match="have nothing within the extent and the area"):
            numbers(predicted, here, extent=elsewhere)
    none = footprints(tmp_path / "none.jsonl", [])
    with pytest.raises(UserError, match="hold no footprint, and no area says"):
        numbers(none, replace(none))
    half = [mask(tmp_path / f"{name}.tif", built(), nodata=9) for name in ("left", "right")]
    for side, part in zip(half, (np.s_[:, :50], np.s_[:, 50:])):
        values = built()
        values[part] = 9
        mask(tmp_path / f"{side.mask.name}.tif", values, nodata=9)
    with pytest.raises(UserError, match="have no pixel that both know"):
        numbers(*half)


def test_displaced_and_inverted_predictions_are_doubted(tmp_path):
    reference = mask(tmp_path / "map.tif", built((10, 10, 20, 20)))
    reporter = KeptReports()
    numbers(mask(tmp_path / "inverted.tif", 1 - built((10, 10, 20, 20))), reference, reporter)
    assert "no better than to call everything built" in " ".join(reporter.texts["warning"])
    reporter = KeptReports()
    numbers(mask(tmp_path / "moved.tif", built((16, 10, 26, 20))), reference, reporter)
    assert "No predicted building has half" in " ".join(reporter.texts["warning"])


def test_many_tiles_give_an_interval_and_windows_what_the_whole_gives(tmp_path):
    """2,400 × 1,300 pixels are several blocks and tiles."""
    generator = np.random.default_rng(5)
    predicted, reference = (np.kron(generator.random((130, 240)) < share, np.ones((10, 10))) for share in (0.3, 0.25))
    predicted[reference > 0] = np.kron(generator.random((130, 240)) < 0.8, np.ones((10, 10)))[reference > 0]
    sides = [mask(tmp_path / f"{n}.tif", each.astype(np.uint8)) for n, each in enumerate((predicted, reference))]
    found = numbers(*sides)
    both, either = ((predicted > 0) & (reference > 0)).sum(), ((predicted > 0) | (reference > 0)).sum()
    assert found["IOU"] == pytest.approx(both / either)
    assert found["IOU_LOW"] < found["IOU"] < found["IOU_HIGH"] < found["IOU_LOW"] + 0.1
    assert found["HITS"] + found["MISSES"] == ndimage.label(reference)[1]
    assert found["HITS"] + found["FALSE_ALARMS"] == ndimage.label(predicted)[1]


def test_the_report_shows_hits_and_misses(tmp_path):
    reference = footprints(tmp_path / "map.jsonl", [square(10, 10, 10), square(40, 40, 20)])
    predicted = footprints(tmp_path / "found.jsonl", [square(11, 10, 10), square(80, 80, 5)], [0.9, 0.2])
    report = tmp_path / "r.html"
    numbers(predicted, reference, extent=PLACE, report=str(report))
    html = report.read_text(encoding="utf-8")
    assert html.count("<img") >= 3 and "Precision over recall" in html and "Everything built" in html
    assert "found against map" in html and "under 50 m²" in html
    numbers(mask(tmp_path / "m.tif", built((10, 10, 20, 20))), reference, report=str(report))
    assert "one operating point" in report.read_text(encoding="utf-8")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".jsonl", ".jsonl", ".tif"]


def test_a_prediction_that_is_right_everywhere_is_not_doubted_where_all_is_built(tmp_path):
    sides = [mask(tmp_path / f"{name}.tif", np.ones((60, 80), np.uint8)) for name in ("found", "map")]
    reporter = KeptReports()
    assert numbers(*sides, reporter)["IOU"] == 1
    assert not reporter.texts["warning"]
