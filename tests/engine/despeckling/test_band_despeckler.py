"""Detected images as networks see them: with the contrast of the few looks that these have learnt from."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sarbridge.engine.despeckling.band_despeckler import AtLevel, contrast
from sarbridge.engine.despeckling.looks import Speckle
from sarbridge.engine.despeckling.speckled_scene import Band

_LEVEL = 50.0


class Decibels(torch.nn.Module):
    """Stands for a network: gives in dB what it sees first, down to the darkest, and keeps all that it saw."""

    unet = SimpleNamespace(stride=8)

    def forward(self, power):
        self.seen = power
        return 10 * power[:, :1].clamp_min(1e-5).log10()


def band(looks):
    return Band(_LEVEL, np.empty((0, 8, 8)), looks and Speckle(looks, 0.0, 0.0, 100))


@pytest.mark.parametrize("looks, expected", [(None, 1), (0.5, 1), (6, 1), (13.5, 1.5), (24, 2), (500, 2)])
def test_contrast_is_raised_where_looks_are_more_than_a_network_knows(looks, expected):
    assert contrast(band(looks)) == pytest.approx(expected)


def test_raised_contrast_is_seen_and_taken_back():
    power = _LEVEL * 10 ** (torch.linspace(-20, 30, 32 * 32) / 10).reshape(1, 1, 32, 32)
    network = Decibels()
    clean = AtLevel(network, band(13.5), 1)(power)
    torch.testing.assert_close(network.seen, (power / _LEVEL) ** 1.5)
    torch.testing.assert_close(clean, 10 * power.log10(), atol=1e-3, rtol=0)


@pytest.mark.parametrize("decibels", [-45, 40])
def test_what_becomes_too_dark_or_bright_to_tell_apart_stays_as_it_is(decibels):
    power = torch.full((1, 1, 16, 128), _LEVEL)
    power[..., 64:] = _LEVEL * 10 ** (decibels / 10)  # seen twice as far from the level
    clean = AtLevel(Decibels(), band(60), 1)(power)
    for part in (slice(32), slice(96, None)):  # the edge of a dark place is seen too bright, and corrected around it
        torch.testing.assert_close(clean[..., part], 10 * power[..., part].log10(), atol=1e-3, rtol=0)


@pytest.mark.parametrize("looks", [13.5, 60])
@pytest.mark.parametrize("power", [0.0, -3.0])
def test_a_pixel_of_no_power_or_less_is_filled_in_by_the_network(looks, power):
    """Power lies below 0 where more noise was subtracted than there was; a network would spread what is no number."""
    values = torch.full((1, 1, 16, 16), _LEVEL)
    values[..., 5, 5] = power
    network = Decibels()
    clean = AtLevel(network, band(looks), 1)(values)
    assert network.seen.isfinite().all() and network.seen[0, 0, 5, 5] == 0
    despeckled = network(network.seen) / contrast(band(looks)) + 10 * np.log10(_LEVEL)
    around = clean - despeckled  # means of ratios, which vary slowly
    assert clean.isfinite().all() and abs(around[0, 0, 5, 5] - around[0, 0, 5, 6]) < 0.1


def test_complex_images_are_seen_as_they_are():
    network, parts = Decibels(), torch.randn(1, 2, 16, 16)
    AtLevel(network, band(60), 2)(parts)
    torch.testing.assert_close(network.seen, parts * _LEVEL**-0.5)
