"""What a comparison of buildings comes to, and what there is to doubt about it."""

from collections.abc import Mapping
from typing import NamedTuple, Optional

from ...contract.buildings_jobs import EvaluateBuildingsJob
from ...contract.errors import UserError
from .building_scores import ClassScores, Judgement, judge, scores_by_size
from .compared_buildings import Compared
from .counts import Counts, iou_interval, pooled

_FEWEST_TILES = 10
"""Tiles with buildings from which an interval is given: fewer say little about how far they differ."""

NO_SCORES = (
    "The predicted buildings have no scores, so that the average precision is that of one operating point: precision "
    "times recall."
)


class Evaluation(NamedTuple):
    """What was found: `pixels`, all of them; `interval` of their IoU, (low, high) at 95 %, None of few tiles;
    `buildings`, by the names of `SIZE_CLASSES`; `judgement` of each."""

    pixels: Counts
    interval: Optional[tuple[float, float]]
    buildings: Mapping[str, ClassScores]
    judgement: Judgement


def evaluated(job: EvaluateBuildingsJob, compared: Compared) -> Evaluation:
    """Return the `Evaluation` of what a job compares; raises `UserError` where no pixel is known to both."""
    pixels = pooled(compared.tiles)
    if not sum(pixels):
        raise UserError(
            f"Layers '{job.predicted.source.name}' and '{job.reference.source.name}' have no pixel that both know: "
            "choose layers of the same place, an area on them, or correct their no-data values."
        )
    built = [tile for tile in compared.tiles if tile.iou is not None]
    judgement = judge(compared.predicted, compared.reference)
    return Evaluation(
        pixels,
        iou_interval(built) if len(built) >= _FEWEST_TILES else None,
        scores_by_size(compared.predicted, compared.reference, judgement),
        judgement,
    )


def everything(pixels: Counts) -> Counts:
    """Return the `Counts` of the trivial answer: that all is built."""
    return Counts(pixels.true_positives + pixels.false_negatives, pixels.false_positives + pixels.true_negatives, 0)


def doubts(job: EvaluateBuildingsJob, result: Evaluation) -> list[str]:
    """Return sentences on what makes the scores say little, one at most."""
    pixels, counts = result.pixels, result.buildings["all"].counts
    if not pixels.true_positives + pixels.false_negatives:
        return [
            f"Layer '{job.reference.source.name}' has no building where things are compared: recall has no meaning "
            "there, and every building that is predicted is a false alarm."
        ]
    if not pixels.true_positives + pixels.false_positives:
        return [f"Layer '{job.predicted.source.name}' has no building where things are compared: all are missed."]
    if pixels.iou <= everything(pixels).iou < 1:
        return [
            "The prediction is no better than to call everything built: check that both layers show the same place, "
            "and that the value of the mask that means a building is not 0."
        ]
    if not counts.true_positives:
        return [
            "No predicted building has half of its area in common with one of the reference: check whether one of the "
            "layers is displaced, or whether neighbouring buildings are joined in the prediction."
        ]
    return []
