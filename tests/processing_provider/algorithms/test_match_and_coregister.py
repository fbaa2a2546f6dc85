"""The model of the provider: it corrects an image, alone and as a step of another one, and asks what its steps ask."""

from pathlib import Path

import processing
import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingModelAlgorithm
from sarbridge.processing_provider.algorithms.match_and_coregister import _ASKED
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP, write_image_pair
from sarbridge.tests.processing_provider.model_steps import model_of, step
from sarbridge.tests.qgis_session import complaint

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

OUTPUTS = {
    "match:Tie points": "points.gpkg",
    "match:Matching report": "matching.html",
    "coregister:Corrected": "corrected.tif",
    "coregister:Co-registration report": "coregistration.html",
}


@pytest.fixture
def given(tmp_path):
    """A run by cross-correlation, which needs no model file."""
    sar, optical = write_image_pair(tmp_path, size=256)
    by_correlation = {"METHOD": "ncc", "CANDIDATES": "grid", "SPACING": 32, "MAX_SHIFT": 16, "OUTLIER_TEST": "shift"}
    return {"SAR": sar, "OPTICAL": optical, **by_correlation, "TRANSFORM": "shift"}


def in_folder(folder):
    return {key: str(folder / name) for key, name in OUTPUTS.items()}


def assert_corrected(path):
    transform = gdal.Open(str(path)).GetGeoTransform()
    expected = LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL
    assert (transform[0], transform[3]) == pytest.approx(expected, abs=0.1 * PIXEL)


def test_it_is_a_model_that_has_its_steps():
    made = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchandcoregister")
    assert isinstance(made, QgsProcessingModelAlgorithm) and made.provider().id() == "sarbridge"
    assert set(OUTPUTS) == {output.name() for output in made.outputDefinitions()}
    valid, problems = made.validate()
    assert valid, problems
    template = QgsApplication.processingRegistry().algorithmById("sarbridge:matchandcoregister")
    assert set(OUTPUTS) == {output.name() for output in template.outputDefinitions()}


def test_it_runs_in_the_thread_that_qgis_chooses_for_models():
    """Its steps read layers of the project, which before QGIS 3.26 only the main thread may do."""
    made = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchandcoregister")
    in_main_thread = made.Flag.FlagNoThreading
    assert made.flags() & in_main_thread == QgsProcessingModelAlgorithm().flags() & in_main_thread


def test_it_corrects_an_image_and_reports(given, out):
    results = processing.run("sarbridge:matchandcoregister", {**given, **in_folder(out)})
    assert_corrected(results["coregister:Corrected"])
    for name in OUTPUTS.values():
        assert (out / name).stat().st_size


def test_it_is_a_step_of_another_model(given, out):
    outputs = in_folder(out)
    processing.run(model_of(step("matchandcoregister", {**given, **outputs})), {})
    assert_corrected(outputs["coregister:Corrected"])


def test_it_asks_what_its_steps_ask():
    """Same label, choices, bounds and help, so that each has one home."""
    registry = QgsApplication.processingRegistry()
    model = registry.createAlgorithmById("sarbridge:matchandcoregister")
    for key, algorithm, its_key in _ASKED:
        ours = model.parameterDefinition(key).toVariantMap()
        step_algorithm = registry.createAlgorithmById(f"sarbridge:{algorithm.__name__.lower()}")
        theirs = step_algorithm.parameterDefinition(its_key)
        assert {**ours, "name": its_key} == theirs.toVariantMap()
        assert model.parameterDefinition(key).help() == theirs.help()


def test_what_a_step_refuses_is_told(given, out):
    said = complaint("sarbridge:matchandcoregister", {**given, "SAR": "/nowhere/sar.tif", **in_folder(out)})
    assert "/nowhere/sar.tif" in said
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("key", OUTPUTS)
@pytest.mark.parametrize("image", ["SAR", "OPTICAL"])
def test_no_output_of_a_step_replaces_an_input_of_another(given, out, key, image):
    before = Path(given[image]).read_bytes()
    said = complaint("sarbridge:matchandcoregister", {**given, **in_folder(out), key: given[image]})
    assert f"{key}: writing this output would replace the file" in said
    assert Path(given[image]).read_bytes() == before
    assert list(out.iterdir()) == []


def test_two_reports_of_one_name_are_refused(given, out):
    same = dict.fromkeys(["match:Matching report", "coregister:Co-registration report"], str(out / "report.html"))
    said = complaint("sarbridge:matchandcoregister", {**given, **in_folder(out), **same})
    assert "Two outputs have the same name" in said
    assert list(out.iterdir()) == []


def test_a_folder_that_is_missing_gets_a_sentence(given, out):
    said = complaint("sarbridge:matchandcoregister", {**given, **in_folder(out / "missing")})
    assert "the folder" in said and "does not exist" in said
