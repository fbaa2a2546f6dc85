"""How well a network finds the buildings of whole places, as the extraction shows them to it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ...engine.buildings.building_network import BuildingNetwork
from ...engine.buildings.counts import Counts, iou_interval, pixel_counts, pooled
from ...engine.buildings.methods import METHODS
from ...engine.buildings.training.thresholds import ThresholdCounts
from ...engine.rasters.scene_scale import scene_scale
from ...models.buildings.bridge_build import BridgeBuild
from .places import PIXEL, Place
from .renderings import decibels


class Found(NamedTuple):
    """What is found at a place: probability of a building 0..1, built and known (bool), all numpy [H, W]."""

    name: str
    probability: np.ndarray
    built: np.ndarray
    known: np.ndarray


@torch.inference_mode()
def found(network: BridgeBuild, places: Sequence[Place]) -> list[Found]:
    """Return what a network finds at places, told of the look and the angle what is known of them.

    It sees them on pixels of `PIXEL`, and what it gives is brought back to their own.
    """
    return [
        Found(place.name, _probability(network.eval(), place), place.labels[0].numpy() > 0, place.valid[0].numpy())
        for place in places
    ]


def brightness(places: Sequence[Place]) -> list[Found]:
    """Return what is found by brightness alone: the share of a place's valid pixels that are darker."""
    return [Found(place.name, _rank(place), place.labels[0].numpy() > 0, place.valid[0].numpy()) for place in places]


def counts_at(threshold: float, results: Sequence[Found]) -> list[Counts]:
    """Return the counts of pixels of each place at a threshold of the probability."""
    return [pixel_counts(each.probability >= threshold, each.built, each.known) for each in results]


def best_threshold(results: Sequence[Found]) -> float:
    """Return the threshold with the largest pooled intersection over union."""
    counts = ThresholdCounts()
    for each in results:
        counts.add(*map(torch.from_numpy, (each.probability, each.built, each.known)))
    return counts.best().threshold


def scored(results: Sequence[Found], threshold: float) -> dict:
    """Return the card's figures at a threshold: pooled IoU, its interval over the places, and F1 of the pixels."""
    counts = counts_at(threshold, results)
    total, interval = pooled(counts), iou_interval(counts)
    rounded = {"iou": round(total.iou or 0, 3), "f1": round(total.f1 or 0, 3), "tiles": len(results)}
    return {**rounded, "interval": [round(each, 3) for each in interval]} if interval else rounded


def _probability(network: BridgeBuild, place: Place) -> np.ndarray:
    values = place.image if place.is_rendering else decibels(place.image)
    scale = scene_scale(values[place.valid].numpy(), place.is_rendering)
    shown = BuildingNetwork(network, METHODS["BridgeBuild"], [scale], place.look_known, place.incidence)
    own, seen = values.shape[-2:], tuple(round(side * place.pixel / PIXEL) for side in values.shape[-2:])
    given = shown(padded(_resampled(values[None], seen), network.stride))[:, :1, : seen[0], : seen[1]]
    return _resampled(given, own)[0, 0].numpy()


def _resampled(image: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(image, size=size, mode="bilinear", antialias=True, align_corners=False)


def padded(image: Tensor, step: int) -> Tensor:
    """Return images [N, C, H, W] mirrored at the right and the bottom until both sides are multiples of `step`."""
    height, width = image.shape[-2:]
    return F.pad(image, (0, -width % step, 0, -height % step), mode="reflect")


def _rank(place: Place) -> np.ndarray:
    values, known = place.image[0].numpy(), place.valid[0].numpy()
    return np.searchsorted(np.sort(values[known]), values) / max(known.sum(), 1)
