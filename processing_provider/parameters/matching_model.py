"""Which model matches: by default the first of the list that holds the networks for the method."""

from typing import Any

from qgis.core import QgsProcessingContext

from ...contract.matching_jobs import GOODNESS_NETWORKS, LEARNED_METHODS
from ..algorithm import SarbridgeAlgorithm
from .model_parameters import MODEL, MODEL_FILE, add_model_parameters, chosen_model, listed_models

TASK = "match"
"""What the cards of the models call it."""

AUTOMATIC = "auto"
"""In place of a model's name."""


def add_matching_model(algorithm: SarbridgeAlgorithm) -> None:
    """Add the models that match, and the file of another."""
    add_model_parameters(algorithm, TASK, first={AUTOMATIC: "automatic, the first that holds the method's network"})


def matching_model(
    algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext, method: str
) -> str:
    """Return the path of the model file to use with a method, empty where there is none.

    Raises `UserError` when the chosen one is gone.
    """
    own = algorithm.parameterAsFile(parameters, MODEL_FILE, context)
    if own or algorithm.parameterAsString(parameters, MODEL, context) not in ("", AUTOMATIC):
        return chosen_model(algorithm, parameters, context, TASK)
    if method in LEARNED_METHODS:
        prefix, network = "match", LEARNED_METHODS[method]
    else:  # which can ask for goodness networks only
        prefix, network = GOODNESS_NETWORKS[0], "GoodnessNet"
    return next((path for path, card in listed_models(TASK).values() if _class(card, prefix) == network), "")


def _class(card, prefix):
    return card.networks.get(prefix, {}).get("class")
