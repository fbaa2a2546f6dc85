"""Speckle on homogeneous ground, against the distributions that theory gives it."""

import numpy as np
import pytest
import torch
from sarbridge.engine.simulation.radar.sar_presets import (
    SENTINEL1_IW_GRD,
    SENTINEL1_IW_SLC,
    TERRASARX_STRIPMAP,
    XBAND_HALF_METRE,
)
from sarbridge.engine.simulation.radar.speckle_noise import (
    expected_intensity,
    impulse_spectrum,
    look_weights,
    speckle,
)
from scipy.integrate import quad
from scipy.stats import gamma, kstest

PRESETS = [SENTINEL1_IW_GRD, SENTINEL1_IW_SLC, TERRASARX_STRIPMAP, XBAND_HALF_METRE]
POWER = 0.07
SIDE = 600


def homogeneous(preset, looks, seed=0):
    """Return single looks [K, SIDE, SIDE], complex128, over a power of `POWER`."""
    power = torch.full((1, SIDE, SIDE), POWER)
    generator = torch.Generator().manual_seed(seed)
    return speckle(power, preset.azimuth, preset.range, looks, generator)[:, 0].numpy().astype(complex)


def intensity(preset, looks):
    weights = look_weights(looks).numpy()
    return np.tensordot(weights, np.abs(homogeneous(preset, looks)) ** 2, 1)


@pytest.mark.parametrize("preset", PRESETS)
def test_single_look_is_exponential(preset):
    apart = np.abs(homogeneous(preset, 1)[0, ::16, ::16]) ** 2
    assert kstest(apart.ravel() / POWER, "expon").pvalue > 0.01


@pytest.mark.parametrize("looks", [2, 4, 9])
def test_looks_are_gamma(looks):
    apart = intensity(SENTINEL1_IW_GRD, looks)[::16, ::16]
    assert kstest(apart.ravel() / POWER, gamma(looks, scale=1 / looks).cdf).pvalue > 0.01


@pytest.mark.parametrize("looks", [1, 3, 4.4])
def test_power_and_number_of_looks(looks):
    values = intensity(SENTINEL1_IW_GRD, looks)
    assert values.mean() == pytest.approx(POWER, rel=0.01)
    assert values.mean() ** 2 / values.var() == pytest.approx(looks, rel=0.05)


def test_real_and_imaginary_parts_are_independent():
    image = homogeneous(TERRASARX_STRIPMAP, 1)[0]
    assert np.corrcoef(image.real.ravel(), image.imag.ravel())[0, 1] == pytest.approx(0, abs=0.01)
    assert image.real.var() == pytest.approx(image.imag.var(), rel=0.02)
    assert abs(image.mean()) < 0.02 * POWER**0.5


def correlation(sampling, lag):
    """Complex correlation over `lag` pixels: the transform of the squared window, by quadrature."""
    half = sampling.bandwidth / 2
    power = quad(lambda frequency: sampling.window(frequency) ** 2, -half, half)[0]
    turn = 2 * np.pi * lag * sampling.spacing
    return quad(lambda frequency: sampling.window(frequency) ** 2 * np.cos(turn * frequency), -half, half)[0] / power


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("lag", [1, 2, 5])
def test_spatial_correlation(preset, lag):
    """Of the intensity: the squared correlation of the complex image (Siegert's relation)."""
    image = np.abs(homogeneous(preset, 1)[0]) ** 2
    along = np.corrcoef(image[lag:].ravel(), image[:-lag].ravel())[0, 1]
    across = np.corrcoef(image[:, lag:].ravel(), image[:, :-lag].ravel())[0, 1]
    assert along == pytest.approx(correlation(preset.azimuth, lag) ** 2, abs=0.01)
    assert across == pytest.approx(correlation(preset.range, lag) ** 2, abs=0.01)


@pytest.mark.parametrize("preset", PRESETS)
def test_resolution_is_the_half_power_width(preset):
    """Measured on the impulse response itself, interpolated by zeros around its spectrum."""
    for sampling in (preset.range, preset.azimuth):
        spectrum = np.fft.fftshift(impulse_spectrum(sampling, 256).numpy())
        response = np.abs(np.fft.fft(np.pad(spectrum, 256 * 50))) ** 2
        width = (response > response.max() / 2).sum() * sampling.spacing / 101
        assert width == pytest.approx(sampling.resolution, rel=0.02)


def test_expected_intensity_is_the_mean_of_many_looks():
    """A bright point over dark ground, by the edge too: its side lobes reach to the opposite one."""
    power = torch.full((1, 32, 40), 0.01)
    power[0, 10, 20] = power[0, 0, 0] = 100.0
    preset, generator = TERRASARX_STRIPMAP, torch.Generator().manual_seed(0)
    looks = speckle(power, preset.azimuth, preset.range, 20_000, generator).abs().square()
    expected = expected_intensity(power, preset.azimuth, preset.range)
    assert expected.min() >= 0.01 and expected.sum() == pytest.approx(float(power.sum()), rel=1e-4)
    assert ((looks.mean(0) / expected).log().abs() < 0.04).all(), "five standard deviations and a half"


def test_weights_of_looks():
    for looks in (1, 1.2, 3, 4.4, 4.99):
        weights = look_weights(looks)
        assert weights.sum() == pytest.approx(1)
        assert 1 / weights.square().sum() == pytest.approx(looks, rel=1e-4)
        assert weights.min() > 0


def test_a_seed_gives_one_image():
    assert np.array_equal(homogeneous(SENTINEL1_IW_SLC, 1, 3), homogeneous(SENTINEL1_IW_SLC, 1, 3))
    assert not np.array_equal(homogeneous(SENTINEL1_IW_SLC, 1, 3), homogeneous(SENTINEL1_IW_SLC, 1, 4))
