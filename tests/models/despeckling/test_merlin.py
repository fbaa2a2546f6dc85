"""MERLIN and BridgeClear: two estimates averaged, and levels that networks tell apart."""

import math

import pytest
import torch
from sarbridge.models.despeckling.bridge_clear import BridgeClear
from sarbridge.models.despeckling.levels import HIGHEST, LOWEST, as_plane, from_plane, mean_power
from sarbridge.models.despeckling.merlin import Merlin


@pytest.fixture
def merlin():
    torch.manual_seed(0)
    return Merlin(2, 3).eval()


def test_both_parts_count_alike(merlin):
    parts = torch.randn(2, 2, 16, 24)
    torch.testing.assert_close(merlin(parts), merlin(parts.flip(1)))
    torch.testing.assert_close(merlin(parts), merlin(-parts))


def test_the_result_is_the_mean_of_two_powers(merlin):
    parts = torch.randn(1, 2, 16, 16)
    one, other = (10 ** (merlin.estimate(part.square()) / 10) for part in parts.split(1, 1))
    torch.testing.assert_close(10 ** (merlin(parts) / 10), (one + other) / 2)


def test_a_part_is_shown_as_the_power_that_it_suggests():
    """Half of the power of an image lies in each part: a constant part at level 1 / 2 is the plane of 0 dB."""
    assert as_plane(2 * torch.tensor(0.5)) == pytest.approx(0)


def test_planes_are_decibels_within_the_range():
    powers = torch.tensor([0.0, 1e-3, 1.0, 100.0, 1e30])
    decibels = from_plane(as_plane(powers))
    assert decibels.tolist() == pytest.approx([LOWEST, -30, 0, 20, HIGHEST], abs=1e-4)


def test_means_of_powers_do_not_overflow():
    found = mean_power(torch.tensor([0.0, 300.0]), torch.tensor([10.0, 300.0]))
    assert found.tolist() == pytest.approx([10 * math.log10(5.5), 300])


def test_detected_images_are_seen_as_they_are():
    torch.manual_seed(0)
    network = BridgeClear(2, 3).eval()
    power = torch.rand(1, 1, 16, 16)
    torch.testing.assert_close(network(power), network.estimate(power))
    assert network(power).shape == (1, 1, 16, 16)
