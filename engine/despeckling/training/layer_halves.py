"""Training samples that are cut out of users' complex layers when they are drawn."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from ...training.epochs import shown
from .complex_places import Place
from .despeckling_lesson import Halves


class LayerHalves:
    """Draws batches of patches, all of them once an epoch, in orders that follow from the seed.

    Which part of a complex image is shown, and which the network is judged by, is drawn anew each time, as published.
    """

    def __init__(self, places: Sequence[Place], seed: int) -> None:
        self._places, self._seed = places, seed

    def draw(self, step: int, count: int, generator: Generator) -> Halves:
        """Return the batch of a step of `count` samples."""
        numbers = range(step * count, (step + 1) * count)
        squared = torch.stack([_squared(self._places[shown(n, len(self._places), self._seed)]) for n in numbers])
        swapped = torch.rand((count, 1, 1, 1), generator=generator) < 0.5
        return Halves(*torch.where(swapped, squared.flip(1), squared).split(1, 1))


def both_ways(places: Sequence[Place]) -> list[Halves]:
    """Return each patch as a batch of two: either part shown, and judged by the other."""
    pairs = [_squared(place)[:, None] for place in places]
    return [Halves(each, each.flip(0)) for each in pairs]


def _squared(place: Place) -> Tensor:
    """Squared real and imaginary part, [2, S, S]."""
    return torch.from_numpy(place.parts()).square()
