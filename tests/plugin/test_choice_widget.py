"""Choices in dialogs, batch runs and the model designer: words are shown, identifiers are kept."""

import pytest
from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingParameterEnum,
)
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QComboBox
from sarbridge.processing_provider.parameters.choice import identifier_of, words_of

pytestmark = pytest.mark.usefixtures("qgis_application")


def created(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{name}")


@pytest.fixture
def dialog():
    """A dialog of Co-register, as a user opens it."""
    opened = AlgorithmDialog(created("coregister"))
    yield opened
    opened.close()
    sip.delete(opened)


@pytest.fixture
def transform(dialog):
    """The wrapper of one choice."""
    return dialog.mainWidget().wrappers["TRANSFORM"]


def test_dialogs_show_words_and_keep_identifiers(transform):
    combo = transform.wrappedWidget()
    assert [combo.itemText(place) for place in range(combo.count())] == [
        "Automatic, by the leave-one-out error",
        "Shift only",
        "Affine transform",
        "Polynomial of second order",
        "Thin plate spline",
    ]
    assert transform.parameterValue() == "affine"
    combo.setCurrentIndex(4)
    assert transform.parameterValue() == "tps"


@pytest.mark.parametrize("given, kept", [("tps", "tps"), ("thin plate spline", "tps"), (None, "affine")])
def test_values_of_models_and_of_earlier_runs_are_shown(transform, given, kept):
    transform.setParameterValue(given, QgsProcessingContext())
    assert transform.parameterValue() == kept
    assert transform.wrappedWidget().currentIndex() >= 0


def test_a_value_that_is_not_on_the_list_is_not_replaced_in_silence(transform):
    transform.setParameterValue("polynomial9", QgsProcessingContext())
    assert transform.parameterValue() == "polynomial9" and transform.wrappedWidget().currentText() == "polynomial9"


def test_words_and_identifiers_of_every_choice_lead_to_the_identifier():
    for algorithm in QgsApplication.processingRegistry().providerById("sarbridge").algorithms():
        for each in algorithm.parameterDefinitions():
            if isinstance(each, QgsProcessingParameterEnum):
                for name, words in words_of(each).items():
                    assert {identifier_of(each, said) for said in (name, words, words.upper())} == {name}


def test_a_step_in_the_model_designer_shows_words_and_keeps_identifiers():
    model, child = (
        QgsProcessingModelAlgorithm("model", "tests"),
        QgsProcessingModelChildAlgorithm("sarbridge:coregister"),
    )
    child.setChildId("coregister")
    child.addParameterSources("TRANSFORM", [QgsProcessingModelChildParameterSource.fromStaticValue("tps")])
    model.addChildAlgorithm(child)
    algorithm = created("coregister")
    dialog = ModelerParametersDialog(algorithm, model, "coregister")
    try:
        texts = [combo.currentText() for combo in dialog.findChildren(QComboBox)]
        assert "Thin plate spline" in texts and "tps" not in texts
        [source] = dialog.createAlgorithm().parameterSources()["TRANSFORM"]
        assert source.staticValue() == "tps"
    finally:
        sip.delete(dialog)


def test_batch_runs_show_words_too():
    dialog = BatchAlgorithmDialog(created("coregister"))
    try:
        texts = [combo.currentText() for combo in dialog.findChildren(QComboBox)]
        assert "Affine transform" in texts and "affine" not in texts
    finally:
        dialog.close()
        sip.delete(dialog)


def test_the_model_that_ships_shows_words_too():
    dialog = AlgorithmDialog(created("matchandcoregister"))
    try:
        wrappers = dialog.mainWidget().wrappers
        assert wrappers["TRANSFORM"].wrappedWidget().currentText() == "Affine transform"
        assert wrappers["TRANSFORM"].parameterValue() == "affine"
    finally:
        dialog.close()
        sip.delete(dialog)
