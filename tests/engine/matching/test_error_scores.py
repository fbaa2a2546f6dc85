"""Scores of errors, by hand."""

import math

import pytest
from sarbridge.engine.matching.error_scores import scores_of


def test_scores_by_hand():
    scores = scores_of([4.0, 0.5, 100.0, 1.0, 2.0])
    assert (scores.within_1, scores.within_3, scores.mean, scores.count) == (40, 60, 21.5, 5)
    # Spread of {0.5, 1} below 1 px, of {0.5, 1, 2} below 2 and 3 px, of {0.5, 1, 2, 4} below 4 to 32 px.
    assert scores.map == pytest.approx((0.25 + 2 * math.sqrt(7 / 18) + 29 * math.sqrt(115 / 64)) / 32)


def test_errors_that_are_all_large_have_no_spread():
    """Which is no number that reports, cards or results could show."""
    assert scores_of([33.0, 80.0]) == (0, 0, 56.5, None, 2)
