"""Aligning in one go: either image moves, the transform suits the points, and what does not fit is refused."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingFeedback, QgsVectorLayer
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP, texture, write_image_pair, write_on_grid
from sarbridge.tests.processing_provider.model_steps import model_of, step
from sarbridge.tests.qgis_session import complaint

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALIGN = "sarbridge:alignimages"
OUTPUTS = {
    "OUTPUT": "aligned.tif",
    "TIE_POINTS": "points.gpkg",
    "GCP_POINTS": "a.points",
    "MATCHING_REPORT": "matching.html",
    "COREGISTRATION_REPORT": "coregistration.html",
}


@pytest.fixture
def given(tmp_path, out):
    """A run by cross-correlation, which needs no model file, that writes all it can."""
    sar, optical = write_image_pair(tmp_path, size=256)
    by_correlation = {"METHOD": "ncc", "CANDIDATES": "grid", "SPACING": 32, "MAX_SHIFT": 16}
    return {"SAR": sar, "OPTICAL": optical, **by_correlation, **{key: str(out / name) for key, name in OUTPUTS.items()}}


def aligned(parameters):
    """Return the results of a run and its log."""
    feedback = QgsProcessingFeedback(False)
    return processing.run(ALIGN, parameters, feedback=feedback), feedback.textLog()


def corner(path):
    transform = gdal.Open(path).GetGeoTransform()
    return transform[0], transform[3]


@pytest.mark.parametrize("moves, way", [("optical", 1), ("sar", -1)])
def test_either_image_moves(given, out, moves, way):
    results, log = aligned({**given, "MOVES": moves})
    assert corner(results["OUTPUT"]) == pytest.approx((LEFT + way * RIGHT * PIXEL, TOP - way * DOWN * PIXEL), abs=1)
    moved = results["SHIFT_X"], results["SHIFT_Y"], results["SHIFT_X_PX"], results["SHIFT_Y_PX"]
    assert moved == pytest.approx((way * RIGHT * PIXEL, -way * DOWN * PIXEL, way * RIGHT, way * DOWN), abs=1)
    assert (results["ROTATION"], results["SCALE"]) == pytest.approx((0, 1), abs=1e-9)
    assert results["LEAVE_ONE_OUT_PX"] < 0.5 and 0 < results["ERROR_BOUND_PX"] < 0.5
    assert results["ERROR_BOUND"] == pytest.approx(PIXEL * results["ERROR_BOUND_PX"], rel=0.01)
    assert "Transform chosen: shift only" in log and "95% confidence" in log
    assert gdal.Open(results["OUTPUT"]).RasterCount == {"optical": 3, "sar": 1}[moves]
    assert all((out / name).stat().st_size for name in OUTPUTS.values())


def test_the_points_can_be_used_again(given, out):
    results, _ = aligned(given)
    points = QgsVectorLayer(results["TIE_POINTS"])
    assert points.featureCount() == results["ACCEPTED_COUNT"]
    assert (out / "points.qml").is_file()
    again = {
        "INPUT": given["OPTICAL"],
        "POINTS": results["TIE_POINTS"],
        "TRANSFORM": "auto",
        "OUTPUT": "TEMPORARY_OUTPUT",
    }
    assert processing.run("sarbridge:coregister", again)["RMSE"] == pytest.approx(results["RMSE"], abs=0.01)


def test_the_transform_follows_what_the_points_show(given):
    """Scaled by 3 %, about the middle."""
    optical = gdal.Open(given["OPTICAL"], gdal.GA_Update)
    half = 128 * PIXEL
    optical.SetGeoTransform((LEFT + half * 0.03, PIXEL * 0.97, 0, TOP - half * 0.03, 0, -PIXEL * 0.97))
    del optical
    results, log = aligned({**given, "SPACING": 16})
    assert "Transform chosen: affine transform" in log
    assert results["SCALE"] == pytest.approx(1 / 0.97, abs=0.004)
    assert results["ROTATION"] == pytest.approx(0, abs=0.3)


def test_a_transform_can_be_fixed(given):
    results, log = aligned({**given, "TRANSFORM": "polynomial2"})
    assert "Transform 'polynomial2' from" in log and "Transform chosen" not in log
    assert "ROTATION" not in results


def test_the_grid_of_the_other_image_can_be_taken_over(given):
    results, _ = aligned({**given, "TARGET": given["SAR"]})
    assert corner(results["OUTPUT"]) == (LEFT, TOP)


def test_it_is_a_step_of_a_model(given, out):
    processing.run(model_of(step("alignimages", given)), {})
    assert (out / "aligned.tif").stat().st_size


def test_only_the_image_need_be_written(given, out):
    for key in OUTPUTS:
        if key != "OUTPUT":
            del given[key]
    aligned(given)
    assert [each.name for each in out.iterdir()] == ["aligned.tif"]


def test_images_of_two_places_are_refused(given, out):
    write_on_grid(
        given["OPTICAL"], np.stack([np.clip(128 + 40 * texture(256, 256, seed=9), 0, 255).astype("uint8")] * 3)
    )
    said = complaint(ALIGN, given)
    assert "cannot be aligned" in said and "the images show too little in common" in said
    assert list(out.iterdir()) == []


def test_a_mirrored_image_is_called_so(given, out):
    optical = gdal.Open(given["OPTICAL"], gdal.GA_Update)
    optical.WriteArray(np.ascontiguousarray(optical.ReadAsArray()[:, :, ::-1]))
    del optical
    said = complaint(ALIGN, {**given, "MAX_SHIFT": 32})
    assert "the optical image fits the SAR image when it is mirrored: correct its orientation" in said
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("image", ["SAR", "OPTICAL"])
def test_no_output_replaces_an_input(given, out, image):
    said = complaint(ALIGN, {**given, "OUTPUT": given[image]})
    assert "writing this output would replace the file" in said
    assert list(out.iterdir()) == []


def test_two_reports_of_one_name_are_refused(given, out):
    said = complaint(ALIGN, {**given, "MATCHING_REPORT": given["COREGISTRATION_REPORT"]})
    assert "Two outputs have the same name" in said
    assert list(out.iterdir()) == []


def test_it_takes_the_place_of_the_model():
    """The toolbox shows one way to do it; the model, which users' models may hold, still runs."""
    registry = QgsApplication.processingRegistry()
    model, ours = (registry.algorithmById(f"sarbridge:{name}") for name in ("matchandcoregister", "alignimages"))
    hidden = model.Flag.FlagHideFromToolbox
    assert model.flags() & hidden and not ours.flags() & hidden
