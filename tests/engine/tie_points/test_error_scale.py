"""By what predicted errors are multiplied: the truth about planted scatter."""

import numpy as np
import pytest
from sarbridge.engine.tie_points.error_scale import error_scale
from sarbridge.engine.tie_points.transforms import fit


def scattered(count, scale, seed=0):
    """Predicted errors [n] of points, and how far they lie off their affine [n]: with errors `scale` times as large."""
    random = np.random.default_rng(seed)
    sigma = random.uniform(0.2, 0.6, count)
    places = random.uniform(0, 1000, (count, 2))
    found = places + scale * sigma[:, None] * random.normal(size=(count, 2))
    return sigma, np.hypot(*(found - fit("affine", places, found).transform(places)).T)


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_the_scale_of_planted_errors_is_found(scale):
    assert error_scale(*scattered(2000, scale), "affine") == pytest.approx(scale, rel=0.05)


def test_a_tenth_of_outliers_hardly_moves_it():
    sigma, residual = scattered(2000, 1.0)
    residual[::10] = 3.0
    assert error_scale(sigma, residual, "affine") == pytest.approx(1.15, abs=0.1)


def test_what_the_fit_takes_is_given_back():
    """Residuals of few points are smaller than their errors; on average the scale is right all the same."""
    counts = 30
    found = [np.log(error_scale(*scattered(counts, 2.0, seed), "affine")) for seed in range(200)]
    believed = counts / (counts + 10)
    assert np.exp(np.mean(found) / believed) == pytest.approx(2.0, rel=0.06)


def test_few_points_say_little():
    sigma = np.full(4, 0.3)
    assert error_scale(sigma, np.zeros(4) + 1e-9, "affine") > 0.01  # it is no certainty that four lie on one affine
    assert error_scale(sigma[:3], np.zeros(3), "affine") is None
    assert error_scale(sigma[:1], np.zeros(1), "shift") is None
    one_way = [error_scale(np.full(n, 0.3), np.full(n, 1.5), "shift") for n in (2, 10, 100)]
    assert 1 < one_way[0] < one_way[1] < one_way[2]
