"""Single echoes of walls: what part of the wall they stand for, and where they lie."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.simulation.radar.walls import Walls, corners, windows

INCIDENCE = math.radians(40)
LINES, STEP, HEIGHT = 3000, 0.5, 12.0


def walls(horizon=-1.0, turned=0.0, count=LINES):
    """One wall on each line: foot at slant range 50 m and look height 0."""
    full = [torch.full((count, 1), value) for value in (HEIGHT, HEIGHT * math.sin(INCIDENCE) * STEP, 50.0, 0.0)]
    limits = [torch.full((count, 1), value) for value in (horizon, turned)]
    return Walls(torch.zeros(count, 1, dtype=torch.int64), *full, *limits)


def seen(horizon=-1.0, step=STEP):
    return windows(walls(horizon), INCIDENCE, step, torch.Generator().manual_seed(0))


def test_windows_stand_for_the_whole_wall():
    """Exponential areas on 500 columns of 4 storeys: the mean is good to 2 % (one standard deviation)."""
    _, area = seen()
    assert area.sum() / LINES == pytest.approx(HEIGHT * math.sin(INCIDENCE) * STEP, rel=0.06)


def test_windows_are_a_lattice():
    """Storeys of 3 m, their middles laid over towards the sensor; a column every 3 m, six lines of 0.5 m."""
    slant, area = seen()
    places = 50.0 - np.array([1.5, 4.5, 7.5, 10.5]) * math.cos(INCIDENCE)
    assert sorted(set(slant[area > 0].tolist())) == pytest.approx(sorted(places), abs=1e-4)
    lines = (area > 0).any(2)[:, 0].nonzero()[:, 0]
    assert lines.diff().unique().tolist() == [6]


def test_every_coarse_line_has_windows():
    _, area = seen(step=10.0)
    assert bool((area > 0).any(2).all())


def test_what_is_hidden_does_not_shine():
    """A horizon at a look height that only the upper two storeys exceed hides the foot as well."""
    _, area = seen(horizon=6.0 * math.sin(INCIDENCE))
    assert (area > 0).any(0)[0].tolist() == [False, False, True, True] + [False] * 8
    assert bool((corners(walls(horizon=3.0), ["HH"]) == 0).all())


@pytest.mark.parametrize("turned", [0.0, 5.0, -5.0, 30.0])
def test_corner(turned):
    """HH 13 dB over the wall's area across the line of sight when seen straight on, 14 dB less when seen aslant."""
    floor = 10**-1.4
    direction = floor + (1 - floor) * math.exp(-((turned / 5) ** 2) / 2)
    expected = 10**1.3 * HEIGHT * math.sin(INCIDENCE) * STEP * direction
    assert corners(walls(turned=turned, count=1), ["HH", "VH"])[:, 0, 0].tolist() == pytest.approx(
        [expected, expected / 10**1.3], rel=1e-4
    )
