"""What a training is made of, and what one that goes on must have in common with itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ....contract.training_jobs import AlignedLayers, TrainTranslatorJob
from ...training.pace import Span, Wish, length_in_common, samples_a_step
from ...training.places import Places
from ..methods import METHODS, Method
from .curricula import CURRICULA, Curriculum, Shapes


@dataclass(frozen=True)
class Setting:
    """A job with all that is decided before it begins to teach."""

    job: TrainTranslatorJob
    places: Places
    device: torch.device

    @property
    def curriculum(self) -> Curriculum:
        """How the method is taught."""
        return CURRICULA[self.job.method]

    @property
    def method(self) -> Method:
        """How the network of the method translates."""
        return METHODS[self.curriculum.network.__name__]

    @property
    def layers(self) -> AlignedLayers:
        """The layers of the first place: those of all have the same bands, and patches of one size."""
        return self.job.layers[0]

    @property
    def batch(self) -> int:
        """Samples a step."""
        return samples_a_step(self.job.batch_size, self.curriculum.batch, self.device)

    @property
    def rate(self) -> float:
        """The learning rate that a schedule begins with."""
        return self.job.rate or self.curriculum.rate

    @property
    def units(self) -> str:
        """In what units SAR layers are read, in the words of model cards."""
        return " or ".join(dict.fromkeys(scene.radiometry.unit_out for scene in self.places.scenes))

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that the network is made with."""
        layers = self.layers
        shapes = Shapes(len(layers.sar.bands), len(layers.optical.bands), layers.dem is not None, layers.patch)
        return self.curriculum.arguments(shapes)

    @property
    def wish(self) -> Wish:
        """How long the training shall last."""
        return Wish(self.job.epochs, self.job.minutes)

    def in_common(self, span: Span) -> Mapping[str, Any]:
        """Return what a training that goes on must have in common with itself, by what sentences call it."""
        job, layers = self.job, self.job.layers
        return {
            "method": job.method,
            **length_in_common(self.wish, span),
            "batch": self.batch,
            "learning rate": self.rate,
            "seed": job.seed,
            "polarisations": ", ".join(each or "not known" for each in layers[0].polarisations),
            "SAR unit": ", ".join(scene.radiometry.unit for scene in self.places.scenes),
            "elevation layer": ", ".join(each.dem.name for each in layers if each.dem) or None,
            "patch size": layers[0].patch,
            **self.places.in_common(),
        }
