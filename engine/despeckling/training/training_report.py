"""The report of a training: what was learnt, how it went, and what the model makes of places that it never saw."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from ....contract.report_page import (
    key_figures,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ....models.card import Card
from ....models.despeckling.merlin import Merlin
from ...rasters.grid import part
from ...rasters.radiometry import to_db
from ...reports.figures import grey_map, learning_curves
from ...training.lesson import Record
from ...training.patches import spread
from ...training.report_parts import how_taught, stopped_early
from .teaching import Setting

_MOST_PLACES = 6

_HOW_SCORED = (
    "Means over the validation area: blocks of their own, of which no pixel was learnt from. The loss says how likely "
    "one part of the complex image is, given the reflectivity that the network finds in the other one (½ log R + b² / "
    "R, relative to the level of the image): there is no truth to compare with, and smaller is better. The best "
    "weights were chosen by it."
)
_LEARNT = "Losses are means over the steps before; that on the validation area is that of the weights at that step."


def write_training_report(
    path: Path,
    setting: Setting,
    steps: int,
    record: Record,
    card: Card,
    network: Merlin,
    numbers: Mapping[str, Optional[float]],
) -> None:
    """Write the page to `path`.

    steps: that the training was to have. numbers: result of `train_despeckler.run`.
    """
    html = page(
        f"Training of {card.name}",
        "; ".join(each.name for each in setting.job.layers),
        _summary(numbers),
        *stopped_early(record),
        section("Validation", paragraph(_HOW_SCORED), _scores(numbers)),
        section("Places", *_places(setting, network)),
        section("Training", paragraph(_LEARNT), _curves(record)),
        section("Layers", *_layers(setting)),
        section("Settings", properties(_settings(setting, steps))),
        chapter="traindespeckler",
    )
    path.write_text(html, encoding="utf-8")


def _summary(numbers: Mapping[str, Optional[float]]) -> str:
    return key_figures(
        [
            ("Loss", number(numbers["LOSS"], digits=4), "MERLIN loss, validation area"),
            ("Mean of 7 × 7 pixels", number(numbers["MEAN_LOSS"], digits=4), "its loss, validation area"),
            ("Dependence", number(numbers["CORRELATION"], digits=2), "of real and imaginary part after centring"),
            ("Learnt from", f"{numbers['TRAINING_PATCHES']:,}", f"patches, in {numbers['STEPS']:,} steps"),
        ]
    )


def _scores(numbers: Mapping[str, Optional[float]]) -> str:
    rows = [
        [called, number(numbers[key], digits=4)]
        for called, key in (("This model", "LOSS"), ("Mean of 7 × 7 pixels", "MEAN_LOSS"))
    ]
    return table(["Despeckled by", "MERLIN loss"], rows, numeric=(1,))


@torch.inference_mode()
def _places(setting: Setting, network: Merlin) -> Iterator[str]:
    for number_of_place, place in enumerate(spread(setting.places.validation, _MOST_PLACES), 1):
        parts = torch.from_numpy(place.parts())
        before, after = to_db(parts.square().sum(0)).numpy(), network(parts[None])[0, 0].numpy()
        grid, known = part(place.image.grid, place.window), np.ones(before.shape, bool)
        called = f"Place {number_of_place}, {place.image.source.name}"
        images = (grey_map(grid, before, known), "SAR image"), (grey_map(grid, after, known), "Despeckled")
        yield side_by_side(
            *(picture(png, f"{kind} of place {number_of_place}", f"{called}: {kind}.") for png, kind in images),
            small=True,
        )


def _curves(record: Record) -> str:
    drawn = learning_curves(record.figures, record.scores, "validation loss")
    return picture(drawn, "losses over the steps", "Losses in training and on the validation area.")


def _layers(setting: Setting) -> Iterator[str]:
    for name, survey in dict.fromkeys((each.source.name, each.survey) for each in setting.places.images):
        yield from map(paragraph, survey.findings(name))


def _settings(setting: Setting, steps: int) -> dict[str, str]:
    job = setting.job
    return {
        "Network": f"MERLIN, {setting.arguments['levels']} levels, {setting.arguments['width']} channels",
        "Started from": Path(job.start).name if job.start else "weights drawn at random",
        "Patches": f"{job.patch} pixels, every {job.patch // 2}",
        **how_taught(setting, steps),
    }
