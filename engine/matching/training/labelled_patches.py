"""Patches in both modalities that show the same place, and patches that do not: what PSiam learns from.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §5.1.2 and §4.6, section 5.2 of the paper there; §4.2, section IV-A.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ...training.pair import Pair, Sets
from ..matcher import TEMPLATE
from .published_samples import SEARCH, PublishedSampler

NEAREST = 3
"""Pixels, along one axis at least, that random negatives are off by at least (our choice): what is nearer may be called
a match by a tile that is not aligned better."""


class LabelledPatches(NamedTuple):
    """A batch: SAR patches [N, 1, S, S] (grey values of the tiles), optical patches [N, 1, S, S] in 0..1, and whether
    they correspond: `matches` [N], 1.0 or 0.0."""

    sar: Tensor
    optical: Tensor
    matches: Tensor


class LabelledSampler:
    """Draws `LabelledPatches` of `side` pixels from `sets`: half of them, the first ones of a batch, correspond.

    Each optical patch is drawn twice: with the SAR patch of its place, from the middle of 256 x 256 pixels of SAR, and
    with another one of these. negatives: where that lies, in one of the four corners ("corners", Hughes 2020, §5.1.2)
    or anywhere (the "random offsets" of §4.6). Of an odd number, one more corresponds. Flips are the only variation.
    """

    def __init__(self, sets: Sets[Pair], side: int = TEMPLATE, negatives: str = "corners"):
        self._places = PublishedSampler(sets, SEARCH, side, max_shift=0)
        self._side, self._elsewhere = side, _ELSEWHERE[negatives]

    def draw(self, count: int, generator: Generator) -> LabelledPatches:
        """Return a batch of `count` samples."""
        places = self._places.draw(count - count // 2, generator)
        middle = (SEARCH - self._side) // 2
        here = torch.full((len(places.sar), 2), middle)
        there = self._elsewhere(count // 2, SEARCH - self._side, generator)
        return LabelledPatches(
            self._cut(torch.cat((places.sar, places.sar[: len(there)])), torch.cat((here, there))),
            torch.cat((places.optical, places.optical[: len(there)])),
            torch.cat((torch.ones(len(here)), torch.zeros(len(there)))),
        )

    def _cut(self, windows: Tensor, corners: Tensor) -> Tensor:
        """Return the patches of windows [N, 1, 256, 256] whose upper left corners [N, 2] (row, column) are given."""
        side = self._side
        return torch.stack([window[:, y : y + side, x : x + side] for window, (y, x) in zip(windows, corners.tolist())])


def _in_a_corner(count: int, room: int, generator: Generator) -> Tensor:
    """Return upper left corners [count, 2], each 0 or `room`: the pixels that larger windows are wider than patches."""
    return room * torch.randint(2, (count, 2), generator=generator)


def _anywhere(count: int, room: int, generator: Generator) -> Tensor:
    """Return upper left corners [count, 2] in 0..`room` that are not those of patches from the middle."""
    corners = torch.randint(room + 1, (count, 2), generator=generator)
    while (near := (corners - room // 2).abs().amax(1) < NEAREST).any():
        corners[near] = torch.randint(room + 1, (int(near.sum()), 2), generator=generator)
    return corners


_ELSEWHERE = {"corners": _in_a_corner, "random": _anywhere}
