"""Homogeneous blocks of 32 × 32 pixels, on which images before and after despeckling are compared.

Which blocks these are must depend neither on a despeckled image, or each method would be judged where it happens to be
smoothest, nor on the speckle of the pixels, or the image before would be. They are chosen by the means of 8 × 8 pixels
of the image before: where ground is homogeneous, what these still vary by is what speckle leaves in such a mean. Those
that vary even less owe it to chance, and are no better.
"""

import numpy as np

from .looks import Speckle

BLOCK_SIDE = 32
_CELL_SIDE = 8
_CELLS = BLOCK_SIDE // _CELL_SIDE

_FARTHEST = np.log(2)
"""From what speckle leaves, as a logarithm: of blocks of nothing but speckle, one in twelve lies farther off."""

_TEXTURE = 0.5
"""Of the image's looks, those of a block that no chance explains, only texture of a few pixels."""


def homogeneous_blocks(power: np.ndarray, speckle: Speckle, count: int) -> np.ndarray:
    """Return (window, row, column) of up to `count` homogeneous blocks, int [k, 3], the most homogeneous one first.

    power: windows of linear power [n, h, w] before despeckling, of which NaN and what is not positive is no data;
    `speckle` is theirs. Blocks do not overlap, and are known throughout.
    """
    rows, cols = power.shape[1] // _CELL_SIDE, power.shape[2] // _CELL_SIDE
    if min(rows, cols) < _CELLS:
        return np.empty((0, 3), int)
    cells = power[:, : rows * _CELL_SIDE, : cols * _CELL_SIDE].astype(np.float64)
    cells = np.where(cells > 0, cells, np.nan).reshape(len(power), rows, _CELL_SIDE, cols, _CELL_SIDE)
    means = np.lib.stride_tricks.sliding_window_view(cells.mean(axis=(2, 4)), (_CELLS, _CELLS), axis=(1, 2))
    varies = means.var(axis=(3, 4)) / means.mean(axis=(3, 4)) ** 2  # NaN where not all is known
    looks = max(speckle.looks, 1)  # no speckle has less than one: texture says so
    by_chance = speckle.correlation_area / (_CELL_SIDE**2 * looks)
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log(varies / by_chance))
    order = np.argsort(distance, axis=None, kind="stable")[: (distance < _FARTHEST).sum()]
    free = np.ones(distance.shape, bool)
    chosen = []
    for window, row, col in np.column_stack(np.unravel_index(order, distance.shape)):
        if len(chosen) == count:
            break
        block = np.array([[window, _CELL_SIDE * row, _CELL_SIDE * col]])
        if free[window, row, col] and equivalent_looks(power, block) > _TEXTURE * looks:
            chosen.append(block[0])
            free[window, max(row - _CELLS + 1, 0) : row + _CELLS, max(col - _CELLS + 1, 0) : col + _CELLS] = False
    return np.array(chosen, int).reshape(-1, 3)


def equivalent_looks(power: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return mean² ÷ variance [k] of linear power [n, h, w] on blocks [k, 3]; infinite where it is constant."""
    if not len(blocks):
        return np.empty(0)
    cut = np.stack([power[n, row : row + BLOCK_SIDE, col : col + BLOCK_SIDE] for n, row, col in blocks])
    cut = cut.astype(np.float64)
    with np.errstate(divide="ignore"):
        return cut.mean(axis=(1, 2)) ** 2 / cut.var(axis=(1, 2))
