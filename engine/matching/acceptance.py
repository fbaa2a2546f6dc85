"""What a candidate must pass to become a tie point: thresholds and tolerances of a run."""

from typing import Optional

from ...contract.matching_jobs import CANDIDATES_BY_GOODNESS, LEARNED_METHODS, MatchTiePointsJob
from ...models.card import Card

MOST_INVALID = 0.1
"""Share of a template, and of what it is laid over, that may be without data."""

TOLERANCE_PX = 3.0
"""Working pixels within which a match agrees with the transform of the outlier test."""


def goodness_threshold(job: MatchTiePointsJob, card: Optional[Card]) -> Optional[float]:
    """Return the goodness, 0..1, that a place needs in a run; None where nothing is tested.

    What the user chose counts; below 0, the operating point on the model's `card` (None without a model).
    """
    return (
        _in_force(job.goodness_threshold, card, "goodness_threshold")
        if job.candidates in CANDIDATES_BY_GOODNESS
        else None
    )


def orn_threshold(job: MatchTiePointsJob, card: Optional[Card]) -> Optional[float]:
    """Return the score, 0..1, that a match needs, like `goodness_threshold`.

    None for classical methods, too, and where the model predicts errors unless the user chose a score.
    """
    if job.method not in LEARNED_METHODS or (job.orn_threshold < 0 and predicts_errors(card)):
        return None
    return _in_force(job.orn_threshold, card, "orn_threshold")


def largest_sigma(job: MatchTiePointsJob, card: Optional[Card]) -> Optional[float]:
    """Return the error in working pixels that may be predicted of a match, None where no errors are predicted."""
    if job.method not in LEARNED_METHODS or not predicts_errors(card):
        return None
    return _in_force(job.largest_sigma, card, "largest_sigma")


def predicts_errors(card: Optional[Card]) -> bool:
    """Return whether a model predicts the errors of its matches."""
    return card is not None and "match_error" in card.networks


def _in_force(chosen: float, card: Optional[Card], name: str) -> Optional[float]:
    if chosen >= 0:
        return chosen
    return card.operating_point.get(name) if card else None
