"""Numbers that an algorithm gives besides its layers; those that do not exist are left out of the results."""

from collections.abc import Mapping
from typing import Optional

from qgis.core import QgsProcessingOutputNumber

from ..algorithm import SarbridgeAlgorithm


def add_numbers(algorithm: SarbridgeAlgorithm, numbers: Mapping[str, str]) -> None:
    """Declare numbers, descriptions by key."""
    for key, description in numbers.items():
        algorithm.addOutput(QgsProcessingOutputNumber(key, algorithm.tr(description)))


def existing_numbers(numbers: Mapping[str, Optional[float]]) -> dict[str, float]:
    """Return the numbers, by key, without those that are None: the error of a fit that has no point to spare."""
    return {key: number for key, number in numbers.items() if number is not None}
