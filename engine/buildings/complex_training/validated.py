"""What a MERLIN-Seg makes of places that it never saw, beside a trivial answer."""

from collections.abc import Iterable, Sequence
from typing import Optional

import torch
from torch import Tensor

from ....models.despeckling.levels import HIGHEST, LOWEST
from ....models.despeckling.losses import merlin_loss
from ....models.despeckling.merlin_seg import MerlinSeg
from ...despeckling.training.merlin_seg_lesson import LabelledParts
from ...rasters.radiometry import to_db
from ...training.patches import MOST_FITTED, spread
from ..training.thresholds import ThresholdCounts
from ..training.validated import Found, score_numbers
from .labelled_patches import LabelledPlace
from .teaching import Setting


@torch.inference_mode()
def scores(setting: Setting, network: MerlinSeg) -> dict[str, Optional[float]]:
    """Return the scores of a network and of the best threshold of the brightness, and the mean MERLIN loss."""
    validation = setting.validation()
    counts, losses = ThresholdCounts(), []
    for sample in validation:
        found = network.estimates(sample.parts)
        counts.add(found.logits.sigmoid(), sample.labels, sample.is_labelled)
        real, imaginary = sample.parts.square().split(1, 1)
        losses += [merlin_loss(found.from_real, imaginary).mean(), merlin_loss(found.from_imaginary, real).mean()]
    learnt = (each.sample() for each in spread(setting.patches.labelled, MOST_FITTED))
    brightness = _of_brightness(validation).at(_of_brightness(learnt).best().threshold)
    return {**score_numbers(counts.best(), brightness), "MERLIN_LOSS": float(torch.stack(losses).mean())}


@torch.inference_mode()
def found_places(places: Sequence[LabelledPlace], network: MerlinSeg) -> list[Found]:
    """Return what a network finds at labelled places."""
    found = []
    for each in places:
        sample = each.sample()
        probability = network(sample.parts).sigmoid()
        images = (_decibels(sample.parts), probability, sample.labels, sample.is_labelled)
        found.append(Found(each.place.window, *(image[0, 0].numpy() for image in images)))
    return found


def _of_brightness(samples: Iterable[LabelledParts]) -> ThresholdCounts:
    counts = ThresholdCounts()
    for sample in samples:
        brightness = (_decibels(sample.parts) - LOWEST) / (HIGHEST - LOWEST)
        counts.add(brightness.clamp(0, 1), sample.labels, sample.is_labelled)
    return counts


def _decibels(parts: Tensor) -> Tensor:
    """Return the power of both parts [N, 2, S, S] in dB over the level of the scene, [N, 1, S, S]."""
    return to_db(parts.square().sum(1, keepdim=True))
