"""The report of a training: what was learnt, how it went, and what the model makes of places that it never saw."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ....contract.report_page import (
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ....contract.training_jobs import TRANSLATORS
from ....models.card import Card
from ...rasters.grid import part
from ...reports.figures import colour_map, curves, grey_map
from ...training.lesson import Record

if TYPE_CHECKING:
    from ..train_translator import Training, Translated

_MOST_PLACES = 6

_HOW_SCORED = (
    "Means over {count} patches of the validation area: blocks of their own, of which no pixel was learnt from. The "
    "best weights were chosen by the error there, so that it is a little better than it would be elsewhere; another "
    "city, season or sensor can be much worse. The trivial answers are fitted to the training area: its mean colour, "
    "and a linear regression from local SAR statistics."
)
_LEARNT = (
    "Losses are means over the steps before; the error on the validation area, of which smaller is better, is that of "
    "the weights at that step. Where it rises while losses fall, the network learns the training area by heart."
)


def write_training_report(
    path: Path,
    training: "Training",
    record: Record,
    card: Card,
    translated: Sequence["Translated"],
    numbers: Mapping[str, float],
) -> None:
    """Write the page to `path`. translated: validation patches; numbers: result of `train_translator.run`."""
    layers = training.job.layers
    stopped = [notice(f"The training stopped early: {record.stopped}.")] if record.stopped else []
    html = page(
        f"Training of {card.name}",
        f"{layers.sar.name} and {layers.optical.name}, {datetime.now().astimezone():%d %B %Y, %H:%M %Z}",
        _summary(numbers),
        *stopped,
        section("Validation", paragraph(_HOW_SCORED.format(count=len(translated))), _scores(numbers)),
        section("Places", *_places(training, translated)),
        section("Training", paragraph(_LEARNT), _curves(record)),
        section("Settings", properties(_settings(training))),
        chapter="traintranslator",
    )
    path.write_text(html, encoding="utf-8")


def _summary(numbers):
    better = 100 * (1 - numbers["MSE"] / numbers["REGRESSION_MSE"]) if numbers["REGRESSION_MSE"] else None
    return key_figures(
        [
            ("Error", number(numbers["MSE"], digits=4), "mean squared, colours 0..1, validation area"),
            ("Similarity", number(numbers["SSIM"], digits=3), "structural (SSIM), validation area"),
            ("Against regression", number(better, "%", 0), "less error than a linear regression"),
            ("Learnt from", f"{numbers['TRAINING_PATCHES']:,}", f"patches, in {numbers['STEPS']:,} steps"),
        ]
    )


def _scores(numbers):
    rows = [
        [called, number(numbers[f"{key}MSE"], digits=4), number(numbers[f"{key}SSIM"], digits=3)]
        for called, key in (
            ("This model", ""),
            ("Mean colour of the training area", "MEAN_COLOUR_"),
            ("Regression from local SAR statistics", "REGRESSION_"),
        )
    ]
    return table(["Image", "Mean squared error", "SSIM"], rows, numeric=(1, 2))


def _places(training, translated):
    chosen = np.unique(np.linspace(0, len(translated) - 1, _MOST_PLACES).round().astype(int))
    for place, each in enumerate((translated[index] for index in chosen), 1):
        grid = part(training.scene.grid, each.window)
        known = np.ones(each.colours.shape[1:], bool)
        images = (
            (grey_map(grid, each.images.sar[0], known), "SAR image"),
            (colour_map(grid, _three(each.colours), known), "Translated"),
            (colour_map(grid, _three(each.images.optical), known), "Optical image"),
        )
        yield side_by_side(
            *(picture(png, f"{called} of place {place}", f"Place {place}: {called}.") for png, called in images),
            small=True,
        )


def _three(colours):
    return colours[:3] if len(colours) >= 3 else colours[[0, 0, 0]]


def _curves(record):
    names = dict.fromkeys(name for figures in record.figures.values() for name in figures)
    losses = {
        name: {step: figures[name] for step, figures in record.figures.items() if name in figures} for name in names
    }
    panels = {f"loss: {name}": {name: values} for name, values in losses.items()}
    best = min(record.scores, key=record.scores.get) if record.scores else None
    if record.scores:
        panels["validation error"] = {"validation error": record.scores}
    drawn = curves(panels, best)
    return picture(drawn, "losses and validation error over the steps", "Losses and the error on the validation area.")


def _settings(training):
    job, layers = training.job, training.job.layers
    return {
        "Method": TRANSLATORS[job.method],
        "SAR layer": f"{layers.sar.name}; bands {', '.join(map(str, layers.sar.bands))}; "
        f"polarisations {', '.join(each or 'not known' for each in layers.polarisations)}",
        "SAR unit": training.scene.radiometry.unit_out,
        "Optical layer": f"{layers.optical.name}; bands {', '.join(map(str, layers.optical.bands))}",
        "Elevation layer": layers.dem.name if layers.dem else "not given",
        "Area": layers.area.name if layers.area else "all of the overlap",
        "Patches": f"{layers.patch} pixels of {training.scene.grid.pixel_size:.4g} m, every {layers.patch // 2}",
        "Steps": f"{job.steps:,} of {training.batch} samples",
        "Learning rate": f"{training.rate:g}",
        "Seed": str(job.seed),
        "Device": str(training.device),
    }
