"""A transform on the map that is typed: a shift, or an affine transform."""

from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingParameterString

from ..algorithm import SarbridgeAlgorithm
from .given import Given, several
from .number import finite


def add_transform(algorithm: SarbridgeAlgorithm, key: str, title: str, help_text: str) -> None:
    """Add an optional transform."""
    algorithm.add_parameter(
        QgsProcessingParameterString(key, algorithm.tr(title), optional=True),
        f"{help_text} A shift is two numbers: what is added to x (east) and to y (north), such as '-30, 20'. An affine"
        " transform is six: a, b, c, d, e, f of x' = a x + b y + c and y' = d x + e y + f.",
    )


def transform_of(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> tuple[float, ...]:
    """Return (a, b, c, d, e, f), empty where no transform is given; raises `UserError` for other words or numbers."""
    text = algorithm.parameterAsString(parameters, key, context)
    if not text:
        return ()
    numbers = [finite(each) for each in several(" ".join(text.replace(",", " ").replace(";", " ").split()), " ")]
    if len(numbers) not in (2, 6) or None in numbers:
        given = Given(algorithm, algorithm.parameterDefinition(key), text, parameters, context)
        raise given.must_be("a shift (two numbers) or an affine transform (six), such as '-30, 20'")
    if len(numbers) == 2:
        return (1.0, 0.0, numbers[0], 0.0, 1.0, numbers[1])
    return tuple(numbers)
