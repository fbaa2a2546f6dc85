"""Training pairs as the patches of a lattice: a set of patches that can be counted, numbered and split."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ....contract.errors import UserError
from ...training.pair import Pair, Sets


class Cell(NamedTuple):
    """A square of a pair, `side` pixels wide, whose upper left corner is the pixel (left, top)."""

    pair: Pair
    left: int
    top: int
    side: int

    def sar(self, side: int, right: int = 0, down: int = 0) -> Tensor:
        """Return `side` pixels of the SAR image, float [1, side, side], that far from the cell's corner."""
        top, left = self.top + down, self.left + right
        return self.pair.sar[:, top : top + side, left : left + side].float()

    def optical(self, side: int, right: int = 0, down: int = 0) -> Tensor:
        """Return the same of the optical image, grey in 0..1."""
        top, left = self.top + down, self.left + right
        return self.pair.grey(slice(top, top + side), slice(left, left + side))[None]


def cells_of(sets: Sets[Pair], side: int, least: int) -> Sets[Cell]:
    """Return the cells of `side` pixels of all pairs, which do not overlap; sets keep their shares.

    Raises `UserError` where there are fewer than `least` in all.
    """
    cells = [([cell for pair in pairs for cell in _lattice(pair, side)], share) for pairs, share in sets]
    count = sum(len(of_set) for of_set, _ in cells)
    if count < least:
        raise UserError(
            f"The training images hold only {count} patches of {side} × {side} pixels side by side, and at least "
            f"{least} are needed: choose larger images or areas, or a smaller pixel size."
        )
    return cells


def split(cells: Sets[Cell], share: float, seed: int) -> tuple[Sets[Cell], Sets[Cell]]:
    """Return a share of the cells, drawn by seed from all of them, and the others, both without empty sets.

    There is one drawn at least, and one left unless the share is 1.
    """
    total = sum(len(of_set) for of_set, _ in cells)
    count = total if share == 1 else min(max(1, round(share * total)), total - 1)
    is_drawn = torch.zeros(total, dtype=torch.bool)
    is_drawn[torch.randperm(total, generator=Generator().manual_seed(seed))[:count]] = True
    parts = is_drawn.split([len(of_set) for of_set, _ in cells])
    return _chosen(cells, parts), _chosen(cells, [~part for part in parts])


def _chosen(cells: Sets[Cell], parts: Sequence[Tensor]) -> Sets[Cell]:
    kept = [
        ([cell for cell, is_kept in zip(of_set, part.tolist()) if is_kept], share)
        for (of_set, share), part in zip(cells, parts)
    ]
    return [(of_set, share) for of_set, share in kept if of_set]


def _lattice(pair: Pair, side: int) -> list[Cell]:
    rows, cols = (range(0, size - side + 1, side) for size in pair.size)
    return [Cell(pair, left, top, side) for top in rows for left in cols]


class PatchPool:
    """All patches of `side` pixels of `sets`, side by side, with numbers; those of a set are drawn by its share.

    Raises `UserError` where there are fewer than two.
    """

    def __init__(self, sets: Sets[Pair], side: int) -> None:
        cells = cells_of(sets, side, least=2)
        self.side = side
        self._cells = [cell for of_set, _ in cells for cell in of_set]
        self._weights = torch.tensor([share / len(of_set) for of_set, share in cells for _ in of_set])

    def __len__(self) -> int:
        return len(self._cells)

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Return the numbers of some patches [count]."""
        return torch.multinomial(self._weights, count, replacement=True, generator=generator)

    def sar(self, numbers: Tensor) -> Tensor:
        """Return the SAR patches with `numbers` [N]: grey values of the tiles, [N, 1, side, side]."""
        return torch.stack([self._cells[number].sar(self.side) for number in numbers.tolist()])

    def optical(self, numbers: Tensor) -> Tensor:
        """Return the optical patches with `numbers` [N], in 0..1, [N, 1, side, side]."""
        return torch.stack([self._cells[number].optical(self.side) for number in numbers.tolist()])
