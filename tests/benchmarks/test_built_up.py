"""The benchmark of built-up areas: rivals get the threshold that suits them best."""

import numpy as np
import pytest
from sarbridge.benchmarks.built_up import best_split, features, iou, row


@pytest.fixture
def built():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 5:20] = True
    return mask


@pytest.mark.parametrize("sign", [1, -1])
def test_the_best_threshold_is_found_on_either_side(built, sign):
    values = sign * (built * 3.0 + np.random.default_rng(0).random(built.shape))
    threshold, side = best_split(values, built)
    assert side == sign and iou(side * values >= side * threshold, built) > 0.97


def test_texture_is_looked_at(built):
    noise = np.random.default_rng(0).standard_normal((2, *built.shape))
    found = features(noise * (1 + 9 * built))
    assert len(found) == 3 * (1 + 2 * 4)
    best = {name: iou(s * found[name] >= s * t, built) for name in found for t, s in [best_split(found[name], built)]}
    assert best["VV + VH, deviation in 5 px"] > 0.7 > 0.6 > best["VV"]


def test_a_row_says_what_is_found_everywhere(built):
    assert row("all", [np.ones_like(built), built], built) == "| all | 0.188 | 100.0 | 18.8 |"
