"""`sarbridge:traindespeckler`: complex images as a model that takes the speckle out of such images."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.despeckling_jobs import TrainDespecklerJob
from ...contract.sources import RasterSource
from ..algorithm import DESPECKLING
from ..inputs.export import Export
from ..inputs.radar_geometry import radar_image
from ..parameters.aligned_layers_parameters import (
    PATCH_SIZE,
    SEED,
    VALIDATION_SHARE,
    add_patch_size,
    add_validation_share,
)
from ..parameters.choice import add_choice
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.layers import add_rasters, raster_layers
from ..parameters.model_parameters import is_for_complex_images, listed_model, model_files
from ..parameters.training_parameters import add_training
from ..training_algorithm import TrainingAlgorithm
from .despeckle import TASK

SCORES = {
    "LOSS": "Validation: MERLIN loss",
    "MEAN_LOSS": "Validation: MERLIN loss of the mean of 7 × 7 pixels",
    "CORRELATION": "Dependence of real and imaginary part after centring (0..1)",
}
"""The numbers it gives beside counts."""


class TrainDespeckler(TrainingAlgorithm):
    """Complex layers → job → engine → a model file, report and numbers."""

    TITLE = "Train despeckler"
    GROUP = DESPECKLING
    SUMMARY = (
        "Teaches MERLIN to take the speckle out of the images of your sensor, from nothing but single-look complex"
        " images: no clean image is needed, as real and imaginary part of a pixel show the same ground with speckle of"
        " their own. The network is shown one and judged by the other. A part of the images is kept apart, on which the"
        " best weights are chosen. The model file is one that Despeckle SAR takes, and lists at once where it lies in"
        " the folder of own models. A training that is cancelled, or killed, goes on where it stopped when it is run"
        " again."
    )
    TAGS = (
        *("despeckle", "despeckling", "speckle", "denoise", "training", "train", "fine-tune", "learn", "merlin"),
        *("self-supervised", "complex", "slc", "single look", "deep learning", "neural network", "own model"),
    )
    LAYERS, START = "LAYERS", "START"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_rasters(
            self,
            self.LAYERS,
            "Complex SAR layers",
            "Single-look complex images (SLC) of one sensor and mode, on a map or in radar geometry, as their processor"
            " gave them. Each band is an image by itself, or two are real and imaginary part. More images, and more"
            " kinds of ground, teach more.",
        )
        add_choice(
            self,
            self.START,
            "Model to begin with",
            _complex_models(),
            "A model for complex images of a similar sensor, which learns on: far fewer epochs are needed then. Empty:"
            " the network begins with random weights.",
            default="",
            optional=True,
        )
        add_training(
            self,
            "MERLIN and the first layer",
            "How often each training patch is shown.",
            "as published",
        )
        add_patch_size(self)
        add_validation_share(self)
        self.add_seed_and_outputs(
            "a file",
            "A page with the curve of the loss, and places that were not learnt from, before and after.",
            SCORES,
        )

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layers = raster_layers(self, parameters, self.LAYERS, context)
        self._images = [radar_image(layer, (), feedback) for layer in layers]
        refuse_same_pixels(self, {self.LAYERS: self._images})
        self.keep_job(
            parameters,
            context,
            TrainDespecklerJob,
            f"MERLIN of {self._images[0].name}",
            layers=tuple(image.described for image in self._images),
            start=listed_model(self, parameters, self.START, context, TASK),
            patch=self.parameterAsInt(parameters, PATCH_SIZE, context),
            validation_share=self.parameterAsDouble(parameters, VALIDATION_SHARE, context) / 100,
            seed=self.parameterAsInt(parameters, SEED, context),
        )

    def layers(self, export: Export) -> tuple[RasterSource, ...]:
        return tuple(image.source(export) for image in self._images)


def _complex_models():
    """Return the names of the models that see real and imaginary part, as those do that learn from them."""
    return [name for name, path in model_files(TASK).items() if is_for_complex_images(path)]
