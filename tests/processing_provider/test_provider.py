"""What holds for all algorithms: ids, icons, help, declared outputs, and what happens without an engine."""

import re
import subprocess

import pytest

pytest.importorskip("qgis.core")

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingUtils,
    QgsRasterFileWriter,
    QgsSettings,
    QgsVectorFileWriter,
)
from sarbridge.contract.installation import PLUGIN_FOLDER, USER_GUIDE  # noqa: E402
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.engine_process import interpreter  # noqa: E402
from sarbridge.processing_provider.parameters.device import chosen_device  # noqa: E402

NEED_ENGINE = (
    "alignimages",
    "matchtiepoints",
    "coregister",
    "matchandcoregister",
    "evaluatematching",
    "trainmatcher",
    "sardistortions",
    "jointvisibility",
    "simulatescene",
    "translatetooptical",
    "evaluatetranslation",
    "traintranslator",
    "buildpatches",
    "extractbuildings",
    "trainbuildings",
    "evaluatebuildings",
    "despeckle",
    "traindespeckler",
)
KEY = "[A-Z][A-Z_0-9]*|(match|coregister):[A-Z][a-z -]*"  # QGIS names outputs of a model after its steps
IDS = (*NEED_ENGINE, "setupengine", "checkengine")

pytestmark = pytest.mark.usefixtures("qgis_application")


def algorithm(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{name}")


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.delenv("SARBRIDGE_PYTHON", raising=False)
    monkeypatch.setattr(settings, "own_environment_folder", lambda: tmp_path / "none")
    monkeypatch.setattr(interpreter, "NEEDED_MODULES", ("no_such_module",))


def test_the_provider():
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    assert {found.name() for found in provider.algorithms()} == set(IDS)
    assert provider.name() == "SARbridge"
    assert not provider.icon().pixmap(24).isNull()
    assert not provider.supportsNonFileBasedOutput()


def test_formats_that_are_written():
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    assert provider.supportedOutputRasterLayerExtensions() == ["tif", "tiff", "vrt"]
    assert provider.supportedOutputVectorLayerExtensions() == ["gpkg", "shp", "geojson", "fgb", "csv"]


@pytest.mark.parametrize(
    ("kind", "writer", "preferred", "proposed"),
    [("Raster", QgsRasterFileWriter, "img", "tif"), ("Vector", QgsVectorFileWriter, "shp", "gpkg")],
)
def test_formats_that_qgis_proposes_are_written(kind, writer, preferred, proposed):
    """Whatever format the user prefers elsewhere: not all of them hold what our outputs have."""
    settings_of_qgis, key = QgsSettings(), f"Processing/Configuration/DefaultOutput{kind}LayerExt"
    settings_of_qgis.setValue(key, writer.supportedFormatExtensions().index(preferred))
    try:
        assert getattr(QgsProcessingUtils, f"default{kind}Extension")() == preferred
        for found in map(algorithm, NEED_ENGINE):
            for each in found.destinationParameterDefinitions():
                if each.type() == f"{kind.lower()}Destination":
                    assert each.defaultFileExtension() == proposed
    finally:
        settings_of_qgis.remove(key)


@pytest.mark.parametrize("name", IDS)
def test_every_algorithm_is_complete(name):
    found = algorithm(name)
    assert type(found).__name__.lower() == name
    is_model = isinstance(found, QgsProcessingModelAlgorithm)  # those before 3.26 run on QGIS's main thread
    assert is_model or not found.flags() & found.Flag.FlagNoThreading
    assert found.displayName() and found.group() and found.groupId()
    assert "sarbridge" in found.tags()  # the menu entry filters the toolbox by this word
    assert set(found.TAGS) < set(found.tags()) and found.TAGS
    assert found.svgIconPath().endswith(f"{name}.svg")
    assert not found.icon().pixmap(24).isNull()
    assert found.helpUrl() == f"file://{PLUGIN_FOLDER}/docs/user_guide.html#{name}"
    assert f'id="{name}"' in USER_GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", IDS)
def test_every_parameter_is_explained_and_has_an_upper_case_key(name):
    found = algorithm(name)
    for definition in found.parameterDefinitions():
        assert re.fullmatch(KEY, definition.name())
        assert len(definition.help()) > 20, definition.name()
        assert definition.help() in found.shortHelpString()
    for output in found.outputDefinitions():
        assert re.fullmatch(KEY, output.name())
        assert output.description()


def test_advanced_parameters_are_folded():
    found = algorithm("matchtiepoints")
    device = found.parameterDefinition("DEVICE")
    assert device.flags() & device.Flag.FlagAdvanced
    assert device.defaultValue() == "auto"


@pytest.mark.parametrize("name", IDS)
def test_without_an_engine_one_sentence_says_what_to_do(name, no_engine):
    possible, reason = algorithm(name).canExecute()
    assert possible == (name not in NEED_ENGINE)
    assert possible or ("run 'Set up the engine'" in reason and reason.count(". ") == 0)


def test_that_question_never_starts_a_process(monkeypatch):
    def no_process(*arguments, **options):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", no_process)
    assert algorithm("matchtiepoints").canExecute()[0] in (True, False)


@pytest.mark.parametrize("chosen, expected", [("auto", "cuda:1"), ("cpu", "cpu"), ("mps", "mps")])
def test_auto_takes_the_device_of_the_settings(monkeypatch, chosen, expected):
    monkeypatch.setattr(settings, "device", lambda: "cuda:1")
    assert chosen_device(algorithm("checkengine"), {"DEVICE": chosen}, QgsProcessingContext()) == expected
