"""`sarbridge:traintranslator`: a SAR and an optical layer of one place as a model that translates."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.training_jobs import TRANSLATORS, AlignedLayers, TrainTranslatorJob
from ..algorithm import TRANSLATION
from ..inputs.export import Export
from ..parameters.aligned_layers_parameters import LIKELY, SEED, add_aligned_layers, add_patches, aligned_layers
from ..parameters.choice import add_choice
from ..parameters.more_places_parameters import add_more_places, all_places
from ..parameters.training_parameters import add_training
from ..training_algorithm import TrainingAlgorithm

SCORES = {
    "MSE": "Validation: mean squared error (colours 0..1)",
    "SSIM": "Validation: structural similarity",
    "MEAN_COLOUR_MSE": "Mean colour of the training area: mean squared error",
    "MEAN_COLOUR_SSIM": "Mean colour of the training area: structural similarity",
    "REGRESSION_MSE": "Regression from local SAR statistics: mean squared error",
    "REGRESSION_SSIM": "Regression from local SAR statistics: structural similarity",
}


class TrainTranslator(TrainingAlgorithm):
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

    METHOD = "METHOD"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_aligned_layers(self)
        add_more_places(self)
        self._add_training()
        add_patches(self)
        report_help = "A page with the curves of the training, and places that were not learnt from."
        self.add_seed_and_outputs("a file", report_help, SCORES)

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
        self.keep_job(
            parameters,
            context,
            TrainTranslatorJob,
            f"{TRANSLATORS[method].partition(',')[0]} of {first.described.sar.name}",
            layers=tuple(place.described for place in self._places),
            method=method,
            seed=self.parameterAsInt(parameters, SEED, context),
        )

    def layers(self, export: Export) -> tuple[AlignedLayers, ...]:
        return tuple(place.source(export) for place in self._places)
