"""How well a matcher finds planted offsets at places it never saw, beside cross-correlation on the same windows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Optional

import torch
from torch import nn

from ....models.card import Card
from ...reporting import NullReporter, Reporter
from ...training.patches import VALIDATION
from ..classical import NccMatcher
from ..error_scores import Scores, scores_of
from ..matcher import TEMPLATE, Matcher
from ..methods import METHODS, Run
from .curricula import PAIR_RANGE
from .evaluation import drawn_windows, errors_on
from .setting import Setting

_MOST_PLACES, _MOST_OF_A_PATCH = 64, 16
"""Patches that are looked at, and windows in one."""

OWN, START, NCC = "", "START_", "NCC_"
"""Whose scores: how their numbers begin."""


class Validated(NamedTuple):
    """`Scores` of this model, of the one that it started from and of cross-correlation, by `OWN`, `START`, `NCC`.

    max_shift: largest planted offset, pixels.
    """

    scores: dict[str, Scores]
    max_shift: int


def validated(setting: Setting, network: nn.Module, card: Card) -> Validated:
    """Return how the matchers do on windows drawn from the validation area, the same for all."""
    matchers = {OWN: _matcher(setting, network, card), NCC: NccMatcher()}
    if setting.start:
        matchers[START] = _matcher(setting, setting.start.network, card)
    side, template = setting.job.layers[0].patch, max(TEMPLATE, matchers[OWN].template_side)
    most, farthest = setting.curriculum.validated
    max_shift = min(farthest, (side - template) // 4)
    pairs = setting.pairs(setting.places.spread(VALIDATION, min(_MOST_PLACES, most)))
    count = max(1, min(_MOST_OF_A_PATCH, most // len(pairs)))
    windows = [drawn_windows(side, count, template, max_shift, seed=number) for number in range(len(pairs))]
    with torch.inference_mode():
        scores = {
            whose: scores_of(errors_on(matcher, pairs, windows, max_shift, device=setting.device))
            for whose, matcher in matchers.items()
        }
    return Validated(scores, max_shift)


def _matcher(setting: Setting, network: nn.Module, card: Card) -> Matcher:
    """Return the matcher that matching makes of a network, for the grey values of pairs."""
    grey = replace(card, inputs={**card.inputs, "sar": {**card.inputs["sar"], "range": list(PAIR_RANGE)}})
    radiometry = setting.places.scenes[0].radiometry
    run = Run(setting.device, NullReporter(), None, radiometry, network.to(setting.device), grey)
    return METHODS[setting.job.method].make(run)


def numbers_of(found: Validated) -> dict[str, Optional[float]]:
    """Return the scores as numbers by key, None where there was no model to start from."""
    numbers = {}
    for whose in (OWN, START, NCC):
        scores = found.scores.get(whose)
        for key, field in (("WITHIN_1", "within_1"), ("WITHIN_3", "within_3"), ("MEAN_ERROR", "mean"), ("MAP", "map")):
            numbers[f"{whose}{key}"] = getattr(scores, field) if scores else None
    return numbers


def on_card(found: Validated) -> dict[str, Any]:
    """Return the scores as model cards have them."""
    called = {OWN: "all windows", START: "model it started from", NCC: "cross-correlation"}
    tables = {called[whose]: scores._asdict() for whose, scores in found.scores.items()}
    return {"split": "by place", "set": f"planted offsets up to {found.max_shift} px", **tables}


def tell(numbers: Mapping[str, Optional[float]], reporter: Reporter) -> None:
    """Report the scores, and warn where they are no better than what was there before."""
    start = numbers["START_WITHIN_1"]
    before = "" if start is None else f", the model that it started from {start:.1f} %"
    reporter.info(
        f"On the validation area {numbers['WITHIN_1']:.1f} % of the windows are matched within a pixel and "
        f"{numbers['WITHIN_3']:.1f} % within three, by {numbers['MEAN_ERROR']:.2f} pixels in the mean; within a pixel "
        f"cross-correlation matches {numbers['NCC_WITHIN_1']:.1f} %{before}."
    )
    if numbers["WITHIN_1"] <= numbers["NCC_WITHIN_1"]:
        reporter.warning(
            "The model is no better than cross-correlation yet: train it for longer, on more area, or start from a "
            "model that is trained already."
        )
    elif start is not None and numbers["WITHIN_1"] <= start:
        reporter.warning(
            "The model is no better than the one that it started from: train it for longer, or use that one."
        )
