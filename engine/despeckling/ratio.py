"""The ratio image, power before ÷ power after despeckling: if only speckle was taken off, it is nothing but speckle.

Its mean is then 1, its variance 1 ÷ looks, its neighbours are as alike as those of speckle, and it shows no structure.
Structure is measured as L. Gomez, R. Ospina and A. C. Frery do it ("Unassisted quantitative evaluation of despeckling
filters", Remote Sensing 9 (4), 2017): by how much the homogeneity of the co-occurrence matrix exceeds that of the same
pixels in random order. We do not shuffle: the mean over all orders follows from the histogram. And pairs are no
neighbours, which in speckle of real sensors are correlated.
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np
from scipy.special import gammaincinv

_DISTANCE = 8
"""Pixels between those of a pair: neither speckle nor the windows of common filters tie pixels so far apart."""

_LEVELS = 16

_BINS, _WITHIN = 80, 0.9995
"""Of the histogram, and the share of pure speckle that it shows."""


@dataclass(frozen=True, eq=False)
class Ratio:
    """What a ratio image is like, and what it would be like as pure speckle of so many looks.

    pixels: those with a ratio. mean: 1 in theory. variance and expected_variance, which is 1 ÷ looks. correlation_cols,
    correlation_rows: with the next pixel in the row and in the column; in theory those of the image's speckle
    (`looks.Speckle`). structure: share of the homogeneity that the same pixels lack in random order; 0 in theory, the
    more of the scene is seen, the larger. density: share of the pixels per unit of the ratio, float64 [bins], from 0 to
    `highest` in equal bins; in theory a gamma distribution.
    """

    pixels: int
    mean: float
    variance: float
    expected_variance: float
    correlation_cols: float
    correlation_rows: float
    structure: float
    density: np.ndarray
    highest: float


class RatioStatistics:
    """Sums over a ratio image, window by window; pairs of pixels lie within windows, which must not overlap.

    looks: equivalent number of looks of the image before, larger than 0.
    """

    def __init__(self, looks: float) -> None:
        self._looks = looks
        # Levels that are equally frequent in speckle, so that bright points weigh no more than others.
        self._edges = gammaincinv(looks, np.arange(1, _LEVELS) / _LEVELS) / looks
        self._bins = np.linspace(0, gammaincinv(looks, _WITHIN) / looks, _BINS + 1)
        self._counts = np.zeros(_BINS, np.int64)
        self._pixels = 0
        self._sum = self._squares = 0.0
        self._neighbours = {"cols": _Products(0, 1), "rows": _Products(1, 0)}
        self._occurring = np.zeros((_LEVELS, _LEVELS))

    def add(self, ratio: np.ndarray) -> None:
        """Count a window [h, w] of the ratio image; what is not finite and positive is no ratio."""
        usable = np.isfinite(ratio) & (ratio > 0)
        ratio = np.where(usable, ratio, np.nan).astype(np.float64)
        there = ratio[usable]
        self._pixels += len(there)
        self._sum += there.sum()
        self._squares += np.square(there).sum()
        self._counts += np.histogram(there, self._bins)[0]
        for products in self._neighbours.values():
            products.add(ratio)
        self._count_pairs(ratio)

    def result(self) -> Optional[Ratio]:
        """Return the `Ratio` of what was counted; None where no pixel has a ratio."""
        if not self._pixels:
            return None
        mean = self._sum / self._pixels
        variance = max(self._squares / self._pixels - mean**2, 0.0)
        cols, rows = (self._neighbours[axis].correlation(mean, variance) for axis in ("cols", "rows"))
        density = self._counts / self._pixels / self._bins[1]
        return Ratio(
            self._pixels,
            float(mean),
            float(variance),
            1 / self._looks,
            cols,
            rows,
            self._structure(),
            density,
            float(self._bins[-1]),
        )

    def _count_pairs(self, ratio):
        levels = np.searchsorted(self._edges, ratio)
        there = ~np.isnan(ratio)
        for rows, cols in ((0, _DISTANCE), (_DISTANCE, 0)):
            both = _first(there, rows, cols) & _second(there, rows, cols)
            pairs = _first(levels, rows, cols)[both] * _LEVELS + _second(levels, rows, cols)[both]
            self._occurring += np.bincount(pairs, minlength=_LEVELS**2).reshape(_LEVELS, _LEVELS)

    def _structure(self):
        pairs = self._occurring.sum()
        if not pairs:
            return 0.0
        steps = np.subtract.outer(np.arange(_LEVELS), np.arange(_LEVELS))
        alike = 1 / (1 + steps**2)
        occurring = self._occurring / pairs
        homogeneity = (occurring * alike).sum()
        at_random = occurring.sum(axis=1) @ alike @ occurring.sum(axis=0)
        return float((homogeneity - at_random) / homogeneity)


class _Products:
    """Sum of the products of pixels with those so many rows and columns on."""

    def __init__(self, rows, cols):
        self._offset = rows, cols
        self._count, self._sum = 0, 0.0

    def add(self, ratio):
        products = _first(ratio, *self._offset) * _second(ratio, *self._offset)
        there = ~np.isnan(products)
        self._count += int(there.sum())
        self._sum += products[there].sum()

    def correlation(self, mean, variance):
        return float((self._sum / self._count - mean**2) / variance) if self._count and variance else 0.0


def _first(image, rows, cols):
    return image[: max(image.shape[0] - rows, 0), : max(image.shape[1] - cols, 0)]


def _second(image, rows, cols):
    return image[rows:, cols:]
