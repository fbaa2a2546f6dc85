"""`sarbridge:traintranslator`: a SAR and an optical layer of one place as a model that translates."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.training_jobs import TRANSLATORS, TrainTranslatorJob
from ..algorithm import TRANSLATION, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..outputs.destinations import HTML, add_report, finished_outputs
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
from ..parameters.more_places_parameters import add_more_places, all_places
from ..parameters.training_parameters import (
    MODEL_FORMATS,
    NAME,
    OUTPUT,
    add_model_output,
    add_training,
    checkpoint_beside,
    chosen_length,
    printable,
    with_output,
)

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

    METHOD, REPORT = "METHOD", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_aligned_layers(self)
        add_more_places(self)
        self._add_training()
        add_patches(self)
        add_seed(self, "The same seed gives the same blocks, first weights and samples each time.")
        add_device(self)
        add_model_output(self, "a file")
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
        add_training(
            self, "the method and the SAR layer", "How often each training patch is shown.", rate_help="as published"
        )

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        first = aligned_layers(self, parameters, context, feedback)
        self._places = all_places(self, parameters, context, feedback, first)
        method = self.parameterAsString(parameters, self.METHOD, context)
        name = self.parameterAsString(parameters, NAME, context)
        name = name or f"{TRANSLATORS[method].partition(',')[0]} of {first.described.sar.name}"
        self._job = TrainTranslatorJob(
            layers=tuple(place.described for place in self._places),
            name=printable(name),
            output="of the destination",
            checkpoint="of the destination",
            method=method,
            **chosen_length(self, parameters, context),
            seed=self.parameterAsInt(parameters, SEED, context),
            device=chosen_device(self, parameters, context),
        )
        self._output = with_output(self, parameters, name)[OUTPUT]

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        parameters = {**parameters, OUTPUT: self._output}
        suffixes = {OUTPUT: MODEL_FORMATS, self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback) as export:
                job = replace(
                    self._job,
                    layers=tuple(place.source(export) for place in self._places),
                    output=new[OUTPUT],
                    checkpoint=checkpoint_beside(paths[OUTPUT]),
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
            feedback.pushInfo(f"The model '{job.name}' is in the file '{paths[OUTPUT]}'.")
        return {**existing_numbers(numbers), **paths}
