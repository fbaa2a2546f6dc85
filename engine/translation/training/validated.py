"""What a model makes of places that it never saw, beside trivial answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ...reporting import Reporter
from ...training.patches import MOST_FITTED, MOST_SCORED, TRAINING, VALIDATION
from ...training.places import Place
from ...training.scene_patches import PatchImages
from ..quality import whole_quality
from ..scene_translator import SceneTranslator
from ..trivial_answers import TrivialFit, local_statistics
from .setting import Setting


@dataclass(frozen=True)
class Translated:
    """A validation patch: its place, what is there, and colours [C, h, w] that the model gives."""

    place: Place
    images: PatchImages
    colours: np.ndarray


def translated_places(setting: Setting, network: nn.Module) -> list[Translated]:
    """Return the scored validation patches as the task of translation gives them."""
    bands, found = len(setting.layers.optical.bands), []
    for place in setting.places.spread(VALIDATION, MOST_SCORED):
        scene, images = place.scene, place.images()
        highest = scene.heights.highest if scene.heights else 1.0
        translator = SceneTranslator(network, setting.method, scene.scales, scene.layers.polarisations, highest).eval()
        shown = [torch.from_numpy(each)[None] for each in (images.sar, images.heights) if each is not None]
        with torch.inference_mode():
            found.append(Translated(place, images, translator(*shown)[0, :bands].numpy()))
    return found


def scores(setting: Setting, translated: Sequence[Translated]) -> dict[str, float]:
    """Return the scores over translated patches, and those of trivial answers fitted to training patches."""
    fit = TrivialFit(len(setting.layers.optical.bands))
    for place in setting.places.spread(TRAINING, MOST_FITTED):
        images = place.images()
        fit.add(_statistics(place, images), images.optical)
    answers, qualities = fit.answers(), []
    for each in translated:
        truth = each.images.optical
        regression = answers.regression(_statistics(each.place, each.images))
        given = each.colours, answers.constant(*truth.shape[1:]), regression
        qualities.append([whole_quality(image, truth)["all"] for image in given])
    numbers = {}
    for column, called in enumerate(("", "MEAN_COLOUR_", "REGRESSION_")):
        for name in ("mse", "ssim"):
            numbers[f"{called}{name.upper()}"] = float(np.mean([getattr(row[column], name) for row in qualities]))
    return numbers


def tell(numbers: Mapping[str, float], reporter: Reporter) -> None:
    """Report `scores`, and warn where they are no better than trivial ones."""
    reporter.info(
        f"On the validation area the mean squared error is {numbers['MSE']:.4g} and the structural similarity "
        f"{numbers['SSIM']:.3f}; those of the mean colour of the training area are "
        f"{numbers['MEAN_COLOUR_MSE']:.4g} and {numbers['MEAN_COLOUR_SSIM']:.3f}, of a regression "
        f"{numbers['REGRESSION_MSE']:.4g} and {numbers['REGRESSION_SSIM']:.3f}."
    )
    if numbers["MSE"] >= min(numbers["MEAN_COLOUR_MSE"], numbers["REGRESSION_MSE"]):
        reporter.warning(
            "The model is no better than a trivial answer yet: train it for longer, on more area, and check that the "
            "layers lie on each other."
        )


def _statistics(place, images):
    """Local statistics of the mean of the bands, each in the scale of its scene: scenes may have different units."""
    return local_statistics(place.scene.standardised(images.sar).mean(0))
