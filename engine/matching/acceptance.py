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
    return _in_force(job.goodness_threshold, card, "goodness") if job.candidates in CANDIDATES_BY_GOODNESS else None


def orn_threshold(job: MatchTiePointsJob, card: Optional[Card]) -> Optional[float]:
    """Return the score, 0..1, that a match needs, like `goodness_threshold`; None for classical methods, too."""
    return _in_force(job.orn_threshold, card, "orn") if job.method in LEARNED_METHODS else None


def _in_force(chosen: float, card: Optional[Card], network: str) -> Optional[float]:
    if chosen >= 0:
        return chosen
    return card.operating_point.get(f"{network}_threshold") if card else None
