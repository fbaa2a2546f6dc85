"""`sarbridge:trainbuildings`: images and footprints of one place as a model that finds buildings in SAR layers."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterFile

from ...contract.building_training_jobs import (
    ARCHITECTURES,
    FINE_TUNING,
    LAYERS,
    MERLIN_SEG,
    METHODS,
    TEACHER_TASK,
    BuildingLayers,
    TrainBuildingsJob,
)
from ...models.card import read_card
from ..algorithm import BUILDINGS
from ..inputs.export import Export
from ..parameters.aligned_layers_parameters import LIKELY, add_patch_size, add_validation_share
from ..parameters.building_places_parameters import BuildingPlaceInput, add_building_place
from ..parameters.choice import add_choice
from ..parameters.simple_values import MODEL_FILES
from ..parameters.training_parameters import add_training
from ..training_algorithm import TrainingAlgorithm

SCORES = {
    "IOU": "Validation: intersection over union of the pixels",
    "F1": "Validation: F1 of the pixels",
    "PRECISION": "Validation: precision of the pixels",
    "RECALL": "Validation: recall of the pixels",
    "THRESHOLD": "Threshold of the probability, chosen on the validation area",
    "TEACHER_IOU": "Validation: intersection over union of the teacher, in the optical image",
    "STUDENT_IOU": "Validation: intersection over union of the student before its fine-tuning",
    "BRIGHTNESS_IOU": "Validation: intersection over union of the best threshold of the brightness",
    "MERLIN_LOSS": "Validation: MERLIN loss of the despeckled image (MERLIN-Seg)",
    "LABELLED_PATCHES": "Number of training patches in which buildings are known (MERLIN-Seg)",
}
"""The numbers it gives beside counts; those of phases that there are not, or without footprints, are left out."""


class TrainBuildings(TrainingAlgorithm):
    """Layers of one place → job → engine → a model file, report and numbers."""

    TITLE = "Train building extraction"
    GROUP = BUILDINGS
    SUMMARY = (
        "Teaches a network to find buildings in radar images of your own area. Where there are few footprints for SAR"
        " images, an optical image of the same place helps (distillation): a teacher learns footprints in it, a student"
        " learns to see the same in the SAR image, for which no footprints are needed, and is then fine-tuned with what"
        " footprints there are. Give what you have: an optical layer and footprints make a teacher; with a SAR layer"
        " all phases are run, or those that a model to begin with has not had; a SAR layer and footprints alone are"
        " learnt from directly; where the SAR layer is complex and footprints are very few, MERLIN-Seg learns to"
        " despeckle all of it beside. The model file is one that Extract buildings from SAR takes, and lists at once"
        " where it lies in the folder of own models. A training that is cancelled, or killed, goes on where it stopped"
        " when it is run again."
    )
    TAGS = (
        *("buildings", "footprints", "built-up", "training", "train", "fine-tune", "learn", "deep learning"),
        *("distillation", "teacher", "student", "segmentation", "unet", "pspnet", "segnet", "deeplab", "hfd-net"),
        *("own model", "neural network", "cross-modal", "complex", "slc", "merlin", "merlin-seg", "few labels"),
    )
    LIKELY = LIKELY

    ARCHITECTURE, METHOD, LAYERS, FINE_TUNING = "ARCHITECTURE", "METHOD", "LAYERS", "FINE_TUNING"
    BEGIN_WITH = "BEGIN_WITH"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_building_place(self)
        self._add_method()
        add_training(
            self,
            "the architecture and the layer",
            "How often footprints of a training patch are shown. What the teacher sees is learnt for half as many"
            " epochs, as published; fine-tuning all of the network takes half, and the decoder alone a tenth.",
            "as published, in proportion to smaller batches",
        )
        add_patch_size(self)
        add_validation_share(self)
        self.add_seed_and_outputs(
            "a folder",
            "A page with the curves of all phases, the scores, and what is found at places that were not learnt from.",
            SCORES,
        )

    def _add_method(self):
        add_choice(
            self,
            self.ARCHITECTURE,
            "Architecture",
            ARCHITECTURES,
            "The network. BridgeBuild is this project's own: it sees images along the line of sight, at one pixel size,"
            " and the borders between buildings. The others are as published, but begin with random weights, see images"
            " as they lie and take the polarisations that they learnt from; most of them are slow without a GPU. With"
            " HFD-Net the student learns from footprints and from its teacher at once.",
        )
        add_choice(
            self,
            self.METHOD,
            "Method",
            METHODS,
            "Distillation needs an optical layer; it is what an optical layer alone makes a teacher for, too. Plain"
            " learns footprints in the SAR layer and nothing else. MERLIN-Seg has a network of its own for complex SAR"
            " layers, which learns to despeckle all of the layer, and buildings where they are known: a few footprints"
            " teach more so.",
        )
        add_choice(
            self,
            self.LAYERS,
            "Layers to distil",
            LAYERS,
            "Which layers of its teacher the student learns to reconstruct. Int does best in the publication, Mid needs"
            " fine-tuning. HFD-Net has layers of its own.",
        )
        add_choice(
            self,
            self.FINE_TUNING,
            "Fine-tuning",
            FINE_TUNING,
            "What learns from footprints in the SAR layer after the distillation, or of a SAR model to begin with: the"
            " decoder alone where there are very few.",
        )
        self.add_parameter(
            QgsProcessingParameterFile(
                self.BEGIN_WITH, self.tr("Model to begin with"), optional=True, fileFilter=MODEL_FILES
            ),
            "A model file of the same architecture that has learnt before: a teacher for optical images, whose phase is"
            " not run then, or, with the method plain, a model for SAR layers to be fine-tuned; with MERLIN-Seg one for"
            " complex layers.",
            advanced=True,
        )

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        method = self.parameterAsString(parameters, self.METHOD, context)
        is_complex = method == MERLIN_SEG
        self._place = BuildingPlaceInput(self, parameters, context, feedback, is_complex)
        architecture = self.parameterAsString(parameters, self.ARCHITECTURE, context)
        begin_with = self.parameterAsFile(parameters, self.BEGIN_WITH, context)
        is_teacher = bool(begin_with) and read_card(begin_with).task == TEACHER_TASK
        self.keep_job(
            parameters,
            context,
            TrainBuildingsJob,
            f"{'MERLIN-Seg' if is_complex else ARCHITECTURES[architecture]} of {self._place.name}",
            layers=self._place.described,
            architecture=architecture,
            method=method,
            distilled=self.parameterAsString(parameters, self.LAYERS, context),
            fine_tuning=self.parameterAsString(parameters, self.FINE_TUNING, context),
            teacher=begin_with if is_teacher else "",
            student="" if is_teacher else begin_with,
        )

    def layers(self, export: Export) -> BuildingLayers:
        return self._place.source(export)
