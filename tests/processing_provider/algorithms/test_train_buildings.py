"""`trainbuildings` through QGIS and the real engine."""

import numpy as np
import processing
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from sarbridge.models.card import read_card
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.parameters.model_parameters import model_files
from sarbridge.tests.processing_provider.algorithms.impatient import Impatient
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, polygons, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN = "sarbridge:trainbuildings"


@pytest.fixture
def given(tmp_path):
    return SMALL_RUNS["trainbuildings"](tmp_path)


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(settings, "model_folder", lambda: str(folder))
    return folder


def without(given, *keys):
    return {key: value for key, value in given.items() if key not in keys}


def test_a_model_is_listed_at_once(given, own_models):
    results = processing.run(TRAIN, {**given, "NAME": "Town after the flood"})
    path = own_models / "Town_after_the_flood.safetensors"
    assert results["OUTPUT"] == str(path) and [each.name for each in own_models.iterdir()] == [path.name]
    assert 0 <= results["STUDENT_IOU"] <= 1 and 0 < results["THRESHOLD"] < 1 and "REPORT" not in results
    card = read_card(path)
    assert card.task == "buildings" and card.training_sets == ("x_hh", "photo", "houses")
    assert card.operating_point["threshold"] == results["THRESHOLD"]
    assert model_files("buildings")["Town after the flood"] == str(path)
    assert "there is a model" in complaint(TRAIN, {**given, "NAME": "Town after the flood"})


def test_a_teacher_begins_the_distillation_of_another_run(given, out):
    teacher = str(out / "teacher.safetensors")
    seen = without(given, "SAR", "LOOK_AZIMUTH", "INCIDENCE")
    results = processing.run(TRAIN, {**seen, "OUTPUT": teacher})
    assert results["IOU"] > 0 and read_card(teacher).task == "buildings_optical"
    student = {**without(given, "FOOTPRINTS"), "BEGIN_WITH": teacher, "OUTPUT": str(out / "student.safetensors")}
    results = processing.run(TRAIN, student)
    assert "IOU" not in results and read_card(student["OUTPUT"]).operating_point == {}
    tuned = {**without(given, "OPTICAL"), "METHOD": "plain", "BEGIN_WITH": student["OUTPUT"]}
    results = processing.run(TRAIN, {**tuned, "FINE_TUNING": "decoder", "OUTPUT": str(out / "tuned.safetensors")})
    assert results["IOU"] > 0


def test_a_training_that_was_cancelled_goes_on(given, out):
    given = {**given, "EPOCHS": 4, "OUTPUT": str(out / "mine.safetensors")}
    with pytest.raises(QgsProcessingException):
        processing.run(TRAIN, given, feedback=Impatient("What the teacher sees, in the SAR image: "))
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    said = complaint(TRAIN, {**given, "SEED": 2})
    assert "other settings (" in said and "seed: 1 instead of 2" in said
    feedback = QgsProcessingFeedback(False)
    processing.run(TRAIN, {**given, "REPORT": str(out / "report.html")}, feedback=feedback)
    assert "The training goes on after step " in feedback.textLog()
    assert sorted(path.name for path in out.iterdir()) == ["mine.safetensors", "report.html"]
    assert read_card(out / "mine.safetensors").name == "BridgeBuild of x_hh"


@pytest.mark.parametrize(
    ("left_out", "others", "said"),
    [
        (["FOOTPRINTS"], {}, "There is no layer of building footprints"),
        (["OPTICAL"], {}, "Distillation learns from an optical layer"),
        ([], {"METHOD": "plain"}, "layer 'photo' would not be used"),
        (["SAR"], {}, "would not be used, as there is no SAR layer"),
        (["SAR", "OPTICAL", "LOOK_AZIMUTH", "INCIDENCE"], {}, "There is no image to learn from"),
        ([], {"FOOTPRINTS": "elsewhere.gpkg"}, "No polygon of layer 'elsewhere' lies on layer 'x_hh'"),
        ([], {"AREA": "corner.gpkg"}, "too few for two parts"),
        ([], {"OPTICAL": "far.tif"}, "do not overlap"),
        ([], {"OPTICAL": "x_hh.tif"}, "are the same image"),
        ([], {"INCIDENCE": 95}, "INCIDENCE"),
        ([], {"PATCH_SIZE": 100}, "must be a multiple of 32"),
        ([], {"MINUTES": 5, "EPOCHS": 3}, "Epochs (EPOCHS) and Minutes (instead of epochs) (MINUTES) are both chosen"),
        ([], {"BEGIN_WITH": "x_hh.tif"}, "Model to begin with (BEGIN_WITH) must be a file of the kind SARbridge"),
        ([], {"OUTPUT": ""}, "there is no folder of own models"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(left_out, others, said, given, tmp_path, out):
    colours = np.random.default_rng(0).integers(1, 255, (3, 128, 192)).astype(np.uint8)
    write_raster(tmp_path / "far.tif", colours, corner=(LEFT + 50_000, TOP))
    polygons(tmp_path / "corner.gpkg", (0, 0, 2, 2))
    polygons(tmp_path / "elsewhere.gpkg", (5000, 0, 5040, 40))
    others = {
        key: str(tmp_path / value) if str(value).endswith((".tif", ".gpkg")) else value for key, value in others.items()
    }
    given = {**without(given, *left_out), "OUTPUT": str(out / "mine.safetensors"), **others}
    assert said in complaint(TRAIN, given)
    assert not list(out.iterdir())
