"""The report of an evaluation: scores of pixels and of buildings, and where the hits and the misses are."""

from pathlib import Path

import numpy as np

from ...contract.buildings_jobs import EvaluateBuildingsJob
from ...contract.report_page import (
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
from .building_scores import LEAST_IOU
from .compared_buildings import Compared
from .evaluation import NO_SCORES, Evaluation, doubts, everything
from .evaluation_figures import close_ups, outcome_map, precision_over_recall

_HOW_PIXELS = (
    "Pixels are counted by their centres, where both layers know something. Intersection over union (Jaccard) = hits / "
    "(hits + misses + false alarms); F1 = 2 hits / (2 hits + misses + false alarms); accuracy also counts what is "
    "built in neither, and is high wherever buildings are few."
)
_HOW_BUILDINGS = (
    f"A building is a hit where the intersection over union of both outlines is at least {LEAST_IOU:g}; each has one "
    "partner, and the most certain prediction chooses first. Average precision is the area under precision over recall "
    "(as in PASCAL VOC since 2010). Hits and misses have the size of the reference, false alarms their own. Buildings "
    "that touch are one in a mask. What lies beyond the border of what is compared is cut off; of which less than half "
    "is left, is not counted."
)


def write_evaluation_report(path: Path, job: EvaluateBuildingsJob, compared: Compared, result: Evaluation) -> None:
    """Write the page to `path`."""
    html = page(
        "Evaluation of buildings",
        f"{job.predicted.source.name} against {job.reference.source.name}",
        _summary(result, compared.predicted.scores is not None),
        *map(notice, doubts(job, result)),
        section("Hits and misses", *_maps(compared, result)),
        section("Buildings by size", paragraph(_HOW_BUILDINGS), _sizes(result), *_curve(compared, result)),
        section("Pixels", paragraph(_HOW_PIXELS), _pixels(result)),
        section("Settings", properties(_settings(job, compared))),
        chapter="evaluatebuildings",
    )
    path.write_text(html, encoding="utf-8")


def _summary(result, has_scores):
    pixels, buildings = result.pixels, result.buildings["all"]
    counts = buildings.counts
    interval = (
        "95 % interval {} to {}".format(*(number(each, digits=3) for each in result.interval))
        if result.interval
        else "of pixels"
    )
    return key_figures(
        [
            ("Intersection over union", _score(pixels.iou), interval),
            ("F1 of buildings", _score(counts.f1), f"at an IoU of {LEAST_IOU:g}"),
            ("Found", f"{counts.true_positives:,}", f"of {counts.true_positives + counts.false_negatives:,} buildings"),
            (
                "False alarms",
                f"{counts.false_positives:,}",
                f"of {counts.true_positives + counts.false_positives:,} predictions",
            ),
            (
                "Average precision",
                _score(buildings.average_precision),
                "over the scores" if has_scores else "of one point",
            ),
        ]
    )


def _maps(compared, result):
    shown = picture(
        outcome_map(compared, result.judgement),
        "map of buildings that were hit, missed and invented",
        "Every building by what became of it. Small ones are drawn larger than they are.",
    )
    places = [picture(png, f"pixels of {name}", name) for name, png in close_ups(compared, result.judgement)]
    return [shown, *(side_by_side(*places[start : start + 2]) for start in range(0, len(places), 2))]


def _sizes(result):
    rows = []
    for size, (counts, mean_iou, average_precision) in result.buildings.items():
        claimed, true = (counts.true_positives + each for each in (counts.false_positives, counts.false_negatives))
        if claimed or true:
            scores = counts.precision, counts.recall, counts.f1, average_precision, mean_iou
            rows.append(
                (
                    size,
                    *(f"{each:,}" for each in (true, claimed, *counts[:1], counts[2], counts[1])),
                    *map(_score, scores),
                )
            )
    header = ("Size", "Reference", "Predicted", "Hits", "Missed", "False alarms", "Precision", "Recall", "F1")
    return table((*header, "Average precision", "Mean IoU of hits"), rows, numeric=range(1, 11))


def _curve(compared, result):
    if compared.predicted.scores is None:
        return [paragraph(NO_SCORES)]
    if not np.any(result.judgement.reference) or not np.any(result.judgement.predicted):
        return []
    png = precision_over_recall(compared, result.judgement)
    return [picture(png, "curve of precision over recall", "Precision over recall, from the most certain building on.")]


def _pixels(result):
    rows = [
        (
            name,
            f"{sum(counts):,}",
            *map(_score, (counts.iou, counts.f1, counts.accuracy, counts.precision, counts.recall)),
        )
        for name, counts in (("Prediction", result.pixels), ("Everything built", everything(result.pixels)))
    ]
    header = ("", "Pixels", "Intersection over union", "F1", "Accuracy", "Precision", "Recall")
    return table(header, rows, numeric=range(1, 7))


def _settings(job, compared):
    sides = {
        "Predicted buildings": job.predicted,
        "Reference": job.reference,
    }
    return {
        **{
            name: f"mask {side.mask.name}; {side.mask.path}" if side.mask else f"footprints {side.footprints.name}"
            for name, side in sides.items()
        },
        "Area": job.area.name if job.area else "all that both show",
        "Extent": ", ".join(f"{each:.10g}" for each in job.extent) or "all",
        "Pixels": f"{compared.grid.width:,} × {compared.grid.height:,} of {compared.grid.pixel_size:.4g} m",
    }


def _score(value):
    return number(value, digits=3)
