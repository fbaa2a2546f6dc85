"""What a despeckler makes of places that it never saw, beside a trivial answer."""

from collections.abc import Mapping
from typing import Optional

import torch
from torch.nn import functional as F

from ....models.despeckling.losses import merlin_loss
from ....models.despeckling.merlin import Merlin
from ...rasters.radiometry import to_db
from ...reporting import Reporter
from ...training.patches import MOST_SCORED, spread
from .layer_halves import both_ways
from .teaching import Setting

_MEAN_SIDE = 7
"""Pixels a side of the trivial answer: the mean of the part that is shown."""


@torch.inference_mode()
def scores(setting: Setting, network: Merlin) -> dict[str, Optional[float]]:
    """Return the mean loss over validation patches, that of means of 7 × 7 pixels, and how dependent parts are."""
    losses = {"LOSS": [], "MEAN_LOSS": []}
    for seen, unseen in both_ways(spread(setting.places.validation, MOST_SCORED)):
        around = F.pad(2 * seen, [_MEAN_SIDE // 2] * 4, mode="reflect")
        losses["LOSS"].append(merlin_loss(network.estimate(seen), unseen).mean())
        losses["MEAN_LOSS"].append(merlin_loss(to_db(F.avg_pool2d(around, _MEAN_SIDE, 1)), unseen).mean())
    found = [image.survey.after.known_correlation for image in setting.places.images]
    return {
        **{name: float(torch.stack(each).mean()) for name, each in losses.items()},
        "CORRELATION": max((each for each in found if each is not None), default=None),
    }


def tell(numbers: Mapping[str, Optional[float]], reporter: Reporter) -> None:
    """Report `scores`, and warn where they are no better than the trivial answer's."""
    reporter.info(
        f"On the validation area the loss is {numbers['LOSS']:.4f}; that of the mean of {_MEAN_SIDE} × {_MEAN_SIDE} "
        f"pixels is {numbers['MEAN_LOSS']:.4f}, and less is better."
    )
    if numbers["LOSS"] >= numbers["MEAN_LOSS"]:
        reporter.warning(
            "The model is no better than a mean of pixels yet: train it for longer, on more area, or start from a "
            "model that is trained already."
        )
