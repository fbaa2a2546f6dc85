"""Figures of real and imaginary part: what is known of simulated images is measured."""

import numpy as np
import pytest
from sarbridge.engine.despeckling.coherence import from_phases
from sarbridge.engine.despeckling.independence import independence
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_SLC
from sarbridge.tests.engine.despeckling.simulated_slc import HEIGHT, PADDED, WIDTH, shifted, simulated, surveyed
from sarbridge.tests.engine.rasters.test_grid_reader import grid_over, write


def test_coefficients_come_from_phases():
    normal = np.random.default_rng(0).normal(size=(4, 400_000))
    first, other = normal[0] + 1j * normal[1], normal[2] + 1j * normal[3]
    for expected in (0.3j, -0.7, 0.95 * np.exp(1j)):
        second = expected * first + np.sqrt(1 - abs(expected) ** 2) * other
        product = second * first.conj()
        assert from_phases(np.mean(product / np.abs(product))) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("preset", [SENTINEL1_IW_SLC, PADDED])
def test_bandwidth_is_that_of_the_impulse_response(tmp_path, preset):
    """The flat spectrum with as many independent samples: the squared mean of the power over its mean square."""
    found = surveyed(tmp_path, shifted(simulated(preset), 0.1, 0.3)).after.bandwidth
    for share, sampling in zip(found, (preset.range, preset.azimuth)):
        frequencies = np.linspace(-0.5, 0.5, 2001) / sampling.spacing
        power = np.array([sampling.window(each) for each in frequencies]) ** 2
        assert share == pytest.approx(power.mean() ** 2 / (power**2).mean(), abs=0.03)


def test_correlated_parts_are_told_by_how_much(tmp_path):
    """b is half of a's neighbour: no shift of the spectrum undoes that."""
    normal = np.random.default_rng(0).normal(size=(2, HEIGHT, WIDTH + 1))
    samples = normal[0, :, 1:] + 1j * (0.8 * normal[1, :, 1:] + 0.6 * normal[0, :, :-1])
    found = surveyed(tmp_path, samples[None].astype(np.complex64))
    assert found.before.correlation == pytest.approx(0.3, abs=0.03)  # half of it counts as circular
    assert max(found.before.correlation, found.after.correlation) > 0.1


def test_correlation_is_that_of_the_impulse_response(tmp_path):
    """A quarter of the sampling frequency turns all correlation of neighbours into that of real and imaginary part."""
    source, grid = write(tmp_path / "slc.tif", shifted(simulated(), 0.25)), grid_over(WIDTH, HEIGHT)
    sampling = SENTINEL1_IW_SLC.range
    frequencies = np.linspace(-0.5, 0.5, 2001)
    power = np.array([sampling.window(each / sampling.spacing) for each in frequencies]) ** 2
    with ComplexReader(source, grid) as reader:
        found = independence(reader)
    expected = (power * np.cos(2 * np.pi * frequencies)).sum() / power.sum()
    assert found.correlation == pytest.approx(expected, abs=0.03)
    assert found.noncircularity < 0.02 and found.roughness == pytest.approx(1, abs=0.1)


def test_power_of_the_parts_is_compared(tmp_path):
    samples = simulated()
    found = surveyed(tmp_path, samples.real + 0.5j * samples.imag).before
    assert found.noncircularity == pytest.approx((1 - 0.5) / (1 + 0.5), abs=0.02)
