"""How well probabilities agree with what is built, at every threshold at once."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Callable, NamedTuple

import torch
from torch import Tensor

from ....models.buildings.segmenter import Segmenter
from ...compute.device import on_device
from ..counts import Counts
from .samples import BuildingSample

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

    def at(self, threshold: float) -> AtThreshold:
        """Return the counts at a threshold that is told apart, such as that of other `best` counts."""
        return self._curve()[round(threshold * _STEPS)]

    def best(self) -> AtThreshold:
        """Return the threshold where the intersection over union is largest, in the middle of those where it is."""
        curve = self._curve()[1:]  # at 0 all would be built, whatever is known of it
        largest = max(each.iou for each in curve)
        equal = [each for each in curve if each.iou == largest]
        return equal[len(equal) // 2]

    def _curve(self) -> list[AtThreshold]:
        # Found at a threshold is what lies in its step or above.
        found = self._counts.flip(1).cumsum(1).flip(1)
        ground, built = self._counts.sum(1).tolist()
        return [
            AtThreshold(step / _STEPS, Counts(hits, false, built - hits, ground - false))
            for step, (false, hits) in enumerate(found.T.tolist())
        ]


@torch.no_grad()
def counted(
    network: Segmenter,
    samples: Iterable[BuildingSample],
    precision: Callable[[], AbstractContextManager] = nullcontext,
) -> ThresholdCounts:
    """Return the counts of all pixels of samples, by the probability of a building that a network gives them."""
    counts, device = ThresholdCounts(), next(network.parameters()).device
    for sample in samples:
        on = on_device(sample, device)
        with precision():
            logits = network(on.planes)[:, :1]
        counts.add(logits.float().sigmoid(), on.built, on.valid)
    return counts
