"""Learning from a teacher that sees the optical image of the same place (phase 2): no footprints are needed.

R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge distillation as pretext task for
semantic segmentation", CVPRW 2024 ("the document"), sections 2 and 3.3.
"""

from collections.abc import Iterator, Sequence
from typing import Optional

import torch
from torch import Tensor

from ....models.buildings.distillation_losses import cosine_loss
from ....models.buildings.segmenter import Segmenter
from ...compute.device import on_device
from ...training.lesson import Part
from .building_lesson import BuildingLesson, have_learn, seen_by_teacher
from .optimisers import Optimiser
from .samples import BuildingSample, Samples

CHOICES = {"mid": ("mid",), "fin": ("fin",), "mid_fin": ("mid", "fin"), "int": ("int",)}
"""Layers that have their turns one after the other, by what the document calls them: M&F is "mid_fin"."""


class ReconstructionLesson(BuildingLesson):
    """Teaches a student to see in radar images what its teacher sees in optical ones.

    The student begins as the teacher in all but its input layer. layers: one of `CHOICES`; several have equal shares of
    `steps`. Where the encoder's output counts alone ("mid"), the decoder stays that of the teacher. In its turn after
    that ("fin" of "mid_fin") the decoder learns alone: the document likens it to fine-tuning the decoder, with the
    teacher's logits for labels. The score is the loss on the validation pairs, none before the last turn. Published:
    SGD, rate 0.1, momentum 0.9, batches of 32, 150 epochs.
    """

    def __init__(
        self,
        student: Segmenter,
        teacher: Segmenter,
        samples: Samples,
        validation: Sequence[BuildingSample],
        optimiser: Optimiser,
        steps: int,
        layers: str = "int",
    ) -> None:
        student.start_from(teacher)
        super().__init__(student, samples, validation, optimiser)
        self._teacher = teacher.requires_grad_(False).eval()
        self._turns, self._steps, self._turn = CHOICES[layers], steps, 0

    def begin(self, step: int) -> None:
        """Have the layers learn whose turn it is."""
        self._turn = min(step * len(self._turns) // self._steps, len(self._turns) - 1)
        later = "decoder" if self._turn else "all"
        have_learn(self._network, "encoder" if self._layers == "mid" else later)

    def losses(self, batch: BuildingSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        loss = self._loss(batch)
        yield Part(self.optimisers[0], loss, {f"1 - cosine, {self._layers}": loss})

    def score(self) -> Optional[float]:
        """Return the mean loss on the validation pairs."""
        if self._turn < len(self._turns) - 1 or not self._validation:
            return None
        device = next(self._network.parameters()).device
        losses = [self._loss(on_device(sample, device)) for sample in self._validation]
        return float(torch.stack(losses).mean())

    @property
    def _layers(self) -> str:
        return self._turns[self._turn]

    def _loss(self, batch: BuildingSample) -> Tensor:
        with self.precision():
            shown = seen_by_teacher(self._teacher, batch)
            reconstructed = self._network.activations(batch.planes)
        return cosine_loss(reconstructed.chosen(self._layers), shown.chosen(self._layers), batch.valid)
