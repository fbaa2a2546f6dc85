"""How sentences repeat a value: as users know it, cut where it is long, without secrets and what cannot be printed."""

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingParameterString, QgsVectorLayer
from sarbridge.processing_provider.parameters.given import Given

pytestmark = pytest.mark.usefixtures("qgis_application")


def sentence(value):
    definition = QgsProcessingParameterString("WORD", "Magic word")
    return str(Given(None, definition, value, {}, QgsProcessingContext()).must_be("another"))


@pytest.mark.parametrize(
    "value, shown",
    [
        ("please", "'please'"),
        (" ", "' '"),
        (3.5, "3.5"),
        (True, "True"),
        pytest.param(10**5000, "a huge number", id="huge"),
        ([1, "x"], "the list 1, 'x'"),
        ([], "an empty list"),
        ({"a": 1}, "a dict"),
        ("two\nlines\0", "'two?lines?'"),
        ("x" * 500, f"'{'x' * 120}…'"),
    ],
)
def test_values_as_users_know_them(value, shown):
    assert sentence(value) == f"Magic word (WORD) must be another; got {shown}."


def test_layers_by_their_names():
    assert "got 'my points'." in sentence(QgsVectorLayer("Point", "my points", "memory"))


@pytest.mark.parametrize("length", [0, 80, 95, 100])
def test_a_password_is_masked_wherever_the_text_is_cut(length):
    said = sentence(f"{'x' * length} http://anna:swordfish@example.org/a.tif")
    assert "swordf" not in said
