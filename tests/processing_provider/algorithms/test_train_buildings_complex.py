"""`trainbuildings` of complex layers through QGIS and the real engine."""

import processing
import pytest
from qgis.core import QgsProcessingFeedback
from sarbridge.models.card import read_card
from sarbridge.tests.processing_provider.algorithms.small_runs import complex_town
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import polygons, write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN = "sarbridge:trainbuildings"


@pytest.fixture
def given(tmp_path, out):
    return {**complex_town(tmp_path), "OUTPUT": str(out / "mine.safetensors")}


def run(given):
    """Return the results and the log."""
    feedback = QgsProcessingFeedback(False)
    return processing.run(TRAIN, given, feedback=feedback), feedback.textLog()


def test_a_model_of_a_layer_in_radar_geometry_finds_buildings_in_it(given, tmp_path, out):
    corner = polygons(tmp_path / "corner.gpkg", (-20, -20, 40, 40))
    results, log = run({**given, "AREA": corner, "REPORT": str(out / "report.html")})
    assert sorted(path.name for path in out.iterdir()) == ["mine.safetensors", "report.html"]
    assert 0 < results["LABELLED_PATCHES"] < results["TRAINING_PATCHES"] and results["VALIDATION_PATCHES"] > 0
    assert 0 <= results["IOU"] <= 1 and results["MERLIN_LOSS"] < 100 and "TEACHER_IOU" not in results
    assert "by 4 control points in its file" in log
    assert "are moved by up to 8.57 m towards the radar" in log, "6 m / tan 35°"
    card = read_card(results["OUTPUT"])
    assert card.name == "MERLIN-Seg of slc" and card.inputs["sar"]["unit"] == "complex"
    asked = {"SAR": given["SAR"], "MODEL_FILE": results["OUTPUT"], "DEVICE": "cpu"}
    found = {"FOOTPRINTS": str(out / "found.gpkg"), "MASK": str(out / "mask.tif")}
    assert processing.run("sarbridge:extractbuildings", {**asked, **found})["BUILDING_COUNT"] >= 0
    second = {**given, "BEGIN_WITH": results["OUTPUT"], "OUTPUT": str(out / "second.safetensors")}
    assert run(second)[0]["IOU"] >= 0


def test_without_heights_labels_stay_on_the_ground(given):
    _, log = run({key: value for key, value in given.items() if key != "HEIGHT_FIELD"})
    assert "lie on the ground, as there are no heights" in log


def test_a_layer_on_a_map_will_do(given, tmp_path):
    given["SAR"] = write_slc(tmp_path / "map.tif", speckled(256, 256), transform=(ON_MAP[0], 3, 0, ON_MAP[3], 0, -3))
    results, log = run(given)
    assert "control points" not in log and read_card(results["OUTPUT"]).pixel_size_range == pytest.approx((3, 3), 1e-2)


def _detected(tmp_path):
    return write_raster(tmp_path / "x_hh.tif", abs(speckled(128, 192)))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"SAR": lambda at: write_slc(at / "bare.tif", speckled(128, 192))}, "Layer 'bare' has no place on the map"),
        ({"SAR": _detected}, "Layer 'x_hh' holds no phase"),
        (
            {"FOOTPRINTS": None, "HEIGHT_FIELD": None},
            "There is no layer of building footprints: choose one, as without",
        ),
        ({"SAR": None, "LOOK_AZIMUTH": None, "INCIDENCE": None}, "There is no image to learn from"),
        ({"SAR_OTHER": _detected}, "(SAR_OTHER) is not used by a model for complex images, which sees one"),
        ({"OPTICAL": _detected}, "would not be used: leave it out, or choose the method 'distillation'"),
        ({"ARCHITECTURE": "pspnet"}, "has a network of its own, all of which learns, so that 'PSPNet' would not be"),
        ({"HEIGHT_FIELD": "storeys"}, "HEIGHT_FIELD) must be a field of layer 'houses'"),
        ({"METHOD": "plain", "SAR": _detected}, "(HEIGHT_FIELD) would not be used, as only MERLIN-Seg moves"),
        ({"METHOD": "plain", "HEIGHT_FIELD": None, "SAR": lambda at: write_slc(at / "bare.tif")}, "has no coordinate"),
        ({"PATCH_SIZE": 128}, "too few for two parts"),
        (
            {"AREA": lambda at: polygons(at / "far.gpkg", (5000, 0, 5040, 40))},
            "No polygon of layer 'far' lies on layer",
        ),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, tmp_path, out):
    others = {key: value(tmp_path) if callable(value) else value for key, value in others.items()}
    assert said in complaint(TRAIN, {**given, **others})
    assert not list(out.iterdir())
