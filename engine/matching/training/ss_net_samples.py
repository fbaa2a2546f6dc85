"""What SSNet learns from: patches of which a share is known to correspond or not.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.5, sections 3.3 and 4 of the paper there.
"""

from typing import NamedTuple, Optional

import torch
from torch import Generator, Tensor

from ....models.matching.ss_net import SIDE
from ...training.pair import Lottery, Pair, Sets
from .labelled_patches import LabelledPatches
from .patch_cells import cells_of, split

_CELL = 256
"""Pixels a side of what both patches of a labelled pair are cut from."""

_NEAREST = 3
"""Pixels, along one axis at least, that patches lie apart which do not correspond (our choice): nearer ones may be
called a match by a tile that is not aligned better."""

_NOISE, _GAIN, _GAIN_OFTEN = 0.02, 0.05, 0.2


class SsNetPatches(NamedTuple):
    """A batch of patches [N, 1, 128, 128] in 0..1, and whether they correspond, [N]: None where that is unknown."""

    sar: Tensor
    optical: Tensor
    matches: Optional[Tensor]


class SsNetSampler:
    """Draws patches from `sets` of pairs whose images are aligned: of a share of all places that is known to be so.

    Places are cells of 256 px side by side, as large as the published ones; `share` of them, drawn by `seed`,
    are labelled; the paper compares 1, 0.75, 0.5, 0.25 and 0.05. Published patches lie around corners; cells hold them
    anywhere (our choice). Raises `UserError` where there is no cell, or nothing would be left without a label.
    """

    def __init__(self, sets: Sets[Pair], share: float = 1.0, seed: int = 1) -> None:
        cells = cells_of(sets, _CELL, least=1 if share == 1 else 2)
        labelled, unlabelled = split(cells, share, seed)
        self._all, self._labelled = Lottery(cells), Lottery(labelled)
        self._unlabelled = Lottery(unlabelled) if unlabelled else None

    def draw(self, count: int, generator: Generator) -> LabelledPatches:
        """Return a batch of labelled patches, every other one a match.

        The patches of the others are cut from the same cell, at least `_NEAREST` pixels apart, which makes them hard.
        """
        sar, optical = [], []
        matches = torch.arange(count) % 2 == 0
        for is_match in matches.tolist():
            cell = self._labelled.draw(generator)
            place = _place(generator)
            other = place
            while not is_match and max(abs(a - b) for a, b in zip(place, other)) < _NEAREST:
                other = _place(generator)
            sar.append(cell.sar(SIDE, *other))
            optical.append(cell.optical(SIDE, *place))
        return LabelledPatches(torch.stack(sar), torch.stack(optical), matches.float())

    def unlabelled(self, count: int, generator: Generator) -> Optional[SsNetPatches]:
        """Return patches of places that are not labelled, each image's from other places; None where all are."""
        return _apart(self._unlabelled, count, generator) if self._unlabelled else None

    def any(self, count: int, generator: Generator) -> SsNetPatches:
        """Return patches of all places, each image's from other places."""
        return _apart(self._all, count, generator)


def varied(patches: SsNetPatches, generator: Generator) -> SsNetPatches:
    """Vary patches in 0..1 as published: flips (p 0.5 each), intensity times 0.95 to 1.05 (p 0.2), noise of 0.02 on the
    optical image. Labelled patches have the same flips and factor, the others their own."""
    sar, optical, matches = patches
    flips, gain = _flips(sar, generator), _gains(sar, generator)
    others = (flips, gain) if matches is not None else (_flips(sar, generator), _gains(sar, generator))
    optical = _flipped(optical, others[0]) * others[1]
    noise = _NOISE * torch.randn(optical.shape, generator=generator)
    return SsNetPatches(_flipped(sar, flips) * gain, optical + noise, matches)


def _apart(cells, count, generator):
    sar = [cells.draw(generator).sar(SIDE, *_place(generator)) for _ in range(count)]
    optical = [cells.draw(generator).optical(SIDE, *_place(generator)) for _ in range(count)]
    return SsNetPatches(torch.stack(sar), torch.stack(optical), None)


def _place(generator: Generator) -> tuple[int, ...]:
    """Where in its cell a patch lies, (right, down)."""
    return tuple(torch.randint(0, _CELL - SIDE + 1, (2,), generator=generator).tolist())


def _flips(images: Tensor, generator: Generator) -> Tensor:
    return torch.rand(2, len(images), 1, 1, 1, generator=generator) < 0.5


def _flipped(images: Tensor, flips: Tensor) -> Tensor:
    images = torch.where(flips[0], images.flip(3), images)
    return torch.where(flips[1], images.flip(2), images)


def _gains(images: Tensor, generator: Generator) -> Tensor:
    chance, strength = torch.rand(2, len(images), 1, 1, 1, generator=generator)
    return torch.where(chance < _GAIN_OFTEN, 1 + _GAIN * (2 * strength - 1), 1.0)
