"""Numbers that an algorithm asks for, and what is wrong with those it was given."""

import math
from contextlib import suppress
from typing import Any, Optional

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterNumber

from ..algorithm import SarbridgeAlgorithm
from .given import Given


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


def read_number(given: Given) -> float:
    """Return a number within the bounds, an int where whole ones are asked for.

    QGIS takes any word for an optional number, and reads 0 then; it compares NaN with no bound and cuts 3.7 to 3.
    """
    definition = given.definition
    is_whole = definition.dataType() == QgsProcessingParameterNumber.Type.Integer
    number = finite(given.value)
    is_right = number is not None and definition.minimum() <= number <= definition.maximum()
    if not is_right or (is_whole and not number.is_integer()):
        # QGIS says "no bound" by the largest numbers there are.
        bounds = [("at least", definition.minimum()), ("at most", definition.maximum())]
        told = " and ".join(f"{word} {bound:.10g}" for word, bound in bounds if abs(bound) < 1e300)
        kind = "a whole number" if is_whole else "a number"
        raise given.must_be(f"{kind} of {told}" if told else kind)
    return int(number) if is_whole else number


def finite(value: Any) -> Optional[float]:
    """Return a number that is one to QGIS and Python alike, None for NaN, infinity, units, 1_000 and other digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        return None
    with suppress(ValueError, OverflowError):
        number = float(value)
        return number if math.isfinite(number) else None
    return None
