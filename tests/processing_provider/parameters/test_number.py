"""Numbers: what is asked, what is read, and the sentence about a wrong one."""

import math

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.algorithm import SarbridgeAlgorithm
from sarbridge.processing_provider.parameters.number import add_number, number
from sarbridge.processing_provider.parameters.reading import read_values

pytestmark = pytest.mark.usefixtures("qgis_application")


class Asks(SarbridgeAlgorithm):
    """Asks for one number of each kind."""

    def initAlgorithm(self, configuration=None):
        add_number(self, "WITH", "With default", "A number with a default.", default=7, bounds=(0, None), integer=True)
        add_number(self, "WITHOUT", "Without", "A number without a default.", bounds=(-1, 1), advanced=True)
        add_number(self, "ANY", "Any", "A number without bounds.")


@pytest.fixture
def asks():
    return Asks().create()


def test_what_has_no_default_is_optional(asks):
    flag = QgsProcessingParameterDefinition.Flag
    has, lacks = asks.parameterDefinition("WITH"), asks.parameterDefinition("WITHOUT")
    assert not has.flags() & flag.FlagOptional and not has.flags() & flag.FlagAdvanced
    assert lacks.flags() & flag.FlagOptional and lacks.flags() & flag.FlagAdvanced
    assert has.dataType() == has.Type.Integer and lacks.dataType() == lacks.Type.Double


@pytest.mark.parametrize("given", [{}, {"WITH": None, "WITHOUT": None}, {"WITH": "", "WITHOUT": ""}])
def test_left_out_or_empty(asks, given):
    context = QgsProcessingContext()
    assert number(asks, given, "WITH", context) == 7
    assert number(asks, given, "WITHOUT", context) is None
    assert number(asks, given, "WITHOUT", context, empty=-5.0) == -5


@pytest.mark.parametrize("given", [0, 0.0, "0"])
def test_zero_is_not_empty(asks, given):
    assert number(asks, {"WITHOUT": given}, "WITHOUT", QgsProcessingContext(), empty=-5.0) == 0


@pytest.mark.parametrize(
    "given, used",
    [
        ({}, {}),
        ({"WITH": 0}, {"WITH": 0}),
        ({"WITH": " 3.0 "}, {"WITH": 3}),
        ({"WITH": "1e3"}, {"WITH": 1000}),
        ({"WITHOUT": -1}, {"WITHOUT": -1}),
        ({"WITHOUT": "0.5"}, {"WITHOUT": 0.5}),
        ({"ANY": -1e9}, {"ANY": -1e9}),
        ({"WITHOUT": ""}, {}),
    ],
)
def test_right_numbers(asks, given, used):
    assert read_values(asks, given, QgsProcessingContext()) == used


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"WITH": -1}, "With default (WITH) must be a whole number of at least 0; got -1."),
        ({"WITH": 3.7}, "With default (WITH) must be a whole number of at least 0; got 3.7."),
        ({"WITHOUT": "1.5"}, "Without (WITHOUT) must be a number of at least -1 and at most 1; got '1.5'."),
        ({"WITHOUT": "east"}, "Without (WITHOUT) must be a number of at least -1 and at most 1; got 'east'."),
        ({"ANY": "1_000"}, "Any (ANY) must be a number; got '1_000'."),
        ({"ANY": "٣"}, "Any (ANY) must be a number; got '٣'."),
        ({"ANY": "348,5"}, "Any (ANY) must be a number; got '348,5'."),
        ({"ANY": "5 m"}, "Any (ANY) must be a number; got '5 m'."),
        ({"ANY": "1e400"}, "Any (ANY) must be a number; got '1e400'."),
        ({"ANY": 10**5000}, "Any (ANY) must be a number; got a huge number."),
        ({"ANY": True}, "Any (ANY) must be a number; got True."),
        ({"ANY": [1.0]}, "Any (ANY) must be a number; got the list 1.0."),
        ({"ANY": math.nan}, "Any (ANY) must be a number; got nan."),
    ],
)
def test_wrong_numbers(asks, given, sentence):
    with pytest.raises(UserError) as raised:
        read_values(asks, given, QgsProcessingContext())
    assert str(raised.value) == sentence
