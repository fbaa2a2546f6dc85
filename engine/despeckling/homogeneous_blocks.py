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


def homogeneous_blocks(power: np.ndarray, speckle: Speckle, count: int) -> np.ndarray:
    """Return (window, row, column) of up to `count` blocks, int [k, 3], the most homogeneous one first.

    power: windows of linear power [n, h, w] before despeckling, of which NaN and what is not positive is no data;
    `speckle` is theirs. Blocks do not overlap, and are known throughout.
    """
    n, rows, cols = len(power), power.shape[1] // BLOCK_SIDE, power.shape[2] // BLOCK_SIDE
    cells = BLOCK_SIDE // _CELL_SIDE
    cut = power[:, : rows * BLOCK_SIDE, : cols * BLOCK_SIDE].astype(np.float64)
    cut = np.where(cut > 0, cut, np.nan).reshape(n, rows, cells, _CELL_SIDE, cols, cells, _CELL_SIDE)
    means = cut.mean(axis=(3, 6)).swapaxes(2, 3)  # [n, rows, cols, cells, cells]; NaN where not all is known
    varies = means.var(axis=(3, 4)) / means.mean(axis=(3, 4)) ** 2
    by_chance = speckle.correlation_area / (_CELL_SIDE**2 * speckle.looks)
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log(varies / by_chance)).ravel()
    order = np.argsort(distance, kind="stable")[: min(count, int(np.isfinite(distance).sum()))]
    window, row, col = np.unravel_index(order, (n, rows, cols))
    return np.column_stack([window, row * BLOCK_SIDE, col * BLOCK_SIDE])


def equivalent_looks(power: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return mean² ÷ variance [k] of linear power [n, h, w] on blocks [k, 3]; infinite where it is constant."""
    if not len(blocks):
        return np.empty(0)
    cut = np.stack([power[n, row : row + BLOCK_SIDE, col : col + BLOCK_SIDE] for n, row, col in blocks])
    cut = cut.astype(np.float64)
    with np.errstate(divide="ignore"):
        return cut.mean(axis=(1, 2)) ** 2 / cut.var(axis=(1, 2))
