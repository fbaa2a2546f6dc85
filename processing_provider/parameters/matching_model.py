"""Which model matches: by default the first that holds the network of the chosen method."""

from typing import Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext

from ...contract.matching_jobs import LEARNED_METHODS
from ..algorithm import SarbridgeAlgorithm
from .model_parameters import add_model_parameters, chosen_model

TASK = "match"
"""What the cards of the models call it."""

_OF_OTHERS = LEARNED_METHODS["bridgematch"]
"""What other methods use goodness networks of."""


def add_matching_model(algorithm: SarbridgeAlgorithm) -> None:
    """Add the models that match, and the file of another."""
    add_model_parameters(algorithm, TASK, automatic="automatic, the first that holds the method's network")


def matching_model(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext, method: str
) -> str:
    """Return the path of the model file to use with a method, empty where there is none, as `chosen_model`."""
    return chosen_model(algorithm, parameters, context, TASK, LEARNED_METHODS.get(method, _OF_OTHERS))
