"""Learning to despeckle from what a network does not see."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, Union

import torch
from torch import Generator, Tensor

from ....models.despeckling.bridge_clear import BridgeClear
from ....models.despeckling.losses import merlin_loss
from ....models.despeckling.merlin import Merlin
from ...training.lesson import Lesson, Part
from ..methods import NETWORK


class Halves(NamedTuple):
    """Patches whose speckle is independent, [N, 1, S, S], linear, in units in which the level of the scene is 1.

    seen: what the network is shown, one part of a complex image squared, or an intensity. unseen: what it is judged by,
    the other part squared, or where the reflectivity is known half of it, the mean of that part.
    """

    seen: Tensor
    unseen: Tensor


class Sampler(Protocol):
    """Where patches come from."""

    def draw(self, step: int, count: int, generator: Generator) -> Halves:
        """Return so many patches; a function of the arguments alone."""


class DespecklingLesson(Lesson):
    """Teaches a network by `merlin_loss`; scored by the same on validation patches, one batch after the other.

    Published for MERLIN-Seg: Adam, rate 0.001.
    """

    def __init__(
        self,
        network: Union[Merlin, BridgeClear],
        sampler: Sampler,
        validation: Sequence[Halves],
        rate: float = 1e-3,
    ) -> None:
        self._network, self._sampler, self._validation = network, sampler, validation
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.Adam(network.parameters(), rate),)

    def draw(self, step: int, count: int, generator: Generator) -> Halves:
        """Return the patches of a step."""
        return self._sampler.draw(step, count, generator)

    def losses(self, batch: Halves) -> Iterator[Part]:
        """Yield the one part of a step."""
        loss = self._loss(batch)
        yield Part(self.optimisers[0], loss, {"MERLIN loss": loss})

    def score(self) -> float:
        """Return the mean loss on the validation patches."""
        device = next(self._network.parameters()).device
        losses = [self._loss(Halves(*(each.to(device) for each in batch))) for batch in self._validation]
        return float(torch.stack(losses).mean())

    def _loss(self, batch: Halves) -> Tensor:
        with self.precision():
            reflectivity = self._network.estimate(batch.seen)
        return merlin_loss(reflectivity, batch.unseen).mean()
