"""What the lessons of buildings share: the network, where samples come from, and which part of the network learns."""

from collections.abc import Sequence

import torch
from torch import Generator

from ....models.buildings.segmenter import Activations, Segmenter
from ...training.lesson import Lesson
from ..methods import NETWORK
from .optimisers import Optimiser
from .samples import BuildingSample, Samples, oriented


class BuildingLesson(Lesson):
    """Teaches a `Segmenter` with samples that are turned and mirrored; a subclass defines `losses` and `score`.

    validation: whole samples, none of which is learnt from.
    """

    def __init__(
        self, network: Segmenter, samples: Samples, validation: Sequence[BuildingSample], optimiser: Optimiser
    ) -> None:
        self.networks = {NETWORK: network}
        self.optimisers = (optimiser(network.parameters()),)
        self._network, self._samples, self._validation = network, samples, validation

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step."""
        return oriented(self._samples.draw(step, count, generator), generator)


def have_learn(network: Segmenter, part: str) -> None:
    """Have a part of a network that is in training mode learn: "all", "encoder" or "decoder".

    The weights of the rest stay, and so do its batch statistics: the part learns what to make of the rest as it is.
    """
    for name, module in (("encoder", network.encoder), ("decoder", network.decoder)):
        learns = part in ("all", name)
        module.requires_grad_(learns).train(learns)


@torch.no_grad()
def seen_by_teacher(teacher: Segmenter, batch: BuildingSample) -> Activations:
    """Return what a teacher makes of the optical images of a batch, on the device of the batch."""
    return teacher.to(batch.optical.device).activations(batch.optical)
