"""How a training is asked for, whatever it teaches: its length and steps, and the model that comes of it."""

import re
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterString

from ...contract.checkpoints import SUFFIX
from ...contract.errors import UserError
from ...contract.installation import SHIPPED_MODELS
from ...contract.training_jobs import USUAL_EPOCHS
from .. import settings
from ..algorithm import SarbridgeAlgorithm
from ..outputs.destinations import add_file_output
from .given import named
from .number import add_number
from .simple_values import MODEL_FILES

NAME, EPOCHS, MINUTES, BATCH_SIZE, RATE, OUTPUT = "NAME", "EPOCHS", "MINUTES", "BATCH_SIZE", "RATE", "OUTPUT"

MODEL_FORMATS = (".safetensors",)

_LONGEST_NAME = 150
"""Bytes of a file name, so that there is room for suffixes where 255 are the limit."""


def add_training(algorithm: SarbridgeAlgorithm, name_help: str, epochs_help: str, rate_help: str) -> None:
    """Add the name of the model, the length of the training and, folded away, its steps; some of the help is given."""
    algorithm.add_parameter(
        QgsProcessingParameterString(NAME, algorithm.tr("Name of the model"), optional=True),
        f"What lists of models call it. Empty: {name_help}.",
    )
    add_number(
        algorithm,
        EPOCHS,
        "Epochs",
        f"{epochs_help} The log tells after the first steps how long all of them take.",
        default=USUAL_EPOCHS,
        bounds=(1, 1_000_000),
        integer=True,
    )
    add_number(
        algorithm,
        MINUTES,
        "Minutes (instead of epochs)",
        "About how long to learn: a few steps are timed first, and as many are taken as fit; choosing the best"
        " weights takes a fifth of the time at most. A run that goes on takes as many steps as the one that began."
        " 0: as many epochs as are chosen.",
        default=0,
        bounds=(0, 1_000_000),
    )
    add_number(
        algorithm,
        BATCH_SIZE,
        "Batch size",
        "Patches learnt from in a step: more need more memory. 0: what suits the method, at most 4 on a CPU.",
        default=0,
        bounds=(0, 256),
        integer=True,
        advanced=True,
    )
    add_number(
        algorithm,
        RATE,
        "Learning rate",
        f"How far a step goes: lower it where the loss jumps or is no number. 0: {rate_help}.",
        default=0,
        bounds=(0, 1),
        advanced=True,
    )


def add_model_output(algorithm: SarbridgeAlgorithm, kept: str) -> None:
    """Add the model file; `kept` is what lies beside it until the training is over."""
    add_file_output(
        algorithm,
        OUTPUT,
        "Model file",
        "The model (.safetensors). Empty: a file in the folder of own models of the settings, called by the name of"
        f" the model. Beside it lies, until the training is over, {kept} (.checkpoint) from which the next run with"
        " the same values goes on; remove it to begin anew.",
        MODEL_FILES,
    )


def chosen_length(
    algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return what jobs call the length of a training and its steps; of epochs and minutes only one may be chosen.

    Raises `UserError` where both are: dialogs give both.
    """
    epochs = algorithm.parameterAsInt(parameters, EPOCHS, context)
    minutes = algorithm.parameterAsDouble(parameters, MINUTES, context)
    if minutes and epochs != USUAL_EPOCHS:
        both = " and ".join(named(algorithm.parameterDefinition(key)) for key in (EPOCHS, MINUTES))
        raise UserError(f"{both} are both chosen: leave one of them as it was, {USUAL_EPOCHS} epochs or 0 minutes.")
    return {
        "epochs": epochs,
        "minutes": minutes,
        "batch_size": algorithm.parameterAsInt(parameters, BATCH_SIZE, context),
        "rate": algorithm.parameterAsDouble(parameters, RATE, context),
    }


def printable(name: str) -> str:
    """Return a name as lists of models can show it."""
    return "".join(letter for letter in name if letter.isprintable())


def without_brackets(name: str) -> str:
    """Return what a layer is called without what the name of a model may not hold."""
    return "".join(letter for letter in name if letter not in "<>")


def model_path(algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], name: str) -> Any:
    """Return the destination of the model: where there is none, a file among the user's own, called by a name.

    Raises `UserError` where there is no folder for it, or a model of that name already.
    """
    if OUTPUT in parameters:
        return parameters[OUTPUT]
    called, folder = named(algorithm.parameterDefinition(OUTPUT)), settings.model_folder()
    if not folder:
        raise UserError(
            f"{called}: there is no folder of own models; name a file, or choose a folder in the settings first."
        )
    stem = re.sub(r"[^\w.-]+", "_", name).strip("._")
    stem = stem.encode()[:_LONGEST_NAME].decode(errors="ignore") or "model"
    path = Path(folder) / f"{stem}{MODEL_FORMATS[0]}"
    if path.exists():
        raise UserError(f"{called}: there is a model '{path}' already; choose another name, or name a file.")
    return str(path)


def refuse_shipped_folder(model: str) -> None:
    """Raise `UserError` for a path among the models that come with the plugin."""
    if Path(model).absolute().parent.resolve() == SHIPPED_MODELS.resolve():
        raise UserError(
            f"Model file '{model}': this folder is that of the models that come with the plugin, and the next version "
            "replaces it: choose another one."
        )


def checkpoint_beside(model: str) -> str:
    """Return the path of what a training keeps beside its model while it is on its way."""
    return str(Path(model).absolute().with_suffix(SUFFIX))
