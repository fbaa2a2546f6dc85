"""MERLIN's loss: by hand, and what it is least at."""

import math

import pytest
import torch
from sarbridge.models.despeckling.losses import merlin_loss


def test_it_is_what_the_document_says():
    """½ log R + b² / R, by hand for R = 4 and 0.5, b = 3 and -1."""
    decibels = torch.tensor([10 * math.log10(4), 10 * math.log10(0.5)])
    loss = merlin_loss(decibels, torch.tensor([3.0, -1.0]).square())
    expected = [0.5 * math.log(4) + 9 / 4, 0.5 * math.log(0.5) + 1 / 0.5]
    assert loss.tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("reflectivity", [1e-3, 1.0, 250.0])
def test_it_is_least_at_the_reflectivity_of_a_constant_scene(reflectivity):
    generator = torch.Generator().manual_seed(0)
    part = torch.randn(400_000, generator=generator) * math.sqrt(reflectivity / 2)
    offsets = torch.arange(-3, 3.01, 0.05)
    losses = [float(merlin_loss(10 * math.log10(reflectivity) + each, part.square()).mean()) for each in offsets]
    assert abs(float(offsets[losses.index(min(losses))])) <= 0.05


def test_its_own_expectation_has_the_same_minimum():
    decibels = torch.zeros((), requires_grad=True)
    merlin_loss(decibels, torch.tensor(0.5)).backward()  # half of the reflectivity 1 = 0 dB in the place of b²
    assert float(decibels.grad) == pytest.approx(0, abs=1e-7)
