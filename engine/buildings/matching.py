"""Which predicted building is which of the reference, and how good the predictions are as a ranked list.

Buildings are matched as in PASCAL VOC and COCO (Everingham et al. 2010; Lin et al. 2014): one to one, the highest score
first, by intersection over union. Polygons are valid shapely polygons or multipolygons in one planar CRS, whose units
do not matter.
"""

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np
import shapely

_AT_ONCE = 4096
"""Predicted buildings whose neighbours are held at once."""


class Matching(NamedTuple):
    """Pairs of buildings: `partner` int [n], the place in the reference of each prediction's partner, -1 without one;
    `iou` float64 [n], that with the partner, 0 without one; `found` bool [m], which of the reference have a partner."""

    partner: np.ndarray
    iou: np.ndarray
    found: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Which predictions have a partner: bool [n]."""
        return self.partner >= 0


class Ranking(NamedTuple):
    """Precision and recall, float64 [k], of the predictions that score at least each of `thresholds`, from high to
    low."""

    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


def match_buildings(
    predicted: Sequence[shapely.Geometry],
    reference: Sequence[shapely.Geometry],
    scores: Optional[np.ndarray] = None,
    least_iou: float = 0.5,
) -> Matching:
    """Match n predicted with m reference buildings that they have an intersection over union of `least_iou` with.

    scores: float [n], finite; the higher one chooses first. Among equal ones, as without any, the closest pair is
    first.
    """
    predicted, reference = (np.asarray(each, object) for each in (predicted, reference))
    ones, others, iou = _pairs(predicted, reference, least_iou)
    ranks = np.zeros(len(predicted)) if scores is None else -np.asarray(scores, float)
    partner, found = np.full(len(predicted), -1), np.zeros(len(reference), bool)
    matched = np.zeros(len(predicted))
    for pair in np.lexsort([others, ones, -iou, ranks[ones]]).tolist():
        one, other = ones[pair], others[pair]
        if partner[one] < 0 and not found[other]:
            partner[one], found[other], matched[one] = other, True, iou[pair]
    return Matching(partner, matched, found)


def _pairs(predicted, reference, least_iou):
    """Return (place in `predicted` int [k], place in `reference` int [k], IoU [k]) of all pairs close enough."""
    tree = shapely.STRtree(reference)
    areas, other_areas = shapely.area(predicted), shapely.area(reference)
    found = [np.empty((2, 0), int)], [np.empty(0)]
    for start in range(0, len(predicted), _AT_ONCE):
        ones, others = tree.query(predicted[start : start + _AT_ONCE])
        ones = ones + start
        area, other = areas[ones], other_areas[others]
        # What differs so much in size cannot match: a blob over a whole town is not cut with each of its houses.
        near = (area > 0) & (np.minimum(area, other) >= least_iou * np.maximum(area, other))
        ones, others, both = ones[near], others[near], (area + other)[near]
        shared = shapely.area(shapely.intersection(predicted[ones], reference[others]))
        iou = shared / (both - shared)
        close = (iou >= least_iou) & (shared > 0)
        found[0].append(np.stack([ones, others])[:, close])
        found[1].append(iou[close])
    return *np.concatenate(found[0], axis=1), np.concatenate(found[1])


def ranking(scores: np.ndarray, correct: np.ndarray, references: int) -> Ranking:
    """Return the `Ranking` of predictions, at each score that occurs.

    scores: float [n]; correct: bool [n], which of them have a partner; references: buildings that are there, of which
    there must be some. Predictions of several images are put one after the other, and their references summed.
    """
    scores, correct = np.asarray(scores, float), np.asarray(correct, bool)
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], np.cumsum(correct[order])
    last = np.flatnonzero(np.diff(scores, append=np.nan))  # equal scores cannot be told apart: they come together
    return Ranking(scores[last], hits[last] / (last + 1), hits[last] / references)


def average_precision(scores: np.ndarray, correct: np.ndarray, references: int) -> Optional[float]:
    """Return the area under precision over recall, 0..1; arguments as of `ranking`; None without references.

    Precision is the best at that recall or a higher one, as in PASCAL VOC since 2010: every step counts, other than in
    COCO, which looks at 101 of them. Of predictions that all score alike it is precision times recall.
    """
    if not references:
        return None
    _, precision, recall = ranking(scores, correct, references)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * best))
