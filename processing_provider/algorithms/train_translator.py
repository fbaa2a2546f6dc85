"""`sarbridge:traintranslator`: a SAR and an optical layer of one place as a model that translates."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterString

from ...contract.errors import UserError
from ...contract.training_jobs import TRANSLATORS, USUAL_EPOCHS, TrainTranslatorJob
from .. import settings
from ..algorithm import TRANSLATION, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..outputs.destinations import HTML, add_file_output, add_report, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..parameters.aligned_layers_parameters import (
    LIKELY,
    SEED,
    add_aligned_layers,
    add_patches,
    add_seed,
    aligned_layers,
)
from ..parameters.choice import add_choice
from ..parameters.device import add_device, chosen_device
from ..parameters.given import named
from ..parameters.more_places_parameters import add_more_places, all_places
from ..parameters.number import add_number
from ..parameters.simple_values import MODEL_FILES

MODEL_FORMATS = (".safetensors",)

CHECKPOINT = ".checkpoint"
"""Suffix of what a training keeps beside its model while it is on its way; no other suffix is listed as a model."""

_LONGEST_NAME = 100

NUMBERS = {
    "STEPS": "Number of steps",
    "TRAINING_PATCHES": "Number of training patches",
    "VALIDATION_PATCHES": "Number of validation patches",
    "MSE": "Validation: mean squared error (colours 0..1)",
    "SSIM": "Validation: structural similarity",
    "MEAN_COLOUR_MSE": "Mean colour of the training area: mean squared error",
    "MEAN_COLOUR_SSIM": "Mean colour of the training area: structural similarity",
    "REGRESSION_MSE": "Regression from local SAR statistics: mean squared error",
    "REGRESSION_SSIM": "Regression from local SAR statistics: structural similarity",
}


class TrainTranslator(SarbridgeAlgorithm):
    """Aligned layers → job → engine → a model file, report and numbers."""

    TITLE = "Train translator"
    GROUP = TRANSLATION
    SUMMARY = (
        "Teaches a network to turn radar images into optical ones, from a SAR layer and an optical layer of the same"
        " place, or of several places. Patches are cut from the layers on the fly, and a part of each place is kept"
        " apart: on it the best weights are chosen, and the model is compared with trivial answers. The model file is"
        " one that Translate SAR to optical takes, and lists at once where it lies in the folder of own models. A"
        " training that is cancelled, or killed, goes on where it stopped when it is run again."
    )
    TAGS = (
        *("translation", "optical", "training", "train", "fine-tune", "learn", "deep learning", "neural network"),
        *("pix2pix", "cyclegan", "sardinet", "own model", "sentinel", "sentinel-1", "sentinel-2"),
    )
    LIKELY = LIKELY

    METHOD, NAME, EPOCHS, MINUTES = "METHOD", "NAME", "EPOCHS", "MINUTES"
    BATCH_SIZE, RATE = "BATCH_SIZE", "RATE"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_aligned_layers(self)
        add_more_places(self)
        self._add_training()
        add_patches(self)
        add_seed(self, "The same seed gives the same blocks, first weights and samples each time.")
        add_device(self)
        add_file_output(
            self,
            self.OUTPUT,
            "Model file",
            "The model (.safetensors). Empty: a file in the folder of own models of the settings, called by the name of"
            " the model. Beside it lies, until the training is over, a file (.checkpoint) from which the next run with"
            " the same values goes on; remove it to begin anew.",
            MODEL_FILES,
        )
        add_report(self, self.REPORT, "A page with the curves of the training, and places that were not learnt from.")
        add_numbers(self, NUMBERS)

    def _add_training(self):
        add_choice(
            self,
            self.METHOD,
            "Method",
            TRANSLATORS,
            "The network and how it is taught. BridgeView is this project's own, takes heights where they are given and"
            " says how far its colours can be trusted; the others are as published.",
        )
        self.add_parameter(
            QgsProcessingParameterString(self.NAME, self.tr("Name of the model"), optional=True),
            "What lists of models call it. Empty: the method and the SAR layer.",
        )
        add_number(
            self,
            self.EPOCHS,
            "Epochs",
            "How often each training patch is shown. The log tells after the first steps how long all of them take.",
            default=USUAL_EPOCHS,
            bounds=(1, 1_000_000),
            integer=True,
        )
        add_number(
            self,
            self.MINUTES,
            "Minutes (instead of epochs)",
            "About how long to learn: a few steps are timed first, and as many are taken as fit; choosing the best"
            " weights takes a fifth of the time at most. A run that goes on takes as many steps as the one that began."
            " 0: as many epochs as are chosen.",
            default=0,
            bounds=(0, 1_000_000),
        )
        add_number(
            self,
            self.BATCH_SIZE,
            "Batch size",
            "Patches learnt from in a step: more need more memory. 0: as published, but at most 4 on a CPU.",
            default=0,
            bounds=(0, 256),
            integer=True,
            advanced=True,
        )
        add_number(
            self,
            self.RATE,
            "Learning rate",
            "How far a step goes: lower it where the loss jumps or is no number. 0: as published.",
            default=0,
            bounds=(0, 1),
            advanced=True,
        )

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        first = aligned_layers(self, parameters, context, feedback)
        self._places = all_places(self, parameters, context, feedback, first)
        method = self.parameterAsString(parameters, self.METHOD, context)
        name = self.parameterAsString(parameters, self.NAME, context)
        name = name or f"{TRANSLATORS[method].partition(',')[0]} of {first.described.sar.name}"
        epochs, minutes = self._length(parameters, context)
        self._job = TrainTranslatorJob(
            layers=tuple(place.described for place in self._places),
            name="".join(letter for letter in name if letter.isprintable()),
            output="of the destination",
            checkpoint="of the destination",
            method=method,
            epochs=epochs,
            minutes=minutes,
            batch_size=self.parameterAsInt(parameters, self.BATCH_SIZE, context),
            rate=self.parameterAsDouble(parameters, self.RATE, context),
            seed=self.parameterAsInt(parameters, SEED, context),
            device=chosen_device(self, parameters, context),
        )
        self._own_path = "" if self.OUTPUT in parameters else self._path_of_own(name)

    def _length(self, parameters, context):
        """Return (epochs, minutes), of which only one may be chosen: dialogs give both."""
        epochs = self.parameterAsInt(parameters, self.EPOCHS, context)
        minutes = self.parameterAsDouble(parameters, self.MINUTES, context)
        if minutes and epochs != USUAL_EPOCHS:
            both = " and ".join(named(self.parameterDefinition(key)) for key in (self.EPOCHS, self.MINUTES))
            raise UserError(f"{both} are both chosen: leave one of them as it was, {USUAL_EPOCHS} epochs or 0 minutes.")
        return epochs, minutes

    def _path_of_own(self, name):
        """Return where a model called `name` lies among the user's own."""
        called, folder = named(self.parameterDefinition(self.OUTPUT)), settings.model_folder()
        if not folder:
            raise UserError(
                f"{called}: there is no folder of own models; name a file, or choose a folder in the settings first."
            )
        stem = re.sub(r"[^\w.-]+", "_", name).strip("._")[:_LONGEST_NAME] or "model"
        path = Path(folder) / f"{stem}{MODEL_FORMATS[0]}"
        if path.exists():
            raise UserError(f"{called}: there is a model '{path}' already; choose another name, or name a file.")
        return str(path)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        if self._own_path:
            parameters = {**parameters, self.OUTPUT: self._own_path}
        suffixes = {self.OUTPUT: MODEL_FORMATS, self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback) as export:
                job = replace(
                    self._job,
                    layers=tuple(place.source(export) for place in self._places),
                    output=new[self.OUTPUT],
                    checkpoint=str(Path(paths[self.OUTPUT]).absolute().with_suffix(CHECKPOINT)),
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
            feedback.pushInfo(f"The model '{job.name}' is in the file '{paths[self.OUTPUT]}'.")
        return {**existing_numbers(numbers), **paths}
