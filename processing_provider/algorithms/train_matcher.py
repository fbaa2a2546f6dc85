"""`sarbridge:trainmatcher`: a SAR and an optical layer that lie on each other as a model that matches such layers."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterBoolean

from ...contract.matching_training_jobs import (
    LARGEST_REALIGNMENT,
    MATCHER_PATCH,
    MATCHERS,
    NEGATIVES,
    TrainMatcherJob,
)
from ...contract.training_jobs import AlignedLayers
from ..inputs.export import Export
from ..parameters.aligned_layers_parameters import (
    LIKELY,
    OPTICAL,
    OPTICAL_BANDS,
    SEED,
    add_cloud_share,
    add_validation_share,
    aligned_layers,
)
from ..parameters.choice import add_choice
from ..parameters.layers import add_band, add_raster
from ..parameters.matching_model import TASK
from ..parameters.model_parameters import listed_model, model_files
from ..parameters.more_places_parameters import add_more_places, all_places
from ..parameters.number import add_number
from ..parameters.polygon_layers import add_area
from ..parameters.sar_bands_parameters import add_sar_bands
from ..parameters.training_parameters import add_training
from ..training_algorithm import TrainingAlgorithm

SCORES = {
    "OFFSET": "Offset between the layers as they are, measured before the training (pixels)",
    "WITHIN_1": "Validation: windows matched within 1 pixel (%)",
    "WITHIN_3": "Validation: windows matched within 3 pixels (%)",
    "MEAN_ERROR": "Validation: mean error (pixels)",
    "MAP": "Validation: mAP, a precision (pixels)",
    "START_WITHIN_1": "Model to begin with: windows matched within 1 pixel (%)",
    "START_WITHIN_3": "Model to begin with: windows matched within 3 pixels (%)",
    "START_MEAN_ERROR": "Model to begin with: mean error (pixels)",
    "START_MAP": "Model to begin with: mAP (pixels)",
    "NCC_WITHIN_1": "Cross-correlation: windows matched within 1 pixel (%)",
    "NCC_WITHIN_3": "Cross-correlation: windows matched within 3 pixels (%)",
    "NCC_MEAN_ERROR": "Cross-correlation: mean error (pixels)",
    "NCC_MAP": "Cross-correlation: mAP (pixels)",
}
"""The numbers it gives beside counts; those of a model to begin with, or that nothing told, are left out."""


class TrainMatcher(TrainingAlgorithm):
    """Aligned layers → job → engine → a model file, report and numbers."""

    TITLE = "Train matcher"
    SUMMARY = (
        "Teaches a network to find the same places in radar and optical images of your own area or sensors, from a SAR"
        " layer and an optical layer that lie on each other, or from several such pairs. Whether they do is measured"
        " first by the plugin's own matcher, BridgeMatch; where they do not, they are refused, or their patches"
        " re-aligned. Patches are cut from the layers on the fly, and a part of each place is kept apart: on it the"
        " best weights are chosen, and planted offsets show how well the model matches, beside cross-correlation. The"
        " model file is one that Match tie points takes, and lists at once where it lies in the folder of own models."
        " A training that is cancelled, or killed, goes on where it stopped when it is run again."
    )
    TAGS = (
        *("tie points", "image matching", "image registration", "co-registration", "optical", "template matching"),
        *("training", "train", "fine-tune", "learn", "deep learning", "neural network", "own model", "corrasl"),
        *("psiam", "deepmatch", "ssnet", "hard negatives", "gan", "bridgematch"),
        *("sentinel", "sentinel-1", "sentinel-2"),
    )
    LIKELY = LIKELY

    METHOD, START, REALIGN, NEGATIVES, LABELLED = "METHOD", "START", "REALIGN", "NEGATIVES", "LABELLED"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_layers()
        add_more_places(self, with_heights=False)
        self._add_training()
        add_cloud_share(self)
        add_validation_share(self)
        report_help = "A page with the curve of the loss, and the table of the validation."
        self.add_seed_and_outputs("a file, or two with generated negatives,", report_help, SCORES)

    def _add_layers(self):
        add_sar_bands(
            self,
            "The radar image, on a map (not in radar geometry).",
            "Each is an image by itself, as matching compares one. Empty: the bands that are called by a polarisation,"
            " or the first band.",
        )
        add_raster(
            self,
            OPTICAL,
            "Optical layer",
            "The optical image of the same place. It must lie on the SAR layer: co-register the two first (Align"
            " images), or have patches re-aligned.",
        )
        add_band(
            self,
            OPTICAL_BANDS,
            "Bands of the optical layer",
            "Matching compares the mean of the bands that it is given. Empty: the first three bands, or the first where"
            " there are fewer.",
            OPTICAL,
            several=True,
        )
        self.add_parameter(
            QgsProcessingParameterBoolean(self.REALIGN, self.tr("Re-align patches"), defaultValue=False),
            "Each patch is moved by the shift that the plugin's own matcher, BridgeMatch, finds in it, up to"
            f" {LARGEST_REALIGNMENT} pixels, and left out where it is not sure: for layers that lie on each other here"
            " and not there, as on relief. Else layers that are off are refused.",
        )
        add_area(self, "Patches are cut within these polygons only. Empty: wherever both layers have data.")

    def _add_training(self):
        add_choice(
            self,
            self.METHOD,
            "Method",
            MATCHERS,
            "The network and how it is taught. BridgeMatch is this project's own and fast; CorrASL, PSiam and SSNet are"
            " as published, DeepMatch follows what was, for comparisons; all of these are slow without a GPU.",
        )
        add_choice(
            self,
            self.START,
            "Model to begin with",
            list(model_files(TASK)),
            "A model of the same method, which learns on: with one that comes with the plugin BridgeMatch and CorrASL"
            " need far fewer epochs, and far less area. What else is in its file, which judges its own matches, is left"
            " out of the new one. Empty: the network begins with random weights.",
            default="",
            optional=True,
        )
        add_training(
            self,
            "the method and the SAR layer",
            f"How often each training patch, of {MATCHER_PATCH} pixels, is shown, in the mean.",
            rate_help="what suits the method, less where it begins with a model",
        )
        add_choice(
            self,
            self.NEGATIVES,
            "Negatives",
            NEGATIVES,
            "What PSiam learns to tell from patches that show the same place; other methods learn without. A VAE-GAN is"
            " taught first, on the SAR patches of the layers: it takes half of the minutes, or as many epochs as PSiam"
            " after it.",
            advanced=True,
        )
        add_number(
            self,
            self.LABELLED,
            "Labelled patches (%)",
            "The share of the training ground, in patches side by side, of which SSNet is told which patches"
            " correspond; from the rest it learns what either image looks like. It was published with 100, 75, 50, 25"
            " and 5 %. Other methods need all.",
            default=100,
            bounds=(1, 100),
            advanced=True,
        )

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        first = aligned_layers(self, parameters, context, feedback, patch=MATCHER_PATCH)
        self._places = all_places(self, parameters, context, feedback, first)
        method = self.parameterAsString(parameters, self.METHOD, context)
        self.keep_job(
            parameters,
            context,
            TrainMatcherJob,
            f"{MATCHERS[method].partition(',')[0]} of {first.described.sar.name}",
            layers=tuple(place.described for place in self._places),
            method=method,
            start=listed_model(self, parameters, self.START, context, TASK),
            realign=self.parameterAsBoolean(parameters, self.REALIGN, context),
            negatives=self.parameterAsString(parameters, self.NEGATIVES, context),
            labelled=self.parameterAsDouble(parameters, self.LABELLED, context) / 100,
            seed=self.parameterAsInt(parameters, SEED, context),
        )

    def layers(self, export: Export) -> tuple[AlignedLayers, ...]:
        return tuple(place.source(export) for place in self._places)
