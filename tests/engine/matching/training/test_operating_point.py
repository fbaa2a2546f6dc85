"""Thresholds: the lowest that reaches the goal, else the nearest."""

import numpy as np
import torch
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.training.operating_point import (
    JudgedWindows,
    choose_operating_point,
    judged_windows,
)
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


def point_of(error, goodness, score):
    return choose_operating_point(JudgedWindows(error, goodness, np.maximum(goodness, 0.9), score))


def test_the_lowest_threshold_that_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.4, 0.5, 5.0)
    assert point_of(error, goodness, probability) == {"goodness_threshold": 0.5, "orn_threshold": 0.4}
    assert point_of(np.zeros(100), goodness, probability)["orn_threshold"] == 0


def test_the_nearest_threshold_with_enough_windows_where_none_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.8, 0.5, 5.0)
    assert point_of(error, goodness, probability)["orn_threshold"] == 0.7


def test_the_least_promising_quarter_is_not_tried():
    goodness = np.random.default_rng(0).permutation(np.linspace(0, 1, 101))
    error = np.where(goodness < 0.25, 30.0, 0.2)
    point = point_of(error, goodness, np.full(101, 0.9))
    assert point == {"goodness_threshold": 0.25, "orn_threshold": 0.0}


def test_judged_windows_of_a_network():
    """Identical images and streams: the matcher is right, and every window gets its own four numbers."""
    same = same_in_both()
    torch.manual_seed(0)
    filters = (GoodnessNet().eval(), GoodnessNet().eval()), OutlierReductionNet().eval()
    windows = judged_windows(NccMatcher(), *filters, [same, same], spacing=64)
    assert [part.shape for part in windows] == [(2 * 3 * 2,)] * 4
    assert windows.error.max() < 0.1
    assert all(((part > 0) & (part < 1)).all() for part in windows[1:])
    assert (windows.goodness() == np.minimum(windows.sar, windows.optical)).all()
    assert (windows.goodness("max") == np.maximum(windows.sar, windows.optical)).all()
