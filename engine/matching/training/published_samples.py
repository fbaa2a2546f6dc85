"""Training samples of the published networks, varied as published.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020, §4.6, section 4 and table 4 of the paper there.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ....models.matching.corr_asl import STRIDE
from ...training.pair import Lottery, Pair, Sets
from ..matcher import TEMPLATE

SEARCH = 256
"""Side in pixels of the SAR search window."""

OPTICAL_SIDE = 144
"""The template and a rim around it, which the local contrast of its goodness patch looks at."""

MAX_SHIFT = 32

_DROPOUT_CELLS = 16
"""Cells a side of the grid that coarse dropout blanks squares of (our choice)."""


class PublishedSample(NamedTuple):
    """A batch: SAR search windows [N, 1, 256, 256] (grey values of the tiles), optical patches [N, 1, 144, 144] in
    0..1 with the template in their middle, and where the template lies: `shift` [N, 2] (right, down) in whole pixels
    from the middle of the search window. Sides are those of CorrASL; the sampler knows others."""

    sar: Tensor
    optical: Tensor
    shift: Tensor


class PublishedSampler:
    """Draws `PublishedSample` batches from `sets`: (pairs, share) each. Tiles smaller than `search` are left out.

    search, optical_side: pixels a side of the patches, which differ by an even number; max_shift: at most half of that.
    Flips are the only variation, with a probability of one half each.
    """

    def __init__(
        self, sets: Sets[Pair], search: int = SEARCH, optical_side: int = OPTICAL_SIDE, max_shift: int = MAX_SHIFT
    ):
        self._search, self._optical_side, self._max_shift = search, optical_side, max_shift
        self._pairs = Lottery([([pair for pair in pairs if min(pair.size) >= search], share) for pairs, share in sets])

    def draw(self, count: int, generator: torch.Generator) -> PublishedSample:
        """Return a batch of `count` samples."""
        drawn = (self._draw_one(generator) for _ in range(count))
        return PublishedSample(*(torch.stack(part) for part in zip(*drawn)))

    def _draw_one(self, generator):
        def whole(low, high):
            return int(torch.randint(low, high + 1, (), generator=generator))

        pair = self._pairs.draw(generator)
        height, width = pair.sar.shape[1:]
        search, optical_side, most = self._search, self._optical_side, self._max_shift
        left, top = whole(0, width - search), whole(0, height - search)
        right, down = whole(-most, most), whole(-most, most)
        rim = (search - optical_side) // 2
        x, y = left + rim + right, top + rim + down
        sar = pair.sar[:, top : top + search, left : left + search].float()
        optical = pair.grey(slice(y, y + optical_side), slice(x, x + optical_side))[None]
        shift = torch.tensor([right, down])
        for axis, dim in ((0, 2), (1, 1)):
            if whole(0, 1):
                sar, optical = sar.flip(dim), optical.flip(dim)
                shift[axis] *= -1
        return sar, optical, shift


def true_cells(shift: Tensor) -> Tensor:
    """Cells [N, 2] (row, column) of the 65 x 65 heat map for shifts [N, 2] (right, down).

    Odd shifts lie halfway between two cells and go to the even one of them, so that no direction wins (our choice).
    """
    corner = (SEARCH - TEMPLATE) // 2 + shift.flip(1)
    return (corner / STRIDE).round().long()


def vary_patches(images: Tensor, generator: Generator) -> Tensor:
    """Vary goodness patches [N, 1, H, W]: intensity times 0.7 to 1.3 (p 0.7), coarse dropout of 1 to 5 % (p 0.8)."""
    gain = torch.where(_uniform(images, generator) < 0.7, 0.7 + 0.6 * _uniform(images, generator), 1.0)
    return _coarse_dropout(images * gain, generator)


def vary_heat(heat: Tensor, generator: Generator) -> Tensor:
    """Vary heat maps [N, 1, H, W]: zoom by 0.9 to 1.1 around the middle, coarse dropout of 1 to 5 % (p 0.8)."""
    zoom = 0.9 + 0.2 * _uniform(heat, generator)[:, 0]
    grid = F.affine_grid(torch.eye(2, 3) * zoom, heat.shape, align_corners=False)
    zoomed = F.grid_sample(heat, grid, padding_mode="reflection", align_corners=False)
    return _coarse_dropout(zoomed, generator)


def _coarse_dropout(images: Tensor, generator: Generator) -> Tensor:
    share = (0.01 + 0.04 * _uniform(images, generator)) * (_uniform(images, generator) < 0.8)
    cells = torch.rand((len(images), 1, _DROPOUT_CELLS, _DROPOUT_CELLS), generator=generator) >= share
    return images * F.interpolate(cells.float(), images.shape[-2:])


def _uniform(images: Tensor, generator: Generator) -> Tensor:
    return torch.rand((len(images), 1, 1, 1), generator=generator)
