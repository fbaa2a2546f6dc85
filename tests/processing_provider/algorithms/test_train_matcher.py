"""`trainmatcher` through QGIS and the real engine."""

import re
from pathlib import Path

import numpy as np
import processing
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingFeedback, QgsProject, QgsRasterLayer
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.models.card import read_card
from sarbridge.processing_provider import settings, training_algorithm
from sarbridge.tests.processing_provider.algorithms.impatient import Impatient
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import ENGINE_PYTHON, complaint
from sarbridge.tests.rasters import LEFT, TOP, polygons, read_raster, write_raster
from sarbridge.tests.toy_matcher import write_corr_asl, write_matcher
from sarbridge.tests.written_by_engine import write_by_engine

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN, MATCH = "sarbridge:trainmatcher", "sarbridge:matchtiepoints"
STARTED = {"START_WITHIN_1", "START_WITHIN_3", "START_MEAN_ERROR", "START_MAP"}


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    """The folder of own models, with a tiny matcher and one of another method."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(settings, "model_folder", lambda: str(folder))
    write_by_engine(write_matcher, folder / "tiny.safetensors", ENGINE_PYTHON)
    write_by_engine(write_corr_asl, folder / "corrasl.safetensors", ENGINE_PYTHON)
    return folder


@pytest.fixture
def given(tmp_path, own_models):
    """A training that goes on from the tiny matcher, and takes a second."""
    return {**SMALL_RUNS["trainmatcher"](tmp_path), "START": "Tiny bundle"}


def test_a_model_is_listed_at_once_and_matches(given, own_models, out):
    feedback = QgsProcessingFeedback(False)
    given = {**given, "NAME": "Town in June", "REPORT": str(out / "report.html")}
    results = processing.run(TRAIN, given, feedback=feedback)
    path = own_models / "Town_in_June.safetensors"
    assert results["OUTPUT"] == str(path) and results["STEPS"] == 1 and set(results) > STARTED
    assert results["TRAINING_PATCHES"] == results["VALIDATION_PATCHES"] == 1 and results["OFFSET"] < 1
    assert "goodness.sar, goodness.optical, orn of the model 'Tiny bundle' judge its own" in feedback.textLog()
    assert "Tiny bundle, which it started from" in (out / "report.html").read_text(encoding="utf-8")
    assert list(read_card(path).networks) == ["match"]
    matcher = QgsApplication.processingRegistry().createAlgorithmById(MATCH)
    assert "Town in June" in matcher.parameterDefinition("MODEL").options()
    matching = {"SAR": given["SAR"], "OPTICAL": given["OPTICAL"], "TIE_POINTS": str(out / "points.gpkg")}
    by_file = processing.run(MATCH, {**matching, "MODEL_FILE": str(path), "MAX_SHIFT": 8, "SPACING": 32})
    assert by_file["ACCEPTED_COUNT"] > 0 and abs(by_file["MEAN_SHIFT_X_PX"]) < 1
    by_goodness = {**matching, "MODEL_FILE": str(path), "CANDIDATES": "goodness_min"}
    assert "Candidates by goodness need a model with goodness networks" in complaint(MATCH, by_goodness)
    assert "there is a model" in complaint(TRAIN, given)


def test_a_training_that_was_cancelled_goes_on(given, out):
    given = {**given, "EPOCHS": 8, "OUTPUT": str(out / "mine.safetensors")}
    with pytest.raises(QgsProcessingException):
        processing.run(TRAIN, given, feedback=Impatient("Step 3 of 8"))
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    said = complaint(TRAIN, {**given, "SEED": 2})
    assert "other settings (seed: 1 instead of 2" in said and (out / "mine.checkpoint").exists()
    feedback = QgsProcessingFeedback(False)
    processing.run(TRAIN, given, feedback=feedback)
    assert "The training goes on after step " in feedback.textLog() and "Step 1 of 8" not in feedback.textLog()
    assert [path.name for path in out.iterdir()] == ["mine.safetensors"]
    assert read_card(out / "mine.safetensors").name == "BridgeMatch of s1_vv"


def test_the_checkpoint_is_kept_until_the_model_has_its_place(given, out, monkeypatch):
    """A folder takes the place of the model while it is learnt."""
    (out / "mine.checkpoint").write_text("of a week")

    def learnt(job, feedback):
        Path(job.output).write_text("a model")
        (out / "mine.safetensors").mkdir()
        return {"numbers": {}, "checkpoints": [job.checkpoint]}

    monkeypatch.setattr(training_algorithm, "run_job", learnt)
    assert "mine.safetensors" in complaint(TRAIN, {**given, "OUTPUT": str(out / "mine.safetensors")})
    assert sorted(path.name for path in out.iterdir()) == ["mine.checkpoint", "mine.safetensors"]
    assert (out / "mine.checkpoint").read_text() == "of a week"


def test_neither_the_model_that_it_starts_from_nor_those_of_the_plugin_are_replaced(given, own_models):
    before = (own_models / "tiny.safetensors").read_bytes()
    said = complaint(TRAIN, {**given, "OUTPUT": str(own_models / "tiny.safetensors")})
    assert "from which the model 'Tiny bundle' (START) is read: choose another output file" in said
    assert (own_models / "tiny.safetensors").read_bytes() == before
    said = complaint(TRAIN, {**given, "OUTPUT": str(SHIPPED_MODELS / "mine.safetensors")})
    assert "is that of the models that come with the plugin" in said
    assert not (SHIPPED_MODELS / "mine.safetensors").exists()


@pytest.mark.parametrize(("called", "file"), [("S1 <June>", "BridgeMatch_of_S1_June"), ("城" * 95, "BridgeMatch_of_")])
def test_whatever_the_layer_is_called_there_is_a_name(called, file, given, own_models):
    layer = QgsRasterLayer(given["SAR"], called)
    QgsProject.instance().addMapLayer(layer)
    results = processing.run(TRAIN, {**given, "SAR": layer})
    assert Path(results["OUTPUT"]).name.startswith(file)
    assert read_card(results["OUTPUT"]).name == f"BridgeMatch of {called.replace('<', '').replace('>', '')}"
    QgsProject.instance().removeMapLayer(layer.id())


def test_layers_that_are_off_are_re_aligned_or_refused(given, tmp_path, out):
    """By 6 pixels to the right; re-aligned patches need ground around them, so that the layers are larger."""
    random = np.random.default_rng(0)
    field = random.normal(size=(40, 80)).repeat(8, 0).repeat(8, 1)
    sar = write_raster(tmp_path / "wide.tif", 3 * field + random.normal(-10, 1, field.shape), cell=10)
    colours = np.stack([120 + 30 * field] * 3).clip(1, 200).astype(np.uint8)
    optical = write_raster(tmp_path / "off.tif", colours, cell=10, corner=(LEFT + 60, TOP))
    given = {**given, "SAR": sar, "OPTICAL": optical, "OUTPUT": str(out / "mine.safetensors")}
    said = complaint(TRAIN, given)
    assert re.search(r"'wide' and 'off' are not aligned: the optical image is (5\.9|6\.[01]) pixels \(", said)
    assert "have the patches re-aligned (REALIGN)" in said and not list(out.iterdir())
    results = processing.run(TRAIN, {**given, "REALIGN": True})
    assert abs(results["OFFSET"] - 6) < 0.2 and (out / "mine.safetensors").exists()


def test_several_places_and_an_area_are_learnt_from(given, tmp_path, out):
    elsewhere = {"cell": 10, "corner": (LEFT + 40_000, TOP)}
    more = {
        "MORE_SAR": [write_raster(tmp_path / "s1_b_vv.tif", read_raster(given["SAR"]), **elsewhere)],
        "MORE_OPTICAL": [write_raster(tmp_path / "s2_b.tif", read_raster(given["OPTICAL"]), **elsewhere)],
        "AREA": polygons(tmp_path / "area.gpkg", (0, 0, 512, 256), (4000, 0, 4512, 256)),
    }
    results = processing.run(TRAIN, {**given, **more, "OUTPUT": str(out / "mine.safetensors")})
    assert results["TRAINING_PATCHES"] == results["VALIDATION_PATCHES"] == 2
    assert read_card(out / "mine.safetensors").training_sets == ("s1_vv", "s2", "s1_b_vv", "s2_b")
    said = complaint(TRAIN, {**given, **more, "MORE_OPTICAL": [], "OUTPUT": str(out / "other.safetensors")})
    assert "(MORE_SAR) are 1, and Optical layers of other places (MORE_OPTICAL) are 0" in said


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"OPTICAL": "far.tif"}, "do not overlap"),
        ({"OPTICAL": "even.tif"}, "holds only the one value 7"),
        ({"OPTICAL": "copy.tif", "SAR": "copy.tif"}, "are the same image"),
        ({"SAR": "narrow.tif"}, "overlap on 512 × 200 pixels of layer 'narrow', too few for one patch of 256"),
        ({"AREA": "corner.gpkg"}, "None of 3 patches of 256 pixels of layer 's1_vv' can be used"),
        ({"AREA": "elsewhere.gpkg"}, "No polygon of layer"),
        ({"METHOD": "corrasl"}, "'Tiny bundle' holds BridgeMatch, not CorrASL"),
        ({"START": "Toy CorrASL"}, "'Toy CorrASL' holds CorrASL, not BridgeMatch"),
        ({"START": "none such"}, "Model to begin with (START) must be one of these"),
        ({"METHOD": "ncc"}, "Method (METHOD) must be one of these"),
        ({"NEGATIVES": "hard"}, "Negatives 'hard' are for PSiam only, and BridgeMatch learns in its own way"),
        ({"METHOD": "psiam", "NEGATIVES": "easy"}, "Negatives (NEGATIVES) must be one of these"),
        ({"METHOD": "psiam", "START": "", "BATCH_SIZE": 1}, "choose a batch size of 2 or more"),
        (
            {"METHOD": "deepmatch", "START": "", "BATCH_SIZE": 1},
            "how they differ from others: choose a batch size of 2",
        ),
        ({"LABELLED": 50}, "Only SSNet learns from patches without labels, and BridgeMatch needs all of them"),
        ({"LABELLED": 0}, "Labelled patches (%) (LABELLED) must be"),
        ({"NAME": "a<b"}, "The model needs a name"),
        ({"MINUTES": 5, "EPOCHS": 3}, "Epochs (EPOCHS) and Minutes (instead of epochs) (MINUTES) are both chosen"),
        ({"OUTPUT": "mine.tif"}, "has a format that is not supported here"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, tmp_path, out):
    colours = np.random.default_rng(0).integers(1, 255, (3, 256, 512)).astype(np.uint8)
    write_raster(tmp_path / "far.tif", colours, cell=10, corner=(LEFT + 50_000, TOP))
    write_raster(tmp_path / "even.tif", np.full_like(colours, 7), cell=10)
    write_raster(tmp_path / "copy.tif", colours, cell=10)
    write_raster(tmp_path / "narrow.tif", read_raster(given["SAR"])[:200], cell=10)
    polygons(tmp_path / "corner.gpkg", (0, 0, 40, 40))
    polygons(tmp_path / "elsewhere.gpkg", (5000, 0, 5040, 40))
    files = {each.name for each in tmp_path.iterdir()}
    layers = {key: str(tmp_path / value) for key, value in others.items() if value in files}
    given = {**given, "OUTPUT": "mine.safetensors", **others, **layers}
    assert said in complaint(TRAIN, {**given, "OUTPUT": str(out / given["OUTPUT"])})
    assert not list(out.iterdir())
