"""`traindespeckler` through QGIS and the real engine."""

import numpy as np
import processing
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingFeedback
from sarbridge.models.card import read_card
from sarbridge.processing_provider import settings
from sarbridge.tests.processing_provider.algorithms.impatient import Impatient
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import ENGINE_PYTHON, complaint
from sarbridge.tests.rasters import read_raster, write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc
from sarbridge.tests.toy_despeckler import write_bridge_clear, write_despeckler
from sarbridge.tests.written_by_engine import write_by_engine

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN, DESPECKLE = "sarbridge:traindespeckler", "sarbridge:despeckle"


@pytest.fixture
def given(tmp_path):
    return SMALL_RUNS["traindespeckler"](tmp_path)


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(settings, "model_folder", lambda: str(folder))
    return folder


def options(algorithm, key):
    created = QgsApplication.processingRegistry().createAlgorithmById(algorithm)
    return created.parameterDefinition(key).options()


def test_a_model_is_listed_at_once_and_despeckles(given, own_models, out):
    results = processing.run(TRAIN, {**given, "NAME": "My radar", "REPORT": str(out / "report.html")})
    assert results["OUTPUT"] == str(own_models / "My_radar.safetensors") and results["STEPS"] > 0
    assert [path.name for path in own_models.iterdir()] == ["My_radar.safetensors"]
    assert np.isfinite([results["LOSS"], results["MEAN_LOSS"]]).all() and results["CORRELATION"] < 0.1
    card = read_card(results["OUTPUT"])
    assert card.inputs["sar"]["unit"] == "complex" and card.training_sets == ("slc_1", "slc_2")
    assert "My radar" in options(DESPECKLE, "MODEL") and "My radar" in options(TRAIN, "START")
    clean = {"INPUT": given["LAYERS"][0], "MODEL": "My radar", "OUTPUT": str(out / "clean.tif")}
    assert processing.run(DESPECKLE, clean)["VALID_PIXELS"] == 128 * 192
    assert "there is a model" in complaint(TRAIN, {**given, "NAME": "My radar"})


def test_a_training_that_was_cancelled_goes_on(given, out):
    given = {**given, "EPOCHS": 10, "OUTPUT": str(out / "mine.safetensors")}
    with pytest.raises(QgsProcessingException):
        processing.run(TRAIN, given, feedback=Impatient("Step 3 of "))
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    said = complaint(TRAIN, {**given, "SEED": 2})
    assert "other settings (seed: 1 instead of 2" in said and (out / "mine.checkpoint").exists()
    feedback = QgsProcessingFeedback(False)
    processing.run(TRAIN, given, feedback=feedback)
    assert "The training goes on after step " in feedback.textLog()
    assert [path.name for path in out.iterdir()] == ["mine.safetensors"]
    assert read_card(out / "mine.safetensors").name == "MERLIN of slc_1"


def test_a_training_begins_with_a_model_for_complex_images(given, own_models, out):
    write_by_engine(write_despeckler, own_models / "merlin.safetensors", ENGINE_PYTHON)
    write_by_engine(write_bridge_clear, own_models / "clear.safetensors", ENGINE_PYTHON)
    assert "Toy despeckler" in options(TRAIN, "START") and "Toy BridgeClear" not in options(TRAIN, "START")
    assert {"Toy despeckler", "Toy BridgeClear"} <= set(options(DESPECKLE, "MODEL"))
    output = str(out / "mine.safetensors")
    processing.run(TRAIN, {**given, "START": "Toy despeckler", "OUTPUT": output, "RATE": 1e-9})
    arguments = [read_card(path).networks["despeckle"] for path in (own_models / "merlin.safetensors", output)]
    assert arguments[0] == arguments[1]
    clean = {"INPUT": given["LAYERS"][0], "OUTPUT": str(out / "clean.tif")}
    one, other = (
        read_raster(processing.run(DESPECKLE, {**clean, "MODEL_FILE": str(path)})["OUTPUT"])
        for path in (own_models / "merlin.safetensors", output)
    )
    assert np.allclose(one, other, atol=0.05), "a rate of nothing teaches nothing"


def test_layers_may_lie_on_a_map_and_in_two_bands(given, tmp_path, out):
    values = speckled(128, 192, 3)
    layers = [
        write_slc(tmp_path / "map.tif", speckled(128, 192), ON_MAP),
        write_raster(tmp_path / "parts.tif", np.stack([values.real, values.imag])),
    ]
    results = processing.run(TRAIN, {**given, "LAYERS": layers, "OUTPUT": str(out / "mine.safetensors")})
    assert read_card(results["OUTPUT"]).training_sets == ("map", "parts")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"LAYERS": []}, "Complex SAR layers (LAYERS) is needed"),
        ({"LAYERS": ["grd.tif"]}, "Layer 'grd' holds no phase, and MERLIN learns from real and imaginary parts"),
        ({"LAYERS": ["slc_1.tif", "slc_1.tif"]}, "(LAYERS) hold the same image twice, band 1 of layer 'slc_1'"),
        ({"START": "none such"}, "Model to begin with (START) must be one of these"),
        ({"PATCH_SIZE": 256}, "too few for two parts that share no pixel"),
        ({"PATCH_SIZE": 100}, "must be a multiple of 32"),
        ({"NAME": "a<b"}, "The model needs a name"),
        ({"MINUTES": 5, "EPOCHS": 3}, "Epochs (EPOCHS) and Minutes (instead of epochs) (MINUTES) are both chosen"),
        ({"OUTPUT": "mine.tif"}, "has a format that is not supported here"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, tmp_path, out):
    write_raster(tmp_path / "grd.tif", np.abs(speckled(128, 192)) ** 2)
    others = {
        key: [str(tmp_path / name) for name in value] if key == "LAYERS" else value for key, value in others.items()
    }
    given = {**given, "OUTPUT": "mine.safetensors", **others}
    assert said in complaint(TRAIN, {**given, "OUTPUT": str(out / given["OUTPUT"])})
    assert not list(out.iterdir())
