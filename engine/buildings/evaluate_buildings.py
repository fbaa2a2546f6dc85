"""The task `evaluate_buildings`: how many pixels and buildings of a prediction are those of a reference."""

import csv
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Optional

from ...contract.buildings_jobs import EvaluateBuildingsJob
from ...contract.finished_file import finished_files, scratch_folder
from ..reporting import Reporter
from .building_scores import SIZE_CLASSES
from .compared_buildings import Compared, compared_buildings
from .evaluation import NO_SCORES, Evaluation, doubts, evaluated

COLUMNS = (
    *("size", "from_m2", "below_m2", "reference", "predicted", "hits", "misses", "false_alarms", "precision", "recall"),
    *("f1", "average_precision", "mean_iou", "pixels", "pixel_iou", "pixel_f1", "pixel_accuracy", "pixel_precision"),
    "pixel_recall",
)
"""Columns of the table: a row for each class of sizes. Those of pixels belong to all buildings."""

_COMPARED, _MATCHED = 0.7, 0.85
"""How far a run is."""


def run(job: EvaluateBuildingsJob, reporter: Reporter) -> dict[str, Any]:
    """Score an `EvaluateBuildingsJob`; return {"numbers": the declared ones, None where not defined}.

    Raises `UserError` for what the user can put right.
    """
    outputs = {name: path for name, path in (("table", job.table), ("report", job.report)) if path}
    beside = next(iter(outputs.values()), Path(gettempdir(), "buildings"))
    with finished_files(outputs.values()) as paths, scratch_folder(beside) as scratch:
        new = dict(zip(outputs, paths))
        compared = compared_buildings(job, scratch, reporter.part(0, _COMPARED))
        result = evaluated(job, compared)
        reporter.progress(_MATCHED)
        _tell(job, compared, result, reporter)
        if "table" in new:
            _write_table(new["table"], result)
        if "report" in new:
            from .evaluation_report import write_evaluation_report  # matplotlib is slow to load

            write_evaluation_report(new["report"], job, compared, result)
    return {"numbers": _numbers(result)}


def _numbers(result: Evaluation) -> dict[str, Optional[float]]:
    pixels, buildings = result.pixels, result.buildings["all"]
    low, high = result.interval or (None, None)
    counts = buildings.counts
    return {
        "IOU": pixels.iou,
        "IOU_LOW": low,
        "IOU_HIGH": high,
        "F1": pixels.f1,
        "ACCURACY": pixels.accuracy,
        "PRECISION": pixels.precision,
        "RECALL": pixels.recall,
        "PIXELS": sum(pixels),
        "BUILDING_PRECISION": counts.precision,
        "BUILDING_RECALL": counts.recall,
        "BUILDING_F1": counts.f1,
        "AP": buildings.average_precision,
        "MEAN_IOU": buildings.mean_iou,
        "HITS": counts.true_positives,
        "MISSES": counts.false_negatives,
        "FALSE_ALARMS": counts.false_positives,
    }


def _tell(job: EvaluateBuildingsJob, compared: Compared, result: Evaluation, reporter: Reporter) -> None:
    pixels, counts = result.pixels, result.buildings["all"].counts
    reporter.info(
        f"Over {sum(pixels):,} pixels of {compared.grid.pixel_size:.3g} m the intersection over union is "
        f"{_text(pixels.iou)}, F1 {_text(pixels.f1)}, the accuracy {_text(pixels.accuracy)}."
    )
    reporter.info(
        f"Of {counts.true_positives + counts.false_negatives:,} buildings {counts.true_positives:,} are found and "
        f"{counts.false_negatives:,} missed, and {counts.false_positives:,} are false alarms: precision "
        f"{_text(counts.precision)}, recall {_text(counts.recall)}, F1 {_text(counts.f1)}."
    )
    cut = sum(int((~side).sum()) for side in result.judgement[1:])
    if cut:
        reporter.info(f"{cut:,} buildings at the border are not counted, as more than half of them lies beyond it.")
    if compared.predicted.scores is None:
        reporter.info(NO_SCORES)
    for sentence in doubts(job, result):
        reporter.warning(sentence)


def _text(value: Optional[float]) -> str:
    return "not defined" if value is None else f"{value:.3f}"


def _write_table(path: Path, result: Evaluation) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for size, (low, high) in SIZE_CLASSES.items():
            counts, mean_iou, precision = result.buildings[size]
            ratios = [counts.precision, counts.recall, counts.f1, precision, mean_iou]
            pixels = [""] * 6
            if size == "all":
                all_of = result.pixels
                scores = all_of.iou, all_of.f1, all_of.accuracy, all_of.precision, all_of.recall
                pixels = [sum(all_of), *map(_cell, scores)]
            writer.writerow(
                [
                    *(size, f"{low:g}", "" if high == float("inf") else f"{high:g}"),
                    *(counts.true_positives + counts.false_negatives, counts.true_positives + counts.false_positives),
                    *(counts.true_positives, counts.false_negatives, counts.false_positives),
                    *map(_cell, ratios),
                    *pixels,
                ]
            )


def _cell(value: Optional[float]) -> str:
    return "" if value is None else f"{value:.8g}"
