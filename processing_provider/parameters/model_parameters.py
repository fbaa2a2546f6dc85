"""Which trained model runs: one of the list, or a file of the user's own; the same questions for every task."""

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterFile

from ...contract.errors import UserError
from ...contract.installation import SHIPPED_MODELS
from ...models.card import Card, list_models, read_card
from .. import settings
from ..algorithm import SarbridgeAlgorithm
from ..inputs.layer_sources import LayerSource
from .choice import add_choice
from .given import named
from .simple_values import MODEL_FILES

MODEL, MODEL_FILE = "MODEL", "MODEL_FILE"


def add_model_parameters(
    algorithm: SarbridgeAlgorithm, task: str, advice: str = "", first: Mapping[str, str] = {}
) -> None:
    """Add the models made for a task, as their cards say ("match"), and the file of another.

    advice: a sentence on which to choose, with a space before it. first: {identifier: words} of what stands before the
    models, in place of one of the same name.
    """
    add_choice(
        algorithm,
        MODEL,
        "Model",
        {**first, **{name: first.get(name, name) for name in model_files(task)}},
        f"The trained networks that come with the plugin and those in the folder named in the settings.{advice}",
        optional=True,
    )
    algorithm.add_parameter(
        QgsProcessingParameterFile(
            MODEL_FILE,
            algorithm.tr("Model file (instead of a model of the list)"),
            optional=True,
            fileFilter=MODEL_FILES,
        ),
        "A model file of your own, with a model card, as the plugin's own trainings write it; it wins over the model"
        " chosen above.",
    )


def chosen_model(
    algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext, task: str
) -> str:
    """Return the path of the model file to use, empty where there is none; `UserError` when the chosen one is gone."""
    own = algorithm.parameterAsFile(parameters, MODEL_FILE, context)
    return own or listed_model(algorithm, parameters, MODEL, context, task)


def is_for_complex_images(model: str) -> bool:
    """Return whether the card of a model file says so, "" being none; raises `UserError` as `read_card`."""
    return bool(model) and read_card(model).inputs.get("sar", {}).get("unit") == "complex"


def listed_model(
    algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext, task: str
) -> str:
    """Return the path of the model that parameter `key` names, empty without one; `UserError` when it is gone.

    It counts as an input, whose place no output may take.
    """
    name, files = algorithm.parameterAsString(parameters, key, context), model_files(task)
    if name and name not in files:
        raise UserError(
            f"{named(algorithm.parameterDefinition(key))}: no model is called '{name}'; choose another one."
        )
    if name:
        algorithm.sources = [*algorithm.sources, LayerSource(f"the model '{name}' ({key})", files[name])]
    return files.get(name, "")


def model_files(task: str) -> dict[str, str]:
    """Return {name: path} of a task's models, as `listed_models`."""
    return {name: path for name, (path, _) in listed_models(task).items()}


def listed_models(task: str) -> dict[str, tuple[str, Card]]:
    """Return {name: (path, card)} of a task's models, shipped ones first; names are those on the cards.

    The user's own wins over a shipped one of the same name. Of several own ones of one name the newest has it, and the
    others their file names behind it.
    """
    shipped = {card.name: (str(path), card) for path, card in list_models([SHIPPED_MODELS], task)}
    folder, own = settings.model_folder(), {}
    for path, card in sorted(list_models([folder], task) if folder else [], key=_age):
        own[f"{card.name} ({path.stem})" if card.name in own else card.name] = str(path), card
    return {**shipped, **dict(sorted(own.items()))}


def _age(model):
    try:
        return -model[0].stat().st_mtime
    except OSError:  # it was removed just now
        return 0.0
