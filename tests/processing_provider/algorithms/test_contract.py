"""What every algorithm keeps to: it gives what it declared, and refuses as a step of a model what it refuses alone."""

from pathlib import Path

import processing
import pytest
from qgis.core import QgsApplication, QgsProcessingModelChildParameterSource, QgsProcessingParameterNumber
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS, small_run
from sarbridge.tests.processing_provider.model_steps import model_of, step
from sarbridge.tests.qgis_session import complaint

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

NUMBERED = (
    "alignimages",
    "matchtiepoints",
    "evaluatematching",
    "sardistortions",
    "jointvisibility",
    "simulatescene",
    "translatetooptical",
    "evaluatetranslation",
    "trainmatcher",
    "traintranslator",
    "buildpatches",
    "extractbuildings",
    "trainbuildings",
    "despeckle",
    "traindespeckler",
)
"""The algorithms that ask for numbers; the model has its steps check them."""

ALTERNATIVES = {
    "evaluatetranslation": {"FID"},
    "evaluatebuildings": {"IOU_LOW", "IOU_HIGH"},
    "matchtiepoints": {"SIGMA_SCALE"},
    "evaluatematching": {"WITHIN_1_SIGMA", "WITHIN_2_SIGMA"},
    "trainbuildings": {"MERLIN_LOSS", "LABELLED_PATCHES"},
    "trainmatcher": {"START_WITHIN_1", "START_WITHIN_3", "START_MEAN_ERROR", "START_MAP"},
}
"""Numbers that come in place of others, of large images, with weights that are named or a model to begin with, where
errors are predicted or by other methods."""


def found(algorithm):
    return QgsApplication.processingRegistry().algorithmById(f"sarbridge:{algorithm}")


def numbers(algorithm):
    return [each for each in found(algorithm).parameterDefinitions() if isinstance(each, QgsProcessingParameterNumber)]


def test_every_algorithm_is_here():
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    names = {each.name() for each in provider.algorithms()}
    assert names == {*SMALL_RUNS, "matchandcoregister", "setupengine"}
    assert {name for name in names if numbers(name)} == {*NUMBERED, "matchandcoregister"}


@pytest.mark.parametrize("algorithm", SMALL_RUNS)
def test_results_are_what_was_declared(algorithm, tmp_path):
    """Numbers included, as later steps of a model can only take what is declared."""
    wanted = small_run(algorithm, tmp_path)
    results = processing.run(f"sarbridge:{algorithm}", wanted)
    declared = {output.name() for output in found(algorithm).outputDefinitions()}
    assert set(results) == declared - ALTERNATIVES.get(algorithm, set())
    for each in found(algorithm).destinationParameterDefinitions():
        assert results[each.name()] == wanted[each.name()] and Path(results[each.name()]).exists()


@pytest.mark.parametrize("algorithm", NUMBERED)
def test_a_step_of_a_model_refuses_numbers_out_of_bounds(algorithm, tmp_path):
    """A model does not call `checkParameterValues` of its steps."""
    given = SMALL_RUNS[algorithm](tmp_path)
    for each in numbers(algorithm):
        for beyond in (each.minimum() - 1, each.maximum() + 1):
            if abs(beyond) < 1e300:  # else there is no such bound
                said = complaint(model_of(step(algorithm, {**given, each.name(): beyond})), {})
                assert f"({each.name()}) must be a" in said and " number of at " in said


@pytest.mark.parametrize("algorithm", NUMBERED)
def test_words_and_nan_are_no_numbers(algorithm, tmp_path):
    """QGIS reads any word as 0 where a number may be left out."""
    given = SMALL_RUNS[algorithm](tmp_path)
    for each in numbers(algorithm):
        for word in ("east", "nan"):
            said = complaint(f"sarbridge:{algorithm}", {**given, each.name(): word})
            assert f"({each.name()}) must be a" in said and f"got '{word}'." in said


def test_a_step_of_a_model_refuses_choices_that_do_not_exist(tmp_path):
    given = {**SMALL_RUNS["coregister"](tmp_path), "MOVES": "both"}
    said = complaint(model_of(step("coregister", given)), {})
    assert (
        "Which image is it (MOVES) must be one of these: the optical image (optical); the SAR image (sar); got 'both'."
        in said
    )


def test_a_step_of_a_model_reads_what_an_expression_gives(tmp_path):
    """QGIS reads a number with a comma as 0 there."""
    given = SMALL_RUNS["sardistortions"](tmp_path)
    wrong = {**given, "HEADING": QgsProcessingModelChildParameterSource.fromExpression("'348,5'")}
    said = complaint(model_of(step("sardistortions", wrong)), {})
    assert "(HEADING) must be a number of at least -360 and at most 360; got '348,5'." in said
    right = {**given, "HEADING": QgsProcessingModelChildParameterSource.fromExpression("300 + 48.5")}
    output = {"sardistortions:OUTPUT": str(tmp_path / "zones.tif")}
    processing.run(model_of(step("sardistortions", right, ["OUTPUT"])), output)
    assert (tmp_path / "zones.tif").is_file()
