"""The report of a training: what was learnt, how it went, and what the model makes of places that it never saw."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

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
from ....contract.training_jobs import TRANSLATORS
from ....models.card import Card
from ...rasters.grid import part
from ...reports.figures import colour_map, grey_map, learning_curves
from ...training.lesson import Record
from ...training.patches import spread
from ...training.report_parts import how_taught, layers_table, stopped_early
from .setting import Setting
from .validated import Translated

_MOST_PLACES = 6
"""That are shown, of all scenes together, but for one of each."""

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
    setting: Setting,
    steps: int,
    record: Record,
    card: Card,
    translated: Sequence[Translated],
    numbers: Mapping[str, float],
) -> None:
    """Write the page to `path`.

    steps: that the training was to have. translated: validation patches; numbers: result of `train_translator.run`.
    """
    layers = "; ".join(f"{each.sar.name} and {each.optical.name}" for each in setting.job.layers)
    html = page(
        f"Training of {card.name}",
        layers,
        _summary(numbers),
        *stopped_early(record),
        section("Validation", paragraph(_HOW_SCORED.format(count=len(translated))), _scores(numbers)),
        section("Places", *_places(setting, translated)),
        section("Training", paragraph(_LEARNT), _curves(record)),
        section("Layers", layers_table(setting.places)),
        section("Settings", properties(_settings(setting, steps))),
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


def _places(setting, translated):
    most = max(1, _MOST_PLACES // len(setting.places.scenes))
    of_scenes = ([each for each in translated if each.place.scene is scene] for scene in setting.places.scenes)
    chosen = [each for of_scene in of_scenes for each in spread(of_scene, most)]
    for place, each in enumerate(chosen, 1):
        scene = each.place.scene
        grid, called = part(scene.grid, each.place.window), f"Place {place}, {scene.layers.sar.name}"
        known = np.ones(each.colours.shape[1:], bool)
        images = (
            (grey_map(grid, each.images.sar[0], known), "SAR image"),
            (colour_map(grid, each.colours, known), "Translated"),
            (colour_map(grid, each.images.optical, known), "Optical image"),
        )
        yield side_by_side(
            *(picture(png, f"{kind} of place {place}", f"{called}: {kind}.") for png, kind in images), small=True
        )


def _curves(record):
    drawn = learning_curves(record.figures, record.scores, "validation error")
    return picture(drawn, "losses and validation error over the steps", "Losses and the error on the validation area.")


def _settings(setting, steps):
    job, layers = setting.job, setting.layers
    return {
        "Method": TRANSLATORS[job.method],
        "Polarisations": ", ".join(each or "not known" for each in layers.polarisations),
        "Patches": f"{layers.patch} pixels, every {layers.patch // 2}",
        **how_taught(setting, steps),
    }
