"""`evaluatematching` through QGIS and the real engine."""

import math

import processing
import pytest
from qgis.core import QgsProcessingFeedback, QgsVectorLayer
from sarbridge.processing_provider.algorithms.evaluate_matching_parameters import NUMBERS
from sarbridge.tests.exact_tie_points import DEGREES, tie_point_rows, write_points
from sarbridge.tests.image_pair import DOWN, PIXEL, RIGHT, matching, write_on_grid
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:evaluatematching"
TRUTH = f"{RIGHT * PIXEL}, {-DOWN * PIXEL}"
AFFINE = f"1, 0, {RIGHT * PIXEL}, 0, 1, {-DOWN * PIXEL}"
GROUND = 1 / 0.9996
"""Metres of a unit of UTM's map near its central meridian, where the points lie."""


def displaced(rows, optical=False):
    """Return rows of which the n-th is found n map units too far north of its true place, from 0 on."""
    moved = []
    for number, row in enumerate(rows):
        east, north = PIXEL * RIGHT, PIXEL * -DOWN + number
        moved.append(
            {
                **row,
                "sar_y": row["sar_y"] + number,
                "dx_px": RIGHT,
                "dy_px": DOWN - number / PIXEL,
                "length_m": math.hypot(east, north) * GROUND,
                "sigma_px": 0.45,
            }
        )
    return moved


def layer_without(path, *fields):
    layer = processing.run("native:deletecolumn", {"INPUT": path, "COLUMN": list(fields), "OUTPUT": "memory:"})
    layer["OUTPUT"].setName("few")
    return layer["OUTPUT"]


@pytest.fixture
def points(tmp_path):
    """16 points, 0 to 1.5 pixels off; the last four are rejected."""
    rows = [{**row, "accepted": row["id"] <= 12} for row in displaced(tie_point_rows())]
    return write_points(tmp_path / "points.gpkg", rows)


EXPECTED = {
    "COUNT": 12,
    "WITHIN_1": 100 * 11 / 12,
    "WITHIN_3": 100,
    "MEAN_ERROR": 0.55,
    "MEDIAN_ERROR": 0.55,
    "MEAN_ERROR_M": 5.5 * GROUND,
    "MEAN_NORTH_M": 5.5 * GROUND,
    "SHARE_KEPT": 75,
    "WITHIN_1_ALL": 100 * 11 / 16,
    "WITHIN_1_SIGMA": 100 * 5 / 12,
    "WITHIN_2_SIGMA": 100 * 10 / 12,
}


@pytest.mark.parametrize("transform", [TRUTH, AFFINE, AFFINE.replace(",", " ;")])
def test_points_are_judged_by_a_transform(points, transform, out):
    given = {"POINTS": points, "TRUE_TRANSFORM": transform, "REPORT": str(out / "r.html")}
    results = processing.run(ALGORITHM, given)
    assert {key: results[key] for key in EXPECTED} == pytest.approx(EXPECTED, rel=1e-4)
    assert set(results) == {*NUMBERS, "REPORT"}
    assert "points, against a known transform" in (out / "r.html").read_text(encoding="utf-8")


def test_points_are_judged_by_check_points(points, tmp_path):
    """In other coordinates; those of the first eight places, and one that does not count."""
    rows = tie_point_rows(optical_crs=DEGREES)[:9]
    rows[8]["accepted"] = False
    checks = write_points(tmp_path / "checks.gpkg", [{**row, "opt_crs": "EPSG:4326"} for row in rows])
    geographic = processing.run(
        "native:reprojectlayer", {"INPUT": checks, "TARGET_CRS": "EPSG:4326", "OUTPUT": "memory:"}
    )["OUTPUT"]
    for layer in (checks, geographic):
        results = processing.run(ALGORITHM, {"POINTS": points, "CHECK_POINTS": layer})
        assert (results["COUNT"], results["WITHIN_1"]) == (8, 100)
        assert results["MEAN_ERROR"] == pytest.approx(0.35, rel=1e-3) and "SHARE_KEPT" not in results
    far = {"POINTS": points, "CHECK_POINTS": checks, "CHECK_DISTANCE": 100}
    assert processing.run(ALGORITHM, far)["COUNT"] == 12


def test_points_that_are_their_own_check_points_are_doubted(points):
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, {"POINTS": points, "CHECK_POINTS": points}, feedback=feedback)
    assert (results["COUNT"], results["MEAN_ERROR"]) == (12, 0)
    assert "perhaps they are the same points, which tell nothing about errors" in feedback.textLog()


def test_points_rejected_at_the_border_alone_tell_that_none_was_left_out(tmp_path):
    rows = [{**row, "accepted": row["id"] <= 12} for row in displaced(tie_point_rows())]
    for row in rows[12:]:
        row["reason"] = "border"
    given = {"POINTS": write_points(tmp_path / "points.gpkg", rows), "TRUE_TRANSFORM": TRUTH}
    results = processing.run(ALGORITHM, given)
    assert (results["COUNT"], results["SHARE_KEPT"]) == (12, 100)


def test_a_layer_with_positions_alone_is_enough(points):
    few = layer_without(points, "dx_px", "dy_px", "length_m", "sigma_px", "accepted", "reason", "opt_crs")
    given = {"POINTS": few, "TRUE_TRANSFORM": TRUTH}
    assert "'few' does not tell in which pixels its points were matched" in complaint(ALGORITHM, given)
    results = processing.run(ALGORITHM, {**given, "PIXEL_SIZE": 5})
    assert (results["COUNT"], results["WITHIN_1"]) == (16, pytest.approx(100 * 5 / 16))
    assert results["MEAN_ERROR"] == pytest.approx(7.5 * GROUND / 5, rel=1e-4)


def test_predicted_errors_are_those_of_the_matching_in_whatever_pixels_errors_are_counted(points):
    """Half as large as those that were matched in: errors are twice as many pixels, and so are predicted ones."""
    results = processing.run(ALGORITHM, {"POINTS": points, "TRUE_TRANSFORM": TRUTH, "PIXEL_SIZE": PIXEL / 2})
    shares = {key: EXPECTED[key] for key in ("WITHIN_1_SIGMA", "WITHIN_2_SIGMA")}
    assert {key: results[key] for key in shares} == pytest.approx(shares, rel=1e-4)
    assert results["MEAN_ERROR"] == pytest.approx(2 * EXPECTED["MEAN_ERROR"], rel=1e-3)


def test_a_point_that_was_accepted_by_hand_counts_whatever_it_was_rejected_for(tmp_path):
    rows = [{**row, "accepted": row["id"] <= 14} for row in displaced(tie_point_rows())]
    for row in rows[12:]:
        row["reason"] = "border"
    given = {"POINTS": write_points(tmp_path / "points.gpkg", rows), "TRUE_TRANSFORM": TRUTH}
    assert processing.run(ALGORITHM, given)["COUNT"] == 14


@pytest.mark.parametrize("suffix", [".csv", ".gpkg"])
def test_the_table_has_a_row_for_each_match(points, suffix, out):
    results = processing.run(
        ALGORITHM, {"POINTS": points, "TRUE_TRANSFORM": TRUTH, "TABLE": str(out / f"errors{suffix}")}
    )
    layer = QgsVectorLayer(results["TABLE"], "errors", "ogr")
    assert layer.isValid() and layer.featureCount() == 16
    if suffix == ".gpkg":
        assert layer.crs().authid() == "EPSG:32633"
    for number, row in enumerate(layer.getFeatures()):
        assert float(row["dy_m"]) == pytest.approx(number * GROUND, abs=1e-3)
        assert float(row["error_px"]) == pytest.approx(number / PIXEL, abs=1e-4)
        if suffix == ".gpkg":
            assert row.geometry().asPoint().y() == pytest.approx(row["true_y"] + number)


def test_what_matching_wrote_is_judged(pair, out):
    matched = matching(pair, out, KEEP_REJECTED=True, MAX_SHIFT=16)
    found = processing.run("sarbridge:matchtiepoints", matched)
    results = processing.run(ALGORITHM, {"POINTS": found["TIE_POINTS"], "TRUE_TRANSFORM": TRUTH})
    assert results["COUNT"] == found["ACCEPTED_COUNT"] and results["WITHIN_1"] == 100
    assert results["MEAN_ERROR"] < 0.2
    by_method = {"SAR": pair[0], "OPTICAL": pair[1], "METHOD": "ncc", "MAX_SHIFT": 16, "SPACING": 32, "SAR_UNIT": "db"}
    again = processing.run(ALGORITHM, {**by_method, "TRUE_TRANSFORM": TRUTH})
    assert again["COUNT"] == results["COUNT"]
    assert again["MEAN_ERROR"] == pytest.approx(results["MEAN_ERROR"], rel=1e-6)
    assert again["SHARE_KEPT"] == pytest.approx(results.get("SHARE_KEPT", 100))


def test_offsets_are_planted_in_aligned_layers(tmp_path):
    given = {**small_run("evaluatematching", tmp_path), "METHOD": "orientation"}
    results = processing.run(ALGORITHM, given)
    assert results["COUNT"] >= 4 and results["WITHIN_1"] == 100 and results["MEAN_ERROR"] < 0.3
    feedback = QgsProcessingFeedback(False)
    moved = processing.run(
        "gdal:translate",
        {
            "INPUT": given["SAR"],
            "EXTRA": "-a_ullr 500040 5000000 502600 4997440",
            "OUTPUT": str(tmp_path / "moved.tif"),
        },
    )["OUTPUT"]
    results = processing.run(ALGORITHM, {**given, "SAR": moved}, feedback=feedback)
    assert results["MEDIAN_ERROR"] == pytest.approx(4, abs=0.2)
    assert "perhaps the layers are not aligned" in feedback.textLog()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"TRUE_TRANSFORM": None}, "Nothing says where the points of layer 'points' belong"),
        ({"TRUE_TRANSFORM": "1, 2, 3"}, "(TRUE_TRANSFORM) must be a shift (two numbers) or an affine transform (six)"),
        ({"TRUE_TRANSFORM": "east 30"}, "(TRUE_TRANSFORM) must be a shift (two numbers)"),
        ({"TRUE_TRANSFORM": "1, 2, 0, 2, 4, 0"}, "cannot be inverted"),
        ({"CHECK_POINTS": lambda folder: write_points(folder / "c.gpkg", tie_point_rows())}, "not both"),
        ({"POINTS": None}, "Choose what is judged: tie points (POINTS), or a SAR layer and an optical layer"),
        ({"SAR": lambda folder: write_on_grid(folder / "s.tif", [[1.0, 2.0]])}, "(OPTICAL) is needed beside the other"),
        (
            {"POINTS": lambda _: QgsVectorLayer("Point?crs=EPSG:32633&field=id:int", "p", "memory")},
            "lacks the field opt_x",
        ),
        (
            {"POINTS": lambda _: QgsVectorLayer("Point?crs=&field=opt_x:double&field=opt_y:double", "p", "memory")},
            "'p' has no coordinate reference system",
        ),
        (
            {
                "POINTS": lambda _: QgsVectorLayer(
                    "Point?crs=EPSG:4326&field=opt_x:double&field=opt_y:double", "p", "memory"
                )
            },
            "'p' has no points, or none",
        ),
        ({"POINTS": lambda _: QgsVectorLayer("Polygon?crs=EPSG:32633", "p", "memory")}, "'p' holds no points"),
        ({"OPTICAL_CRS": "EPSG:32634"}, "do not lie beside the SAR positions"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(points, others, said, tmp_path, out):
    given = {"POINTS": points, "TRUE_TRANSFORM": TRUTH, "TABLE": str(out / "t.gpkg")}
    made = {key: value(tmp_path) if callable(value) else value for key, value in others.items()}
    assert said in complaint(ALGORITHM, {**given, **made})
    assert not list(out.iterdir())


def test_layers_and_check_points_that_share_nothing(points, pair, tmp_path, out):
    rows = [{**row, "opt_x": row["opt_x"] + 50, "sar_x": row["sar_x"] + 50} for row in tie_point_rows()]
    checks = write_points(tmp_path / "apart.gpkg", rows)
    said = complaint(ALGORITHM, {"POINTS": points, "CHECK_POINTS": checks})
    assert "'points' and 'apart' have no points in common: the nearest optical positions are 5 working pixels" in said
    elsewhere = write_raster(tmp_path / "elsewhere.tif", [[1.0, 2.0], [3.0, 4.0]], cell=10, corner=(900_000, 5_000_000))
    said = complaint(ALGORITHM, {"SAR": pair[0], "OPTICAL": elsewhere, "METHOD": "ncc"})
    assert "do not overlap" in said


def test_a_model_that_nothing_asks_is_refused(points, pair, tmp_path):
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"")
    for given, unasked in (
        ({"SAR": pair[0], "OPTICAL": pair[1], "METHOD": "ncc"}, "the chosen method"),
        ({"POINTS": points, "TRUE_TRANSFORM": TRUTH}, "tie points, which are matched already"),
    ):
        said = complaint(ALGORITHM, {**given, "MODEL_FILE": str(model)})
        assert f"(MODEL_FILE) is not used by {unasked}: leave it empty." in said
