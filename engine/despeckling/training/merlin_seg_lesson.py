"""Learning to segment complex images with few labels: despeckling teaches what labels do not reach.

E. Dalsasso, C. Rambour, N. Trouvé and N. Thome, "MERLIN-Seg: self-supervised despeckling for label-efficient semantic
segmentation", CVIU 2024, section 3.2, equations 3 and 4.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ....models.despeckling.losses import merlin_loss
from ....models.despeckling.merlin_seg import MerlinSeg
from ...compute.device import on_device
from ...training.lesson import Lesson, Part

NETWORK = "buildings"


class LabelledParts(NamedTuple):
    """Patches of complex images: real and imaginary part [N, 2, S, S] in units of the scene's level, and buildings.

    labels: 0 or 1, [N, 1, S, S]; is_labelled: whether these are known, of whole patches or pixel by pixel, bool
    [N, 1, 1, 1] or [N, 1, S, S].
    """

    parts: Tensor
    labels: Tensor
    is_labelled: Tensor


class Sampler(Protocol):
    """Where patches come from."""

    def draw(self, step: int, count: int, generator: Generator) -> LabelledParts:
        """Return so many patches; a function of the arguments alone."""


class SegmentingLesson(Lesson):
    """Teaches a network of buildings; scored by one minus the intersection over union of labelled validation pixels.

    negatives: pixels without building for each one with, the weight of the latter. Published: Adam, rate 0.001.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        sampler: Sampler,
        validation: Sequence[LabelledParts],
        negatives: float,
        rate: float = 1e-3,
    ) -> None:
        self._network, self._sampler, self._validation = network, sampler, validation
        self._negatives = torch.tensor(negatives)
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.Adam([each for each in network.parameters() if each.requires_grad], rate),)

    def draw(self, step: int, count: int, generator: Generator) -> LabelledParts:
        """Return the patches of a step."""
        return self._sampler.draw(step, count, generator)

    def score(self) -> float:
        """Return one minus the intersection over union."""
        both = either = 0
        for each in self._validation:
            batch = on_device(each, next(self._network.parameters()).device)
            found, there = self.logits(batch.parts) > 0, batch.labels > 0.5
            both = both + (found & there & batch.is_labelled).sum()
            either = either + ((found | there) & batch.is_labelled).sum()
        return float(1 - both / either.clamp_min(1))

    def logits(self, parts: Tensor) -> Tensor:
        """Return building logits [N, 1, S, S] of complex patches, whatever the network is shown of them."""
        raise NotImplementedError

    def cross_entropy(self, logits: Tensor, batch: LabelledParts) -> Tensor:
        """Return the mean of equation 3 over labelled pixels, 0 where there are none."""
        each = F.binary_cross_entropy_with_logits(
            logits, batch.labels, reduction="none", pos_weight=self._negatives.to(logits.device)
        )
        labelled = batch.is_labelled.expand_as(each)
        return (each * labelled).sum() / labelled.sum().clamp_min(1)


class IntensityLesson(SegmentingLesson):
    """Teaches a network that is shown intensities: the baselines."""

    def losses(self, batch: LabelledParts) -> Iterator[Part]:
        """Yield the one part of a step."""
        loss = self.cross_entropy(self.logits(batch.parts), batch)
        yield Part(self.optimisers[0], loss, {"cross-entropy": loss})

    def logits(self, parts: Tensor) -> Tensor:
        with self.precision():
            return self._network(parts.square().sum(1, keepdim=True)).float()


class MerlinSegLesson(SegmentingLesson):
    """Teaches a `MerlinSeg` both tasks.

    despeckling: the weight λ of the MERLIN loss, 0..1, of which the cross-entropy gets the rest; unlabelled patches
    count in the former alone. Both parts are shown and judged by the other one in each step, instead of taking turns.
    """

    def __init__(
        self,
        network: MerlinSeg,
        sampler: Sampler,
        validation: Sequence[LabelledParts],
        negatives: float,
        despeckling: float = 0.5,
        rate: float = 1e-3,
    ) -> None:
        super().__init__(network, sampler, validation, negatives, rate)
        self._despeckling = despeckling

    def losses(self, batch: LabelledParts) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            found = self._network.estimates(batch.parts)
        real, imaginary = batch.parts.square().split(1, 1)
        despeckled = merlin_loss(found.from_real, imaginary) + merlin_loss(found.from_imaginary, real)
        figures = {"MERLIN loss": despeckled.mean() / 2, "cross-entropy": self.cross_entropy(found.logits, batch)}
        weights = self._despeckling, 1 - self._despeckling
        loss = sum(weight * figure for weight, figure in zip(weights, figures.values()))
        yield Part(self.optimisers[0], loss, figures)

    def logits(self, parts: Tensor) -> Tensor:
        with self.precision():
            return self._network(parts).float()
