"""How well probabilities agree with what is built, at every threshold at once."""

from typing import NamedTuple

import torch
from torch import Tensor

from ..counts import Counts

_STEPS = 200
"""Thresholds that are told apart, evenly from 0 to 1."""


class AtThreshold(NamedTuple):
    """The `counts` of pixels if those with a probability of `threshold` or more count as built."""

    threshold: float
    counts: Counts

    @property
    def iou(self) -> float:
        """Intersection over union, 0..1; 0 where there is neither."""
        return self.counts.iou or 0.0


class ThresholdCounts:
    """Counts of pixels by probability, built ones and others: of any number of images, in hardly any memory."""

    def __init__(self) -> None:
        self._counts = torch.zeros(2, _STEPS, dtype=torch.int64)

    def add(self, probability: Tensor, built: Tensor, valid: Tensor) -> None:
        """Count pixels: probability 0..1, built share 0..1 (a half or more is built), valid bool; of one shape."""
        place = (probability[valid].float() * _STEPS).long().clamp(0, _STEPS - 1)
        place += _STEPS * (built[valid] >= 0.5)
        self._counts += torch.bincount(place, minlength=2 * _STEPS).reshape(2, _STEPS).cpu()

    def best(self) -> AtThreshold:
        """Return the threshold where the intersection over union is largest, in the middle of those where it is."""
        # Found at a threshold is what lies in its step or above.
        found = self._counts.flip(1).cumsum(1).flip(1)
        ground, built = self._counts.sum(1).tolist()
        curve = [
            AtThreshold(step / _STEPS, Counts(hits, false, built - hits, ground - false))
            for step, (false, hits) in enumerate(found.T.tolist())
        ]
        largest = max(each.iou for each in curve)
        equal = [each for each in curve if each.iou == largest]
        return equal[len(equal) // 2]
