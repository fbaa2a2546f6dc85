"""How many buildings were found, missed and invented, by their size."""

import math
from typing import NamedTuple, Optional

import numpy as np

from .compared_buildings import Buildings
from .counts import Counts
from .matching import Matching, average_precision, match_buildings

LEAST_IOU = 0.5
"""Intersection over union from which two outlines are one building."""

SIZE_CLASSES = {
    "all": (0.0, math.inf),
    "under 50 m²": (0.0, 50.0),
    "50 to 150 m²": (50.0, 150.0),
    "150 to 500 m²": (150.0, 500.0),
    "500 to 2000 m²": (500.0, 2000.0),
    "from 2000 m²": (2000.0, math.inf),
}
"""Name -> square metres from, and below, which: sheds and garages, houses, rows and small blocks, blocks of flats,
halls."""


class Judgement(NamedTuple):
    """Which buildings are which: `matching`; `predicted` bool [n], `reference` bool [m]: those that count.

    A pair counts where its reference does, so that no claim is false of a building that is cut off by the border.
    """

    matching: Matching
    predicted: np.ndarray
    reference: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """Predictions that are right: bool [n]."""
        return self.matching.correct & self.predicted

    @property
    def false_alarms(self) -> np.ndarray:
        """Predictions that are wrong: bool [n]."""
        return ~self.matching.correct & self.predicted

    @property
    def found(self) -> np.ndarray:
        """Buildings of the reference that were found: bool [m]."""
        return self.matching.found & self.reference

    @property
    def misses(self) -> np.ndarray:
        """Buildings of the reference that were not: bool [m]."""
        return ~self.matching.found & self.reference


class ClassScores(NamedTuple):
    """The buildings of one size: their `counts`, the mean IoU of the pairs, and the average precision; None: of none.

    Pairs and misses have the size of the reference, false alarms their own, as in COCO.
    """

    counts: Counts
    mean_iou: Optional[float]
    average_precision: Optional[float]


def judge(predicted: Buildings, reference: Buildings) -> Judgement:
    """Return which buildings of both sides are one, at `LEAST_IOU`."""
    matching = match_buildings(predicted.polygons, reference.polygons, predicted.scores, LEAST_IOU)
    counted = predicted.counted.copy()
    counted[matching.correct] = reference.counted[matching.partner[matching.correct]]
    return Judgement(matching, counted, reference.counted)


def scores_by_size(predicted: Buildings, reference: Buildings, judgement: Judgement) -> dict[str, ClassScores]:
    """Return the scores by the names of `SIZE_CLASSES`."""
    correct = judgement.matching.correct
    sizes = predicted.areas.copy()
    sizes[correct] = reference.areas[judgement.matching.partner[correct]]
    return {
        name: _scores(predicted, judgement, _within(sizes, bounds), _within(reference.areas, bounds))
        for name, bounds in SIZE_CLASSES.items()
    }


def _scores(predicted, judgement, claimed, true):
    hits, false_alarms, misses = judgement.hits & claimed, judgement.false_alarms & claimed, judgement.misses & true
    counts = Counts(*(int(np.count_nonzero(each)) for each in (hits, false_alarms, misses)))
    ranked = hits | false_alarms
    certainty = np.zeros(len(ranked)) if predicted.scores is None else predicted.scores
    return ClassScores(
        counts,
        float(judgement.matching.iou[hits].mean()) if hits.any() else None,
        average_precision(certainty[ranked], hits[ranked], counts.true_positives + counts.false_negatives),
    )


def _within(areas, bounds):
    return (areas >= bounds[0]) & (areas < bounds[1])
