"""What the networks of a training make of places that they never saw, beside a trivial answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import torch
from torch import Tensor

from ....contract.building_training_jobs import FOOTPRINTS, RECONSTRUCTION, TEACHER
from ....models.buildings.segmenter import Segmenter
from ....models.translation.planes import SAR_LIMIT
from ...rasters.grid import Window
from ...reporting import Reporter
from ...training.patches import MOST_FITTED, TRAINING, VALIDATION, spread
from .phases import Taught
from .samples import BuildingSample
from .setting import Setting
from .thresholds import AtThreshold, ThresholdCounts, counted


@dataclass(frozen=True)
class Found:
    """A validation patch: its window, the image that the network sees and the probability that it gives [h, w]; labels
    [h, w], None where they are not known; valid bool [h, w]."""

    window: Window
    image: np.ndarray
    probability: np.ndarray
    labels: Optional[np.ndarray]
    valid: np.ndarray


def scoring_phase(setting: Setting) -> Optional[str]:
    """Return the phase whose samples the result is scored with; None where no buildings are known."""
    layers = setting.layers
    if not layers.footprints:
        return None
    return FOOTPRINTS if layers.sar else TEACHER


def scores(setting: Setting, phases: Sequence[Taught]) -> dict[str, Optional[float]]:
    """Return the scores of the last network, of those before it, and of the best threshold of the brightness.

    Nothing where no buildings are known.
    """
    phase = scoring_phase(setting)
    if phase is None:
        return {}
    samples = setting.validation(phase)
    best = counted(phases[-1].network, samples).best()
    numbers = score_numbers(best, _of_brightness(setting, phase, samples))
    for each in phases[:-1]:
        if each.phase == TEACHER:
            numbers["TEACHER_IOU"] = counted(each.network, setting.validation(TEACHER)).best().iou
        if each.phase == RECONSTRUCTION:
            numbers["STUDENT_IOU"] = counted(each.network, samples).best().iou
    return numbers


def score_numbers(best: AtThreshold, brightness: AtThreshold) -> dict[str, Optional[float]]:
    """Return the numbers of a network at its best threshold, and of the best threshold of the brightness."""
    counts = best.counts
    return {
        "IOU": best.iou,
        "F1": counts.f1,
        "PRECISION": counts.precision,
        "RECALL": counts.recall,
        "THRESHOLD": best.threshold,
        "BRIGHTNESS_IOU": brightness.iou,
    }


def tell(numbers: Mapping[str, Optional[float]], reporter: Reporter) -> None:
    """Report `scores`, and warn where they are no better than trivial ones."""
    if not numbers:
        reporter.info("No buildings are known, so that nothing tells how good the model is, nor the best threshold.")
        return
    before = [
        f"that of {called} {numbers[key]:.3f}"
        for key, called in (("TEACHER_IOU", "its teacher"), ("STUDENT_IOU", "the student before its fine-tuning"))
        if key in numbers
    ]
    reporter.info(
        f"On the validation area the intersection over union is {numbers['IOU']:.3f} and F1 {numbers['F1'] or 0:.3f}, "
        f"with what has a probability of {numbers['THRESHOLD']:.3g} or more; "
        + ", ".join([*before, f"that of the best threshold of the brightness {numbers['BRIGHTNESS_IOU']:.3f}."])
    )
    if "MERLIN_LOSS" in numbers:
        reporter.info(f"The MERLIN loss of the despeckled image is {numbers['MERLIN_LOSS']:.4f} there.")
    if numbers["IOU"] <= numbers["BRIGHTNESS_IOU"]:
        reporter.warning(
            "The model is no better than a threshold of the brightness yet: train it for longer, on more area, and "
            "check that the layers lie on each other."
        )


@torch.no_grad()
def found_places(setting: Setting, network: Segmenter, most: int) -> list[Found]:
    """Return about `most` validation patches with what a network finds there."""
    phase = scoring_phase(setting) or setting.job.phases[-1]
    samples, found = setting.samples(phase), []
    for window in spread(setting.patches.of(phase, VALIDATION), most):
        sample = samples.whole(window)
        probability = network(sample.planes)[0, 0].float().sigmoid().numpy()
        labels = None if sample.labels is None else sample.labels[0, 0].numpy()
        shown = _brightness(setting, phase)(sample)[0, 0].numpy()
        found.append(Found(window, shown, probability, labels, sample.valid[0, 0].numpy()))
    return found


def _of_brightness(setting: Setting, phase: str, samples: Sequence[BuildingSample]) -> AtThreshold:
    """Return how good the best threshold of the brightness of training patches is on validation samples."""
    reader, brightness = setting.samples(phase), _brightness(setting, phase)
    learnt = spread(setting.patches.of(phase, TRAINING), MOST_FITTED)

    def of(some) -> ThresholdCounts:
        counts = ThresholdCounts()
        for sample in some:
            counts.add(brightness(sample), sample.built, sample.valid)
        return counts

    return of(samples).at(of(map(reader.whole, learnt)).best().threshold)


def _brightness(setting: Setting, phase: str) -> Callable[[BuildingSample], Tensor]:
    """Return what makes of a sample its brightness, 0..1 [N, 1, h, w]: the mean of the bands."""
    if phase == TEACHER:
        return lambda sample: sample.planes.mean(1, keepdim=True)
    bands = 1 if setting.method.is_turned else None  # after the backscatter come facts
    return lambda sample: sample.planes[:, :bands].mean(1, keepdim=True) / (2 * SAR_LIMIT) + 0.5
