"""Labels come before keys, wherever people read of a parameter, and say what is needed and when."""

import re

import pytest
from qgis.core import QgsApplication
from sarbridge.contract.installation import PLUGIN_FOLDER

pytestmark = pytest.mark.usefixtures("qgis_application")


def algorithms():
    return QgsApplication.processingRegistry().providerById("sarbridge").algorithms()


def test_keys_stand_in_brackets_behind_labels_in_all_help():
    for algorithm in algorithms():
        keys = [each.name() for each in algorithm.parameterDefinitions() if "_" in each.name()]
        for text in (algorithm.shortHelpString(), *(each.help() for each in algorithm.parameterDefinitions())):
            for key in keys:
                for mention in re.finditer(rf"\b{key}\b", text):
                    around = text[max(0, mention.start() - 3) : mention.end() + 1]
                    assert re.fullmatch(r".?[\w>)] \(\w+\)", around), f"{algorithm.name()}: {around}"


@pytest.mark.parametrize(
    "name, key, label",
    [
        ("sardistortions", "HEADING", "Flight direction (heading, degrees; required unless a look azimuth is given)"),
        ("jointvisibility", "HEADING", "Flight direction (heading, degrees; required unless a look azimuth is given)"),
        ("simulatescene", "HEADING", "Flight direction (heading, degrees)"),
        (
            "translatetooptical",
            "HEADING",
            "Flight direction (heading, degrees; for distortion zones unless a look azimuth is given)",
        ),
        ("sardistortions", "LOOK_AZIMUTH", "Look azimuth (degrees; instead of the flight direction)"),
        ("jointvisibility", "SUN_AZIMUTH", "Sun azimuth (degrees; required if its elevation is given)"),
        ("jointvisibility", "SUN_ELEVATION", "Sun elevation (degrees; required if its azimuth is given)"),
        ("simulatescene", "SUN_AZIMUTH", "Sun azimuth (degrees)"),
        ("simulatescene", "HEIGHT_FIELD", "Field with heights (required with building footprints)"),
    ],
)
def test_labels_say_what_is_required_unless_another_is_given(name, key, label):
    algorithm = QgsApplication.processingRegistry().algorithmById(f"sarbridge:{name}")
    assert algorithm.parameterDefinition(key).description() == label


def test_the_guide_names_labels_before_keys():
    algorithm = None
    for line in (PLUGIN_FOLDER / "docs" / "user_guide.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            algorithm = QgsApplication.processingRegistry().algorithmById(f"sarbridge:{line[3:]}")
        if algorithm and line.startswith("| "):
            for entry in line.split("|")[1].split(";"):
                keys = re.findall(r"`([A-Z_]+)`", entry)
                definitions = [algorithm.parameterDefinition(key) for key in keys]
                for definition in filter(None, definitions):
                    label = definition.description().partition(" (")[0]
                    assert entry.strip() == f"{label} (`{definition.name()}`)"
