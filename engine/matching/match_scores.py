"""What judged tie points come to: the measures of the thesis, in numbers, and what there is to doubt about them."""

from typing import NamedTuple, Optional

import numpy as np

from ...contract.match_evaluation_jobs import EvaluateMatchingJob
from ...contract.tie_points import WITHIN_SIGMA
from .error_scores import Scores, scores_of
from .judged_points import JudgedPoints

_FEW = 10
"""Points: shares of fewer say little."""


class Errors(NamedTuple):
    """`scores` of some points in working pixels, their `median`, both in metres, and the mean error east and north."""

    scores: Scores
    median: float
    mean_metres: float
    median_metres: float
    mean_off: tuple[float, float]


class MatchScores(NamedTuple):
    """Of the accepted points, of those rejected although a match was found, and of both; None where there are none.

    `share_kept`: accepted points of all places that were tried, in percent, None where those rejected are unknown.
    `within_sigma`: of the accepted points with a predicted error the share in percent that is off by less than once and
    twice as much, empty without such.
    """

    accepted: Optional[Errors]
    rejected: Optional[Errors]
    matched: Optional[Errors]
    share_kept: Optional[float]
    within_sigma: dict[float, float]


def match_scores(judged: JudgedPoints, all_known: bool) -> MatchScores:
    """Return the `MatchScores` of points; `all_known`: rejected ones were not left out, even if there is none."""
    matched = judged.matched
    accepted = judged.take(matched & judged.accepted)
    share = None
    if len(judged.ids) and (all_known or not judged.accepted.all()):
        share = 100 * float(judged.accepted.mean())
    predicted = accepted.take(np.isfinite(accepted.sigma))
    ratios = predicted.pixels / predicted.sigma
    return MatchScores(
        _errors(accepted),
        _errors(judged.take(matched & ~judged.accepted)),
        _errors(judged.take(matched)),
        share,
        {times: 100 * float((ratios <= times).mean()) for times in WITHIN_SIGMA} if len(ratios) else {},
    )


def numbers_of(scores: MatchScores) -> dict[str, Optional[float]]:
    """Return the declared numbers, None where there are none."""
    errors = scores.accepted
    within = [scores.within_sigma.get(times) for times in WITHIN_SIGMA]
    return {
        "COUNT": errors.scores.count if errors else 0,
        "WITHIN_1": errors and errors.scores.within_1,
        "WITHIN_3": errors and errors.scores.within_3,
        "MEAN_ERROR": errors and errors.scores.mean,
        "MEDIAN_ERROR": errors and errors.median,
        "MAP": errors and errors.scores.map,
        "MEAN_ERROR_M": errors and errors.mean_metres,
        "MEDIAN_ERROR_M": errors and errors.median_metres,
        "MEAN_EAST_M": errors and errors.mean_off[0],
        "MEAN_NORTH_M": errors and errors.mean_off[1],
        "SHARE_KEPT": scores.share_kept,
        "WITHIN_1_ALL": scores.matched and scores.matched.scores.within_1,
        "WITHIN_1_SIGMA": within[0],
        "WITHIN_2_SIGMA": within[1],
    }


def doubts(judged: JudgedPoints, job: EvaluateMatchingJob) -> list[str]:
    """Return sentences on what makes the scores of a job say little."""
    accepted = judged.take(judged.matched & judged.accepted)
    if not len(accepted.ids):
        return ["No point was accepted, so that nothing is known about errors: look at those that were rejected."]
    sentences = []
    if len(accepted.ids) < _FEW:
        sentences.append(f"Only {len(accepted.ids)} points are judged: shares of so few say little.")
    if job.checks and not accepted.pixels.any():
        sentences.append(
            f"The points lie exactly where the check points '{job.checks.name}' say: perhaps they are the same points, "
            "which tell nothing about errors."
        )
    middle = np.median(accepted.off, axis=0) / judged.pixel_size
    spread = np.linalg.norm(accepted.off / judged.pixel_size - middle, axis=1)
    if np.hypot(*middle) > 1 and np.median(spread) < np.hypot(*middle) / 2:
        east, north = middle * judged.pixel_size
        because = "what is taken for true is not, or for another image"
        if job.is_planted:
            because = "the layers are not aligned"
        sentences.append(
            f"Most points are off alike, by {np.hypot(*middle):.1f} working pixels ({east:.1f} m east, {north:.1f} m "
            f"north), and agree better with each other: perhaps {because}."
        )
    return sentences


def _errors(judged: JudgedPoints) -> Optional[Errors]:
    if not len(judged.ids):
        return None
    metres = judged.metres
    return Errors(
        scores_of(judged.pixels),
        float(np.median(judged.pixels)),
        float(metres.mean()),
        float(np.median(metres)),
        tuple(judged.off.mean(axis=0).tolist()),
    )
