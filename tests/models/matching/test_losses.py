"""Losses and label rules against their equations, written out in numpy."""

import math

import numpy as np
import pytest
import torch
from sarbridge.models.matching.corr_asl import spatial_softmax
from sarbridge.models.matching.losses import (
    BAD,
    GOOD,
    UNUSED,
    balanced,
    corr_asl_loss,
    divergence_from_unit_normal,
    goodness_labels,
    gradient_penalty,
    kronecker_delta,
    orn_labels,
    weighted_mse,
)


@pytest.fixture
def batch():
    heat = torch.randn(3, 1, 7, 9, generator=torch.Generator().manual_seed(2))
    return heat, kronecker_delta(torch.tensor([[0, 0], [6, 8], [3, 4]]), (7, 9))


def _loss_by_hand(heat, row, col):
    heat = heat.numpy().astype(float)
    probability = np.exp(heat) / np.exp(heat).sum()
    total = 0.0
    for i in range(7):
        for j in range(9):
            total += 62 * (1 - probability[i, j]) ** 2 if (i, j) == (row, col) else probability[i, j] ** 2
    return total / 63


def test_kronecker_delta():
    delta = kronecker_delta(torch.tensor([[0, 4], [2, 1]]), (3, 5))
    assert delta.shape == (2, 1, 3, 5)
    assert delta.sum() == 2
    assert delta[0, 0, 0, 4] == 1 and delta[1, 0, 2, 1] == 1
    for outside in ([-1, 0], [0, 5], [3, 0]):
        with pytest.raises(IndexError):
            kronecker_delta(torch.tensor([outside]), (3, 5))


def test_matching_loss(batch):
    heat, delta = batch
    loss = weighted_mse(spatial_softmax(heat), delta)
    expected = [_loss_by_hand(heat[i, 0], *cell) for i, cell in enumerate(((0, 0), (6, 8), (3, 4)))]
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-5)
    assert weighted_mse(delta, delta).sum() == 0


def test_each_term_can_be_switched_off(batch):
    heat, delta = batch
    softmax = spatial_softmax(heat)
    l1 = np.abs(heat.numpy().astype(float)).sum()
    match = weighted_mse(softmax, delta).mean().item()
    raw = float((delta - heat).square().mean(dim=(1, 2, 3)).mean())
    peaks = float(((1 - heat[delta == 1]).square() * (62 - 1) / 63).mean())
    assert corr_asl_loss(softmax, heat, delta, l1_weight=0.01).item() == pytest.approx(match + 0.01 * l1, rel=1e-5)
    assert corr_asl_loss(softmax, heat, delta, l1_weight=0).item() == pytest.approx(match, rel=1e-6)
    assert corr_asl_loss(heat, heat, delta, l1_weight=0).item() == pytest.approx(raw + peaks, rel=1e-5)


def test_default_weight_of_l1(batch):
    heat, delta = batch
    large = 1e6 * heat
    difference = corr_asl_loss(delta, large, delta).item()
    assert difference == pytest.approx(1e-7 * large.abs().double().sum().item(), rel=1e-5)


def test_goodness_labels():
    cases = [
        (math.exp(-1.21), 1.0, GOOD),
        (math.exp(-1.19), 1.0, UNUSED),
        (math.exp(-1.21), 1.01, UNUSED),
        (math.exp(-1.01), 2.4, UNUSED),
        (math.exp(-0.99), 0.0, BAD),
        (math.exp(-5.0), 2.5, BAD),
        (0.0, 0.0, GOOD),
    ]
    loss, error, expected = (torch.tensor(column) for column in zip(*cases))
    assert goodness_labels(loss, error).tolist() == expected.tolist()


def test_orn_labels():
    assert orn_labels(torch.tensor([0.0, 1.0, 1.1, 2.4, 2.5, 90.0])).tolist() == [GOOD, GOOD, UNUSED, UNUSED, BAD, BAD]


def test_balance():
    labels = torch.tensor([BAD, GOOD, BAD, UNUSED, BAD, GOOD, BAD, BAD])
    drawn = [balanced(labels, torch.Generator().manual_seed(seed)) for seed in range(20)]
    for indices in drawn:
        assert labels[indices].tolist().count(GOOD) == labels[indices].tolist().count(BAD) == 2
        assert indices.tolist() == sorted(set(indices.tolist()))
    assert {i for indices in drawn for i in indices.tolist()} == {0, 1, 2, 4, 5, 6, 7}
    assert balanced(torch.tensor([GOOD, GOOD, BAD])).tolist() == [0, 1, 2]


def test_gradient_penalty_by_hand():
    """The gradient of x² + 2y is (2x, 2), wherever y is."""

    def critic(images):
        x, y = images.flatten(1).unbind(1)
        return x.square() + 2 * y

    real, made = torch.tensor([[3.0, 1.0], [0.0, 5.0]])[:, None, None], torch.zeros(2, 1, 1, 2)
    penalty = gradient_penalty(critic, real, made, torch.tensor([0.5, 0.2]))
    assert penalty.item() == pytest.approx((((3**2 + 2**2) ** 0.5 - 1) ** 2 + (2 - 1) ** 2) / 2)


def test_gradient_penalty_has_gradients_for_the_critic_alone():
    critic, made = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 1)), torch.zeros(3, 1, 2, 2)
    made.requires_grad_(True)
    penalty = gradient_penalty(critic, torch.ones(3, 1, 2, 2), made, torch.full((3,), 0.5))
    penalty.backward()
    weight = critic[1].weight
    by_hand = 2 * (weight.norm() - 1) * weight / weight.norm()
    torch.testing.assert_close(weight.grad, by_hand.detach())
    assert made.grad is None


def test_divergence_from_the_unit_normal():
    mean, variance = torch.tensor([[0.0, 1.5], [0.0, 0.0]]), torch.tensor([[1.0, 0.25], [1.0, 1.0]])
    normal = torch.distributions.Normal
    by_torch = torch.distributions.kl_divergence(normal(mean, variance.sqrt()), normal(0.0, 1.0)).sum(1).mean()
    assert divergence_from_unit_normal(mean, variance.log()).item() == pytest.approx(by_torch.item())
