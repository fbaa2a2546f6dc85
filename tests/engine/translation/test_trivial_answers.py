"""Trivial answers: statistics of what is valid, and the least squares that numpy finds in one go."""

import numpy as np
import pytest
from sarbridge.engine.translation.trivial_answers import TrivialFit, local_statistics


def test_statistics_are_those_of_the_windows():
    sar = np.random.default_rng(0).gamma(2, 0.1, (50, 60))
    value, mean_3, mean_7, mean_31, deviation_7, deviation_31 = local_statistics(sar)[:, 20, 30]
    windows = {side: sar[20 - side // 2 : 21 + side // 2, 30 - side // 2 : 31 + side // 2] for side in (3, 7, 31)}
    assert value == pytest.approx(sar[20, 30])
    assert [mean_3, mean_7, mean_31] == pytest.approx([window.mean() for window in windows.values()], rel=1e-5)
    assert [deviation_7, deviation_31] == pytest.approx([windows[7].std(), windows[31].std()], rel=1e-5)


def test_statistics_leave_out_holes_and_what_is_beyond_the_edge():
    sar = np.random.default_rng(1).normal(-12, 3, (40, 40))
    valid = np.ones(sar.shape, bool)
    valid[:, 10:14] = False
    statistics = local_statistics(np.where(valid, sar, 500), valid)
    known = sar[:4, 4:11][valid[:4, 4:11]]
    assert statistics[[2, 4], 0, 7] == pytest.approx([known.mean(), known.std()], rel=1e-5)


def test_the_regression_is_the_least_squares_of_all_pixels_together():
    random = np.random.default_rng(2)
    images = [(random.random((6, 9, 8)), random.random((3, 9, 8)), random.random((9, 8)) < 0.7) for _ in range(3)]
    fit = TrivialFit(bands=3)
    for statistics, colours, valid in images:
        fit.add(statistics, colours, valid)
    predictors = np.concatenate([statistics[:, valid] for statistics, _, valid in images], 1)
    truths = np.concatenate([colours[:, valid] for _, colours, valid in images], 1)
    weights = np.linalg.lstsq(np.vstack([np.ones(predictors.shape[1]), predictors]).T, truths.T, rcond=None)[0]
    assert fit.answers().weights == pytest.approx(weights)
    assert fit.answers().mean_colour == pytest.approx(truths.mean(1))


def test_weights_say_how_often_a_pixel_counts():
    fit = TrivialFit(bands=1)
    for colour, weight in ((0.2, 3.0), (0.6, 1.0)):
        fit.add(np.zeros((6, 2, 2)), np.full((1, 2, 2), colour), weight=weight)
    assert fit.answers().mean_colour == pytest.approx([0.3])
    assert fit.answers().constant(4, 5).shape == (1, 4, 5)


def test_an_image_without_contrast_gives_its_mean_colour():
    colours = np.random.default_rng(3).random((3, 20, 20))
    statistics = local_statistics(np.full((20, 20), 0.3))
    fit = TrivialFit(bands=3)
    fit.add(statistics, colours)
    answered = fit.answers().regression(statistics)
    assert answered == pytest.approx(np.broadcast_to(colours.mean((1, 2), keepdims=True), colours.shape), abs=1e-5)
