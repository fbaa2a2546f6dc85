"""Which votes for displacements agree on one similarity, and whether as many would by chance."""

import math
from typing import NamedTuple, Optional

import numpy as np
from rasterio.transform import Affine

from ..tie_points.outliers import SURE, expected_by_chance

MOST_ROTATION, MOST_SCALE = 13.0, 1.13
"""Degrees, and enlargement or its inverse, that a similarity may have: a margin beyond ±10° and ±10 %."""

FEWEST_AGREEING = 4
_APART = 48.0
"""Pixels between two votes that a similarity is drawn through: closer ones say little about rotation and scale."""


class Consensus(NamedTuple):
    """A similarity from optical to SAR positions, and what speaks for it.

    transform: in pixels (col, row). agrees: bool [N], which votes. log_chance: log of the number of sets as good as
    this that are to be expected where all votes are wrong; the lower the surer.
    """

    transform: Affine
    agrees: np.ndarray
    log_chance: float

    @property
    def is_sure(self) -> bool:
        """Whether chance can be ruled out."""
        return self.agrees.sum() >= FEWEST_AGREEING and self.log_chance < SURE


def consensus(
    optical: np.ndarray, sar: np.ndarray, tolerance: float, searched: float, independent: float = 1.0
) -> Optional[Consensus]:
    """Return the `Consensus` that most votes support; None where no two of them determine a similarity in bounds.

    optical, sar [N, 2]: positions in pixels that are voted to show the same place. tolerance: pixels within which a
    vote agrees. searched: number of displacements that each vote was chosen from. independent: share of the votes that
    stand for themselves; the others look at the same ground. All pairs of votes are tried.
    """
    z, w = optical @ (1, 1j), sar @ (1, 1j)
    first, second = np.triu_indices(len(z), 1)
    far = np.abs(z[second] - z[first]) >= _APART
    first, second = first[far], second[far]
    linear = (w[second] - w[first]) / (z[second] - z[first])
    in_bounds = (np.abs(np.angle(linear, deg=True)) <= MOST_ROTATION) & (
        np.abs(np.log(np.abs(linear).clip(1e-9))) <= math.log(MOST_SCALE)
    )
    linear, first = linear[in_bounds], first[in_bounds]
    if not len(linear):
        return None
    distance = np.abs(linear[:, None] * (z - z[first, None]) + w[first, None] - w)
    best = np.argmin(np.minimum(distance / tolerance, 1).sum(1))
    agrees = distance[best] <= tolerance
    for _ in range(10):
        linear, offset = _fitted(z[agrees], w[agrees])
        again = np.abs(linear * z + offset - w) <= tolerance
        if again.sum() < 2 or (again == agrees).all():
            break
        agrees = again
    transform = Affine(linear.real, -linear.imag, offset.real, linear.imag, linear.real, offset.imag)
    agreeing, voting = (int(independent * count) for count in (agrees.sum(), len(agrees)))
    chance = expected_by_chance(2, agreeing, voting, math.pi * tolerance**2 / searched)
    return Consensus(transform, agrees, chance)


def _fitted(z: np.ndarray, w: np.ndarray) -> tuple[complex, complex]:
    """Return the similarity w = linear z + offset of least squares through complex positions."""
    centred = z - z.mean()
    linear = (centred.conj() @ (w - w.mean())) / (np.abs(centred) ** 2).sum().clip(1e-9)
    return linear, w.mean() - linear * z.mean()
