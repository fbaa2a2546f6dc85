"""Re-align the sets that are not aligned as published, with a matcher trained on those that are."""

from collections.abc import Iterator, Sequence
from typing import Optional

import torch
from torch import Tensor

from ...compute.cut_patches import cut_patch
from ...training.pair import Pair
from ..matcher import Matcher
from ..peaks import find_peaks
from .evaluation import Windows, heat_maps

SIDE = 256
"""Tiles are cut to this size first: over it, relief displacement is taken to be one shift."""

AGREEMENT_PX = 1.0
FEWEST_AGREEING = 0.6
"""A tile is kept when this share of its windows agrees on one shift to `AGREEMENT_PX`; the others teach nothing."""


def realigned(pairs: Sequence[Pair], matcher: Matcher, max_shift: int = 16) -> list[Pair]:
    """Return the tiles of `pairs`, SIDE pixels a side, whose windows agree on a shift, with that shift taken out.

    16 windows a tile are matched within ±max_shift; the shift is the mean of the largest agreeing group.
    """
    return [
        aligned
        for pair in pairs
        for tile in _tiles(pair)
        for shift in [common_shift(tile, matcher, max_shift)]
        if shift is not None
        for aligned in [Pair(tile.name, tile.sar, _moved(tile.optical, shift))]
    ]


def common_shift(pair: Pair, matcher: Matcher, max_shift: int) -> Optional[Tensor]:
    """Return the shift [2] (right, down, pixels) from optical to SAR on which most windows agree, or None."""
    steps = torch.linspace(64 + max_shift, SIDE - 64 - max_shift, 4).long()
    centres = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1).reshape(-1, 2)
    windows = Windows(centres, torch.zeros_like(centres))
    heat = torch.cat(list(heat_maps(matcher, pair.sar[0].float(), pair.grey(), windows, max_shift)))
    peaks = find_peaks(heat)
    shifts = torch.stack((peaks.dx, peaks.dy), 1)
    agreeing = torch.cdist(shifts, shifts) <= AGREEMENT_PX
    best = int(agreeing.sum(1).argmax())
    if agreeing[best].float().mean() < FEWEST_AGREEING:
        return None
    return shifts[agreeing[best]].mean(0)


def _tiles(pair: Pair) -> Iterator[Pair]:
    height, width = pair.sar.shape[-2:]
    for top in range(0, height - SIDE + 1, SIDE):
        for left in range(0, width - SIDE + 1, SIDE):
            part = (..., slice(top, top + SIDE), slice(left, left + SIDE))
            yield Pair(f"{pair.name}/{top}/{left}", pair.sar[part], pair.optical[part])


def _moved(image: Tensor, shift: Tensor) -> Tensor:
    centre = torch.tensor([image.shape[2] / 2, image.shape[1] / 2])
    return cut_patch(image, centre - shift, torch.eye(2), SIDE).round().to(torch.uint8)
