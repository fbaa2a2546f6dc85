"""The report of a training: what was learnt, how it went, and how well the matcher finds places that it never saw."""

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from ....contract.matching_training_jobs import (
    CHOOSES_NEGATIVES,
    CORNERS,
    LEARNS_WITHOUT_LABELS,
    MATCHERS,
    NEGATIVES,
)
from ....contract.report_page import (
    key_figures,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    table,
)
from ....models.card import Card
from ...reports.figures import learning_curves
from ...training.lesson import Record
from ...training.report_parts import how_taught, layers_table, stopped_early
from .setting import Setting
from .validated import NCC, OWN, START, Validated

_HOW_SCORED = (
    "{count} windows drawn from the validation area: blocks of their own, of which no pixel was learnt from. From each"
    " a template of the optical image is looked for in the SAR image, at a planted offset of up to {max_shift} pixels,"
    " and the peak as it is counts, before anything judges it. Scores are those of Hughes 2020, §5.1.3; mAP is the"
    " mean, over thresholds of 1 to 32 pixels, of the standard deviation of the errors below, so that less is better."
    " The best weights were chosen by the loss there, so that they are a little better than they would be elsewhere."
)
_MOVED = (
    " Training and validation patches were moved by what the matcher that ships finds, so that its own kind of errors"
    " count as none."
)
_LEARNT = (
    "The loss is the mean over the steps before; that on the validation area, of which smaller is better, is that of"
    " the weights at that step. Where it rises while the other falls, the network learns the training area by heart."
)

_SLOW = (
    " The method takes seconds for each window, so that these are few, and their offsets small: figures of methods with"
    " other offsets do not compare, those in this table do."
)
_OTHER_NEGATIVES = (
    " On the validation area negatives are those from corners, whatever the network learnt from, so that trainings with"
    " other negatives compare."
)


def write_training_report(
    path: Path,
    setting: Setting,
    steps: int,
    record: Record,
    card: Card,
    found: Validated,
    numbers: Mapping[str, Optional[float]],
) -> None:
    """Write the page to `path`.

    steps: that the training was to have. numbers: result of `train_matcher.run`.
    """
    job, own = setting.job, found.scores[OWN]
    layers = "; ".join(f"{each.sar.name} and {each.optical.name}" for each in job.layers)
    how = _HOW_SCORED.format(count=own.count, max_shift=found.max_shift)
    how += (_MOVED if job.realign else "") + (_SLOW if setting.curriculum.is_slow else "")
    learnt = _LEARNT + (_OTHER_NEGATIVES if job.negatives != CORNERS else "")
    curves = learning_curves(record.figures, record.scores, "validation loss")
    html = page(
        f"Training of {card.name}",
        layers,
        _summary(found, numbers),
        *stopped_early(record),
        section("Validation", paragraph(how), _scores(setting, found)),
        section(
            "Training",
            paragraph(learnt),
            picture(curves, "loss and validation loss over the steps", "Loss, and the loss on the validation area."),
        ),
        section("Layers", layers_table(setting.places)),
        section("Settings", properties(_settings(setting, steps, numbers["OFFSET"]))),
        chapter="trainmatcher",
    )
    path.write_text(html, encoding="utf-8")


def _summary(found, numbers):
    own, ncc = found.scores[OWN], found.scores[NCC]
    return key_figures(
        [
            ("Within a pixel", number(own.within_1, "%", 1), "of the windows of the validation area"),
            ("Mean error", number(own.mean, "px", 2), "of the same windows"),
            ("Cross-correlation", number(ncc.within_1, "%", 1), "within a pixel, same windows"),
            ("Learnt from", f"{numbers['TRAINING_PATCHES']:,}", f"patches, in {numbers['STEPS']:,} steps"),
        ]
    )


def _scores(setting, found):
    called = {OWN: "This model", NCC: "Cross-correlation (NCC)"}
    if setting.start:
        called = {OWN: "This model", START: f"{setting.start.card.name}, which it started from", NCC: called[NCC]}
    rows = []
    for whose, name in called.items():
        scores = found.scores[whose]
        rows.append(
            [
                name,
                number(scores.within_1, digits=1),
                number(scores.within_3, digits=1),
                number(scores.mean, digits=2),
                number(scores.map, digits=2),
            ]
        )
    return table(["Matcher", "≤ 1 px (%)", "≤ 3 px (%)", "Mean error (px)", "mAP (px)"], rows, numeric=(1, 2, 3, 4))


def _settings(setting, steps, offset):
    job, (low, high) = setting.job, setting.pixels.value_range
    measured = "could not be measured" if offset is None else f"{offset:.1f} pixels off"
    patches = ", each moved by what the matcher that ships finds" if job.realign else ", as they are"
    return {
        "Method": MATCHERS[job.method],
        **({"Negatives": NEGATIVES[job.negatives]} if job.method == CHOOSES_NEGATIVES else {}),
        **(
            {"Labelled": f"{job.labelled_percent} of the training ground"}
            if job.method == LEARNS_WITHOUT_LABELS
            else {}
        ),
        "Started from": setting.start.card.name if setting.start else "random weights",
        "Alignment before": f"{measured}{patches}",
        "SAR values": f"{low:.4g} to {high:.4g}, the rest is cut",
        **how_taught(setting, steps),
    }
