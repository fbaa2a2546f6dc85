"""Thresholds: the lowest that reaches the goal, else the nearest."""

import numpy as np
import torch
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.training.operating_point import choose_operating_point, judged_windows
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


def test_the_lowest_threshold_that_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.4, 0.5, 5.0)
    assert choose_operating_point(error, goodness, probability) == {"goodness_threshold": 0.5, "orn_threshold": 0.4}
    assert choose_operating_point(np.zeros(100), goodness, probability)["orn_threshold"] == 0


def test_the_nearest_threshold_with_enough_windows_where_none_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.8, 0.5, 5.0)
    assert choose_operating_point(error, goodness, probability)["orn_threshold"] == 0.7


def test_the_least_promising_quarter_is_not_tried():
    goodness = np.random.default_rng(0).permutation(np.linspace(0, 1, 101))
    error = np.where(goodness < 0.25, 30.0, 0.2)
    point = choose_operating_point(error, goodness, np.full(101, 0.9))
    assert point == {"goodness_threshold": 0.25, "orn_threshold": 0.0}


def test_judged_windows_of_a_network():
    """Identical images and streams: the matcher is right, and every window gets its own three numbers."""
    same = same_in_both()
    torch.manual_seed(0)
    filters = (GoodnessNet().eval(), GoodnessNet().eval()), OutlierReductionNet().eval()
    error, promise, probability = judged_windows(NccMatcher(), *filters, [same, same], spacing=64)
    assert error.shape == promise.shape == probability.shape == (2 * 3 * 2,)
    assert error.max() < 0.1
    assert ((promise > 0) & (promise < 1) & (probability > 0) & (probability < 1)).all()
