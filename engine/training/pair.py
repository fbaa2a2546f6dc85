"""What networks of two modalities learn from: places in both modalities, and how often each is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Optional, TypeVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pair:
    """One place in both modalities on one pixel grid: sar uint8 [bands, H, W], optical uint8 [1, 3 or 4, H, W].

    Matching knows one SAR band. heights: float32 [1, H, W] in metres, where there is an elevation model.
    """

    name: str
    sar: Tensor
    optical: Tensor
    heights: Optional[Tensor] = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, which are known without reading any."""
        return tuple(self.sar.shape[-2:])

    def grey(self, rows: slice = slice(None), cols: slice = slice(None)) -> Tensor:
        """Return a part of the optical image as matchers see it: the mean of its bands, 0..1, [h, w]."""
        return self.optical[:, rows, cols].float().mean(0) / 255

    @cached_property
    def highest(self) -> float:
        """Greatest height in metres, at least 1."""
        return max(float(self.heights.max()), 1.0)


Place = TypeVar("Place")

Sets = Sequence[tuple[Sequence[Place], float]]
"""Sets of places, such as pairs, each with its share of the samples."""


class Lottery(Generic[Place]):
    """Draws places, such as pairs, of some sets; a set's share does not depend on how many places it has."""

    def __init__(self, sets: Sets[Place]) -> None:
        self._places = [place for places, _ in sets for place in places]
        self._weights = torch.tensor([share / len(places) for places, share in sets for _ in places])

    def draw(self, generator: torch.Generator) -> Place:
        """Return a place."""
        return self._places[int(torch.multinomial(self._weights, 1, generator=generator))]
