"""The answers that a translator must beat: one colour everywhere, and what a line makes of local radar statistics."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
from scipy.ndimage import uniform_filter

REACH = 15
"""Pixels around a place that its statistics look at."""

_MEANS, _DEVIATIONS = (3, 7, 31), (7, 31)
"""Sides of the windows, pixels."""

STATISTICS = 1 + len(_MEANS) + len(_DEVIATIONS)


def local_statistics(sar: np.ndarray, valid: Optional[np.ndarray] = None) -> np.ndarray:
    """Return statistics float32 [6, h, w] of an image [h, w]: value, means over 3, 7, 31 px, deviations over 7, 31 px.

    They are those of the valid pixels (all, without `valid` [h, w]); what is beyond the image is not.
    """
    known = np.ones(sar.shape) if valid is None else valid.astype(np.float64)
    middle = float((sar * known).sum() / max(known.sum(), 1))  # squares of small numbers stay exact
    values = (sar - middle) * known
    means, squares = {}, {}
    for side in _MEANS:
        share = np.maximum(_mean(known, side), 0.5 / side**2)
        means[side] = _mean(values, side) / share
        if side in _DEVIATIONS:
            squares[side] = _mean(values**2, side) / share
    deviations = [np.sqrt(np.maximum(squares[side] - means[side] ** 2, 0)) for side in _DEVIATIONS]
    return np.stack([values, *means.values(), *deviations]).astype(np.float32) + _level(middle)


def _mean(image, side):
    return uniform_filter(image, side, mode="constant")


def _level(middle):
    """What was taken from values and means, [6, 1, 1]; deviations have no level."""
    counts = 1 + len(_MEANS), len(_DEVIATIONS)
    return np.repeat(np.array([middle, 0], np.float32), counts)[:, None, None]


@dataclass(frozen=True)
class TrivialAnswers:
    """The mean colour [C] of what they were fitted to, and the weights [7, C] of the statistics, constant first."""

    mean_colour: np.ndarray
    weights: np.ndarray

    def constant(self, height: int, width: int) -> np.ndarray:
        """Return an image [C, height, width] of the mean colour."""
        return np.broadcast_to(
            self.mean_colour[:, None, None].astype(np.float32), (len(self.mean_colour), height, width)
        )

    def regression(self, statistics: np.ndarray) -> np.ndarray:
        """Return colours [C, h, w], within 0..1, of `local_statistics` [6, h, w]."""
        constant, slopes = self.weights[0], self.weights[1:]
        return np.clip(np.tensordot(slopes.T, statistics, 1) + constant[:, None, None], 0, 1).astype(np.float32)


class TrivialFit:
    """Least squares over pixels that come window by window: it keeps sums and no pixel."""

    def __init__(self, bands: int) -> None:
        self._moments = np.zeros((1 + STATISTICS, 1 + STATISTICS))
        self._products = np.zeros((1 + STATISTICS, bands))

    def add(
        self, statistics: np.ndarray, colours: np.ndarray, valid: Optional[np.ndarray] = None, weight: float = 1.0
    ) -> None:
        """Take pixels in: statistics [6, h, w], colours [C, h, w] and, unless all count, valid [h, w].

        weight: how often each counts.
        """
        chosen = ... if valid is None else valid
        predictors = np.stack([np.ones(statistics.shape[1:]), *statistics])[:, chosen].reshape(1 + STATISTICS, -1)
        self._moments += weight * predictors @ predictors.T
        self._products += weight * predictors @ colours[:, chosen].reshape(len(colours), -1).astype(np.float64).T

    @property
    def count(self) -> float:
        """How many pixels came, by their weights."""
        return float(self._moments[0, 0])

    def answers(self) -> TrivialAnswers:
        """Return the `TrivialAnswers` for what came so far: at least one pixel."""
        # Statistics may say the same, as those of an even image do: the smallest weights that fit are taken.
        weights = np.linalg.lstsq(self._moments, self._products, rcond=1e-12)[0]
        return TrivialAnswers(self._products[0] / self._moments[0, 0], weights)
