"""Numbers that an algorithm asks for, and what is wrong with those it was given."""

from contextlib import suppress
from typing import Any, Optional

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterNumber

from ..algorithm import SarbridgeAlgorithm


def add_number(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    help_text: str,
    default: Optional[float] = None,
    bounds: tuple[Optional[float], Optional[float]] = (None, None),
    integer: bool = False,
    advanced: bool = False,
) -> None:
    """Add a number between two bounds (None: no bound); it is optional when it has no default."""
    kind = QgsProcessingParameterNumber.Type.Integer if integer else QgsProcessingParameterNumber.Type.Double
    definition = QgsProcessingParameterNumber(key, algorithm.tr(title), kind, default, default is None)
    lowest, highest = bounds
    if lowest is not None:
        definition.setMinimum(lowest)
    if highest is not None:
        definition.setMaximum(highest)
    algorithm.add_parameter(definition, help_text, advanced)


def number(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    key: str,
    context: QgsProcessingContext,
    empty: Optional[float] = None,
) -> Optional[float]:
    """Return a number: its default when it is left out or empty, and `empty` where it has none."""
    if parameters.get(key) in (None, "") and algorithm.parameterDefinition(key).defaultValue() is None:
        return empty
    return algorithm.parameterAsDouble(parameters, key, context)


def wrong_number(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any]) -> str:
    """Return the sentence about the first number that is none or not within its bounds, empty when all are."""
    for each in algorithm.parameterDefinitions():
        given = parameters.get(each.name())
        if not isinstance(each, QgsProcessingParameterNumber) or _is_right(each, given):
            continue
        # QGIS says "no bound" by the largest numbers there are.
        bounds = [("at least", each.minimum()), ("at most", each.maximum())]
        told = " and ".join(f"{word} {bound:g}" for word, bound in bounds if abs(bound) < 1e300)
        wanted = f"a number of {told}" if told else "a number"
        return algorithm.tr("{} ({}) must be {}, got {}.").format(each.description(), each.name(), wanted, given)
    return ""


def _is_right(definition, given):
    """QGIS takes any word for an optional number, and reads 0 then; it compares NaN with no bound.

    What Python alone takes for a number, such as 1_000 and the digits of other scripts, is such a word.
    """
    if isinstance(given, (int, float, str)) and given != "":
        if "_" in str(given) or not str(given).isascii():
            return False
        with suppress(ValueError):
            return definition.minimum() <= float(given) <= definition.maximum()
        return False
    return definition.checkValueIsAcceptable(given)
