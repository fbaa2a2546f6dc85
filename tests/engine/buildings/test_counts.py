"""Counts of pixels against numbers worked out by hand."""

import numpy as np
import pytest
from sarbridge.engine.buildings.counts import Counts, iou_interval, pixel_counts, pooled


def test_ratios_are_those_of_the_textbook():
    counts = Counts(6, 2, 4, 8)
    assert counts.precision == 6 / 8
    assert counts.recall == 6 / 10
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert counts.iou == 6 / 12
    assert counts.accuracy == 14 / 20


def test_what_has_no_meaning_is_none_and_what_is_wrong_is_zero():
    missed, invented, nothing = Counts(0, 0, 3, 7), Counts(0, 3, 0, 7), Counts(0, 0, 0, 10)
    assert (missed.precision, missed.recall, missed.f1, missed.iou) == (None, 0, 0, 0)
    assert (invented.precision, invented.recall, invented.f1, invented.iou) == (0, None, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.iou, nothing.accuracy) == (None, None, None, None, 1)
    assert Counts(0, 0, 0).accuracy is None


def test_pixels_are_counted_where_both_are_known():
    predicted = np.array([[1, 1, 0, 0], [1, 0, 0, 1]], bool)
    reference = np.array([[1, 0, 1, 0], [1, 0, 1, 1]], bool)
    assert pixel_counts(predicted, reference) == (3, 1, 2, 2)
    known = np.array([[1, 1, 1, 1], [0, 0, 0, 0]], bool)
    assert pixel_counts(predicted, reference, known) == (1, 1, 1, 1)


def test_tiles_pool_to_what_the_whole_has():
    generator = np.random.default_rng(1)
    predicted, reference = generator.random((2, 60, 90)) < 0.3
    tiles = [np.s_[row : row + 20, col : col + 30] for row in range(0, 60, 20) for col in range(0, 90, 30)]
    assert pooled(pixel_counts(predicted[tile], reference[tile]) for tile in tiles) == pixel_counts(
        predicted, reference
    )
    assert pooled([]) == (0, 0, 0, 0)


def test_the_interval_covers_the_true_iou_as_often_as_it_says():
    """Tiles with intersections of 30 % of their unions, more or less: 300 experiments, 100 tiles each."""
    generator = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        unions = generator.integers(50, 500, 100)
        hits = generator.binomial(unions, np.clip(generator.normal(0.3, 0.1, 100), 0, 1))
        low, high = iou_interval([Counts(int(hit), int(union - hit), 0) for hit, union in zip(hits, unions)], draws=400)
        covered += low <= 0.3 <= high
    assert 0.9 <= covered / 300 <= 0.98


def test_an_interval_needs_tiles_with_buildings_and_is_repeatable():
    assert iou_interval([]) is None
    assert iou_interval([Counts(0, 0, 0, 9)] * 5) is None
    assert iou_interval([Counts(2, 1, 1, 0)] * 4) == (0.5, 0.5)
    tiles = [Counts(2, 1, 1), Counts(5, 0, 1), Counts(0, 3, 3), Counts(0, 0, 0, 7)]
    assert iou_interval(tiles) == iou_interval(tiles) != iou_interval(tiles, seed=1, draws=50)
