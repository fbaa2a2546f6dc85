"""Speckle of an image: its equivalent number of looks, and how far neighbours share it.

On homogeneous ground mean² ÷ variance of the intensity is the equivalent number of looks. Most blocks of an image are
not homogeneous, and texture only makes the quotient smaller: what speckle has to say stands at the upper end of its
distribution over blocks. The field takes the mode (S. N. Anfinsen, A. P. Doulgeris, T. Eltoft, "Estimation of the
equivalent number of looks in polarimetric synthetic aperture radar imagery", IEEE TGRS 47 (11), 2009), which is that of
texture in towns and forests; ours is the upper flank: the value beyond which blocks thin out as chance makes them.
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np

_SIDE, _STEP = 16, 8  # pixels; in towns hardly a larger block is homogeneous
_FEWEST_BLOCKS = 40
_FEWEST_ABOVE, _LEAST_SHARE = 20, 0.02
"""Blocks beyond the value, in number and of all: a few saturated or quantised ones do not count."""

_BEYOND = 0.1587 / 0.5
"""Of what a normal distribution has above its mean, the share that lies more than a standard deviation above."""

_ROUNDS = 5


@dataclass(frozen=True)
class Speckle:
    """Speckle of an image of linear power, as its most homogeneous blocks show it.

    looks: equivalent number of looks. Of single looks it is 1 and less where no ground is homogeneous.
    correlation_cols, correlation_rows: of the intensity with that of the next pixel in the row (from column to column)
    and in the column (from row to row); 0 for independent pixels. blocks: how many blocks say so; they overlap by half.
    """

    looks: float
    correlation_cols: float
    correlation_rows: float
    blocks: int

    @property
    def correlation_area(self) -> float:
        """Pixels that count as one independent pixel in a mean, 1 or more (farther neighbours taken as independent)."""
        return _correlation_area(self.correlation_cols, self.correlation_rows)


def estimate_speckle(power: np.ndarray) -> Optional[Speckle]:
    """Return the `Speckle` of windows of linear power, real [n, h, w]; None where too little of them is known.

    NaN and what is not positive count as no data, and blocks that hold some are left out.
    """
    blocks = known_blocks(power, _SIDE, _STEP)
    mean, variance = blocks.mean(axis=(1, 2)), blocks.var(axis=(1, 2))
    lively = variance > 1e-12 * mean**2
    if lively.sum() < _FEWEST_BLOCKS:
        return None
    blocks, mean, variance = blocks[lively], mean[lively], variance[lively]
    log_looks = np.log(mean**2 / variance)
    cols, rows = _neighbours_correlation((blocks - mean[:, None, None]) / np.sqrt(variance)[:, None, None])
    middle, correlation_cols, correlation_rows = np.quantile(log_looks, 0.9), 0.0, 0.0
    for _ in range(_ROUNDS):  # what chance does to the blocks depends on what is looked for
        # For gamma-distributed intensities; their squares are as alike as the correlation's square (measured).
        pairs = _correlation_area(correlation_cols**2, correlation_rows**2)
        chance = np.sqrt((2 + 2 * np.exp(-middle)) * pairs / _SIDE**2)
        middle = _upper_flank(log_looks, chance)
        near = np.abs(log_looks - middle) < chance
        # Deviations from the block's own mean are smaller, and less alike, than those from the true one.
        bias = _correlation_area(correlation_cols, correlation_rows) / _SIDE**2
        correlation_cols, correlation_rows = ((1 - bias) * each[near].mean() + bias for each in (cols, rows))
    looks = np.exp(middle) * (1 - bias)
    return Speckle(float(looks), float(correlation_cols), float(correlation_rows), int(near.sum()))


def known_blocks(power: np.ndarray, side: int, step: int) -> np.ndarray:
    """Return the blocks, float64 [k, side, side], of windows [n, h, w] that are known and positive throughout."""
    if min(power.shape[1:]) < side:
        return np.empty((0, side, side))
    blocks = np.lib.stride_tricks.sliding_window_view(power, (side, side), axis=(1, 2))[:, ::step, ::step]
    blocks = blocks.reshape(-1, side, side)
    return blocks[(np.isfinite(blocks) & (blocks > 0)).all(axis=(1, 2))].astype(np.float64)


def _upper_flank(values, deviation):
    """The largest of values [k] beyond which they thin out as a normal distribution of the deviation does beyond its
    mean.
    """
    falling = np.sort(values)[::-1]
    above = np.arange(1, len(falling) + 1)
    far_above = np.searchsorted(-falling, -(falling + deviation), side="right")
    enough = above >= max(_FEWEST_ABOVE, _LEAST_SHARE * len(falling))
    found = np.flatnonzero(enough & (far_above >= _BEYOND * above))
    return falling[found[0]] if len(found) else falling[enough][0]


def _neighbours_correlation(standardised):
    """Correlation with the next column and with the next row, [k] each, of blocks of mean 0 and deviation 1."""
    cols = (standardised[:, :, 1:] * standardised[:, :, :-1]).mean(axis=(1, 2))
    rows = (standardised[:, 1:] * standardised[:, :-1]).mean(axis=(1, 2))
    return cols, rows


def _correlation_area(cols, rows):
    return (1 + 2 * max(float(cols), 0)) * (1 + 2 * max(float(rows), 0))
