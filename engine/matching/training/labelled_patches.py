"""Patches in both modalities that show the same place, and patches that do not: what PSiam learns from.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §5.1.2; §4.2, section IV-A of the paper there.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ...training.pair import Pair, Sets
from ..matcher import TEMPLATE
from .published_samples import SEARCH, PublishedSampler


class LabelledPatches(NamedTuple):
    """A batch: SAR patches [N, 1, S, S] (grey values of the tiles), optical patches [N, 1, S, S] in 0..1, and whether
    they correspond: `matches` [N], 1.0 or 0.0."""

    sar: Tensor
    optical: Tensor
    matches: Tensor


class LabelledSampler:
    """Draws `LabelledPatches` of `side` pixels from `sets`: half of them, the first ones of a batch, correspond.

    Each optical patch is drawn twice: with the SAR patch of its place, from the middle of 256 x 256 pixels of SAR, and
    with one from a corner of these. Of an odd number, one more corresponds. Flips are the only variation.
    """

    def __init__(self, sets: Sets[Pair], side: int = TEMPLATE):
        self._places = PublishedSampler(sets, SEARCH, side, max_shift=0)
        self._side = side

    def draw(self, count: int, generator: Generator) -> LabelledPatches:
        """Return a batch of `count` samples."""
        places = self._places.draw(count - count // 2, generator)
        room = SEARCH - self._side
        here = torch.full((len(places.sar), 2), room // 2)
        there = room * torch.randint(2, (count // 2, 2), generator=generator)
        return LabelledPatches(
            self._cut(torch.cat((places.sar, places.sar[: len(there)])), torch.cat((here, there))),
            torch.cat((places.optical, places.optical[: len(there)])),
            torch.cat((torch.ones(len(here)), torch.zeros(len(there)))),
        )

    def _cut(self, windows: Tensor, corners: Tensor) -> Tensor:
        """Return the patches of windows [N, 1, 256, 256] whose upper left corners [N, 2] (row, column) are given."""
        side = self._side
        return torch.stack([window[:, y : y + side, x : x + side] for window, (y, x) in zip(windows, corners.tolist())])
