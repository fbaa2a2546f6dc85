"""Factors of learning rates."""

import math

import pytest
from sarbridge.engine.training.schedules import constant, cosine, level_then_linear, one_cycle


def test_a_cosine_after_a_warm_up():
    factor = cosine(warm_up=10)
    assert [factor(step, 100) for step in (0, 50, 75)] == pytest.approx([0.1, 0.5, 0.5 * (1 - math.sqrt(0.5))])
    assert factor(9, 10**9) == pytest.approx(1)
    assert factor(4, 10**9) == pytest.approx(0.5)
    assert cosine()(0, 100) == 1 and 0 < cosine()(99, 100) < 1e-3


def test_a_constant():
    assert constant(3, 7) == 1


def test_a_level_and_then_a_slope():
    factor = level_then_linear()
    assert [factor(step, 200) for step in (0, 99, 100, 150, 199)] == pytest.approx([1, 1, 1, 0.5, 0.01])
    assert level_then_linear(0.75)(90, 100) == pytest.approx(0.4)


def test_one_cycle_up_and_down():
    factor = one_cycle(0.1)
    assert [factor(step, 101) for step in (0, 25, 50, 100)] == pytest.approx([0.1, 0.55, 1, 0.1])
    assert factor(0, 1) > 0
