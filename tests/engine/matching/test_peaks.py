"""Peaks of heat maps whose truth is known analytically."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.peaks import EXCLUSION, find_peaks


def paraboloid(x, y, side=65, curvature=(0.01, 0.02)):
    """A heat map with its vertex at (x, y) from the centre, 1 high."""
    steps = np.arange(side) - side // 2
    return torch.tensor(
        1 - curvature[0] * (steps[None, :] - x) ** 2 - curvature[1] * (steps[:, None] - y) ** 2, dtype=torch.float32
    )


def spikes(side, *heights):
    """A flat heat map with single cells (row, col, height) on it."""
    heat = torch.zeros(1, side, side)
    for row, col, height in heights:
        heat[0, row, col] = height
    return heat


@pytest.mark.parametrize(("x", "y"), [(0, 0), (3.3, -7.45), (-31.2, 12.5), (0.49, 30.7)])
def test_vertex_of_a_paraboloid(x, y):
    peaks = find_peaks(paraboloid(x, y)[None])
    assert peaks.dx.item() == pytest.approx(x, abs=1e-3)
    assert peaks.dy.item() == pytest.approx(y, abs=1e-3)


def test_every_map_has_its_own_peak():
    truths = [(1.25, -2.5), (-8.75, 20.1), (0, 0)]
    peaks = find_peaks(torch.stack([paraboloid(x, y) for x, y in truths]))
    np.testing.assert_allclose(torch.stack((peaks.dx, peaks.dy), 1), truths, atol=1e-3)
    np.testing.assert_allclose(
        peaks.height, [1 - 0.01 * 0.25**2 - 0.02 * 0.5**2, 1 - 0.01 * 0.25**2 - 0.02 * 0.1**2, 1]
    )


def test_whole_pixels_at_the_edge():
    """A vertex beyond the map: no neighbour on one side, so the cell itself; along the edge the parabola holds."""
    peaks = find_peaks(torch.stack((paraboloid(40, 3.3), paraboloid(-7.25, -50))))
    np.testing.assert_allclose(peaks.dx, [32, -7.25], atol=1e-3)
    np.testing.assert_allclose(peaks.dy, [3.3, -32], atol=1e-3)
    assert peaks.at_edge.all() and not find_peaks(paraboloid(31, -31)[None]).at_edge


def test_height_and_ratio():
    peaks = find_peaks(spikes(33, (10, 20, 0.8), (25, 4, 0.4)))
    mean = 1.2 / 33**2
    assert peaks.height.item() == pytest.approx(0.8)
    assert peaks.ratio.item() == pytest.approx((0.8 - mean) / (0.4 - mean), rel=1e-5)
    assert (peaks.dx.item(), peaks.dy.item()) == (20 - 16, 10 - 16)


@pytest.mark.parametrize(("distance", "counts"), [(EXCLUSION - 1, False), (EXCLUSION, True)])
def test_the_flank_of_a_peak_is_no_second_peak(distance, counts):
    peaks = find_peaks(spikes(33, (16, 16, 1.0), (16 + distance, 16 - 2, 0.9), (2, 2, 0.5)))
    mean = 2.4 / 33**2
    second = 0.9 if counts else 0.5
    assert peaks.ratio.item() == pytest.approx((1 - mean) / (second - mean), rel=1e-5)


def test_constant_map_does_not_stand_out():
    peaks = find_peaks(torch.full((1, 17, 17), 0.3))
    assert peaks.ratio.item() == pytest.approx(0, abs=1)
    assert -0.5 <= peaks.dx.item() + 8 <= 0.5


def test_no_second_peak_in_a_small_map():
    assert find_peaks(spikes(9, (4, 4, 1.0))).ratio.isnan().all()
    assert find_peaks(spikes(9, (3, 4, 1.0), (8, 0, 0.5))).ratio.isfinite().all()


def test_cells_of_minus_infinity_are_not_looked_at():
    """Neither as peak, nor in the mean, nor as neighbour of a vertex."""
    heat = spikes(33, (10, 20, 0.9), (25, 4, 0.8), (25, 30, 0.4))
    heat[:, :, 20:21] = -torch.inf
    heat[:, 24] = -torch.inf
    peaks = find_peaks(heat)
    assert peaks.at_edge
    counted = 33 * 33 - 33 - 33 + 1
    mean = 1.2 / counted
    assert (peaks.dx.item(), peaks.dy.item()) == (4 - 16, 25 - 16)
    assert peaks.ratio.item() == pytest.approx((0.8 - mean) / (0.4 - mean), rel=1e-5)
