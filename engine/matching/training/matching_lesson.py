"""What the lessons of matching networks share: samples that are drawn, and a validation area to be scored on."""

from collections.abc import Iterator, Sequence
from typing import Any, Optional, Protocol

import torch
from torch import Tensor

from ...compute.device import on_device
from ...training.lesson import Lesson, Part
from ..peaks import highest_cells

NETWORK = "match"
"""The prefix of a matching network on the card."""


class Sampler(Protocol):
    """Where samples come from."""

    def draw(self, count: int, generator: torch.Generator) -> Any:
        """Return a batch of `count` samples; all that is random comes from the generator."""


class MatchingLesson(Lesson):
    """One network, one optimiser, one loss, scored by the mean loss of validation batches; without these, not at all.

    A subclass sets `networks` (with `NETWORK`) and `optimisers` and defines `loss`.
    """

    def __init__(self, sampler: Sampler, validation: Sequence[Any] = ()) -> None:
        self._sampler, self._validation = sampler, validation

    def draw(self, step: int, count: int, generator: torch.Generator) -> Any:
        return self._sampler.draw(count, generator)

    def losses(self, batch: Any) -> Iterator[Part]:
        loss = self.loss(batch)
        yield Part(self.optimisers[0], loss, {"loss": loss})

    def loss(self, batch: Any) -> Tensor:
        """Return the loss of a batch on the device, a scalar."""
        raise NotImplementedError

    def score(self) -> Optional[float]:
        if not self._validation:
            return None
        device = next(self.networks[NETWORK].parameters()).device
        losses = [float(self.loss(on_device(batch, device))) for batch in self._validation]
        return sum(losses) / len(losses)


def within_one(heat: Tensor, shifts: Tensor) -> Tensor:
    """Return the share of heat maps [N, 2m+1, 2m+1] whose highest cell lies within one pixel of the truth, a scalar.

    shifts [N, 2]: true offsets (right, down) from the middle of the maps, in pixels.
    """
    found = highest_cells(heat.detach()) - heat.shape[-1] // 2
    return ((found - shifts).float().norm(dim=1) <= 1).float().mean()
