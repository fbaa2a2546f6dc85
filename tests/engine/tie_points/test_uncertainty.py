"""What a transform may be off by: it covers what it is off by, whatever the points have in common with neighbours."""

import numpy as np
import pytest
from sarbridge.engine.tie_points.transforms import fit
from sarbridge.engine.tie_points.uncertainty import largest_error, possible_errors

CORNERS = np.array([(0, 0), (1000, 0), (0, 1000), (1000, 1000)], float)


def scattered(seed, count, noise):
    """Return points of a shift of (60, -45), whose errors have a standard deviation of `noise` along each axis."""
    random = np.random.default_rng(seed)
    source = random.uniform(0, 1000, (count, 2))
    return source, source + (60, -45) + random.normal(0, noise, (count, 2))


def bound(kind, source, destination):
    return largest_error(possible_errors(fit(kind, source, destination), CORNERS))


@pytest.mark.parametrize("kind, count", [("shift", 5), ("shift", 60), ("affine", 12), ("affine", 100)])
def test_the_bound_holds_about_as_often_as_it_says(kind, count):
    held, bounds = 0, []
    for seed in range(40):
        source, destination = scattered(seed, count, 0.5)
        errors = fit(kind, source, destination).transform(CORNERS) - CORNERS - (60, -45)
        bounds.append(bound(kind, source, destination))
        held += np.linalg.norm(errors, axis=1).max() <= bounds[-1]
    assert held >= 34
    assert np.median(bounds) < 3 * np.sqrt({"shift": 1, "affine": 10}[kind] / count)  # and is no empty promise


def test_errors_that_neighbours_share_count():
    """As relief makes them: the same number of points says less."""
    source, destination = scattered(0, 160, 0.1)
    alone = bound("affine", source, destination + np.random.default_rng(1).choice((-0.5, 0.5), (160, 1)))
    shared = bound("affine", source, destination + 0.5 * np.sign(np.sin(source[:, :1] / 100)))
    assert shared > 1.5 * alone


def test_a_scale_of_units_scales_it():
    source, destination = scattered(2, 30, 0.5)
    errors = possible_errors(fit("affine", source, destination), CORNERS)
    assert largest_error(10 * errors) == pytest.approx(10 * largest_error(errors))


@pytest.mark.parametrize("kind, count", [("shift", 1), ("affine", 3), ("polynomial2", 6), ("tps", 30)])
def test_nothing_is_known_without_a_point_to_spare(kind, count):
    source, destination = scattered(3, count, 0.5)
    assert possible_errors(fit(kind, source, destination), CORNERS) is None


def test_points_of_two_crowds_are_left_out_one_by_one():
    source, destination = scattered(4, 8, 0.5)
    source[:4] *= 0.01
    assert np.isfinite(bound("affine", source, destination))
