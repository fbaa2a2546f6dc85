"""Matched buildings against hand-made cases, and against a slow matching written out for rectangles."""

import numpy as np
import pytest
import shapely
from sarbridge.engine.buildings.matching import average_precision, match_buildings, ranking


def boxes(corners):
    return shapely.box(*np.asarray(corners, float).T)


def test_the_best_pair_of_each_wins_and_each_has_one_partner():
    reference = boxes([(0, 0, 10, 10), (20, 0, 30, 10), (50, 0, 60, 10)])
    predicted = boxes([(0, 0, 10, 8), (0, 0, 10, 9), (24, 0, 34, 10), (50, 0, 60, 5)])
    matching = match_buildings(predicted, reference)
    assert matching.partner.tolist() == [-1, 0, -1, 2]
    assert matching.iou == pytest.approx([0, 0.9, 0, 0.5])  # the third has 6 / 14
    assert matching.found.tolist() == [True, False, True]
    assert matching.correct.tolist() == [False, True, False, True]


def test_the_highest_score_chooses_first():
    reference = boxes([(0, 0, 10, 10)])
    predicted = boxes([(0, 0, 10, 9), (0, 0, 10, 8)])
    assert match_buildings(predicted, reference, np.array([0.2, 0.7])).partner.tolist() == [-1, 0]
    assert match_buildings(predicted, reference, np.array([0.7, 0.2])).partner.tolist() == [0, -1]


def test_another_overlap_can_be_asked_for():
    reference, predicted = boxes([(0, 0, 10, 10)]), boxes([(4, 0, 14, 10)])
    assert match_buildings(predicted, reference, least_iou=0.4).iou == pytest.approx([6 / 14])
    assert not match_buildings(predicted, reference, least_iou=0.43).correct.any()


def test_courtyards_and_several_parts_count_as_they_are():
    outline = [(0, 0), (10, 0), (10, 10), (0, 10)]
    court = shapely.Polygon(outline, [[(2, 2), (8, 2), (8, 8), (2, 8)]])
    parts = shapely.MultiPolygon([shapely.box(20, 0, 24, 10), shapely.box(26, 0, 30, 10)])
    predicted = np.array([shapely.Polygon(outline), shapely.box(20, 0, 30, 10)])
    matching = match_buildings(predicted, np.array([court, parts]), least_iou=0.3)
    assert matching.iou == pytest.approx([0.64, 0.8])


@pytest.mark.parametrize("count", [(0, 0), (0, 3), (3, 0)])
def test_nothing_matches_nothing(count):
    some = boxes([(0, 0, 1, 1), (2, 0, 3, 1), (4, 0, 5, 1)])
    matching = match_buildings(some[: count[0]], some[: count[1]], np.ones(count[0]))
    assert (len(matching.partner), len(matching.found)) == count
    assert not matching.correct.any() and not matching.found.any()


def slow_matching(predicted, reference, scores, least_iou):
    """The protocol of PASCAL VOC for rectangles, by their corners: each prediction looks at all of the reference."""
    partner, taken = [-1] * len(predicted), set()
    for one in sorted(range(len(predicted)), key=lambda each: -scores[each]):
        left, top, right, bottom = predicted[one]
        best, best_iou = -1, least_iou
        for other, (x0, y0, x1, y1) in enumerate(reference):
            width, height = min(right, x1) - max(left, x0), min(bottom, y1) - max(top, y0)
            shared = max(width, 0) * max(height, 0)
            iou = shared / ((right - left) * (bottom - top) + (x1 - x0) * (y1 - y0) - shared)
            if other not in taken and iou >= best_iou:
                best, best_iou = other, iou
        if best >= 0:
            partner[one] = best
            taken.add(best)
    return partner


@pytest.mark.parametrize("least_iou", [0.3, 0.5, 0.7])
def test_crowds_are_matched_as_by_a_slow_loop(least_iou):
    generator = np.random.default_rng(3)
    corner = generator.random((400, 2)) * 60
    reference = np.hstack([corner, corner + 2 + generator.random((400, 2)) * 6])
    predicted = np.concatenate([reference[:250] + generator.normal(0, 0.7, (250, 4)), reference[100:200] + 0.4])
    scores = generator.permutation(350) / 350
    matching = match_buildings(boxes(predicted), boxes(reference), scores, least_iou)
    assert matching.partner.tolist() == slow_matching(predicted.tolist(), reference.tolist(), scores, least_iou)
    assert matching.found.sum() == matching.correct.sum() > 50


def test_a_ranking_counts_from_the_highest_score_down():
    result = ranking([0.5, 0.9, 0.7, 0.7], [True, True, False, True], 4)
    assert result.thresholds.tolist() == [0.9, 0.7, 0.5]
    assert result.precision.tolist() == pytest.approx([1, 2 / 3, 3 / 4])
    assert result.recall.tolist() == pytest.approx([1 / 4, 2 / 4, 3 / 4])


def test_average_precision_by_hand():
    # Best precision at that recall or higher: 1 for the first quarter, 3 / 4 for the next two.
    assert average_precision([0.5, 0.9, 0.7, 0.7], [True, True, False, True], 4) == pytest.approx((1 + 0.75 + 0.75) / 4)
    assert average_precision([1, 1, 1, 1], [True, False, True, True], 4) == pytest.approx(0.75 * 0.75)
    assert average_precision([], [], 4) == 0
    assert average_precision([0.5], [False], 0) is None
    assert average_precision([0.5, 0.4], [True, True], 2) == 1


def test_average_precision_is_the_mean_of_the_best_precision_at_each_hit():
    """Another formula for it: every building of the reference brings the best precision at which it is reached."""
    generator = np.random.default_rng(4)
    scores, correct = generator.permutation(200) / 200, generator.random(200) < 0.6
    ordered = correct[np.argsort(-scores)]
    precisions = [ordered[: end + 1].mean() for end in range(200)]
    expected = sum(max(precisions[end:]) for end in range(200) if ordered[end]) / 150
    assert average_precision(scores, correct, 150) == pytest.approx(expected)
