"""The errors that are predicted of matches: learnt as quantiles, and calibrated."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.training import match_error_lesson
from sarbridge.engine.matching.training.match_error_lesson import (
    MatchErrorLesson,
    calibrate_errors,
    quantile_loss,
    shares_within,
    train_match_error,
)
from sarbridge.engine.reporting import NullReporter
from sarbridge.models.matching.match_error_net import AROUND, MatchErrorNet

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE = 2 * AROUND + 1


def errors(sigma, seed=0):
    """Lengths of errors of which both components are normal, [n] like sigma."""
    return np.random.default_rng(seed).rayleigh(sigma)


def test_the_loss_is_least_at_the_true_sigma():
    true = 0.8
    log_error = torch.from_numpy(np.log(errors(np.full(100_000, true))))
    steps = np.linspace(-0.5, 0.5, 41)
    losses = [float(quantile_loss(log_error, torch.full_like(log_error, np.log(true) + step))) for step in steps]
    assert abs(steps[np.argmin(losses)]) <= 0.025


def test_shares_of_true_sigmas_are_39_and_86_percent():
    sigma = np.random.default_rng(1).uniform(0.2, 3, 100_000)
    assert shares_within(sigma, errors(sigma)) == pytest.approx({1.0: 39.3, 2.0: 86.5}, abs=0.5)


def test_calibration_brings_the_shares_back():
    """Predicted sigmas are half of the true ones, and spread too far."""
    random = np.random.default_rng(2)
    true = np.exp(random.normal(-0.3, 0.5, 20_000))
    predicted = 0.5 * true**1.6
    error = errors(true, seed=3)
    assert shares_within(predicted, error)[1.0] < 25
    torch.manual_seed(0)
    network, heat = MatchErrorNet().eval(), torch.rand(50, 1, SIDE, SIDE)
    with torch.no_grad():
        before = network.log_sigma(heat)
    calibrate_errors(network, predicted, error)
    with torch.no_grad():
        after = network.log_sigma(heat)
    scale = float((after[0] - after[1]) / (before[0] - before[1]))
    shift = float(after[0] - scale * before[0])
    calibrated = np.exp(scale * np.log(predicted) + shift)
    assert scale == pytest.approx(1 / 1.6, abs=0.05)
    assert shares_within(calibrated, error) == pytest.approx({1.0: 39.3, 2.0: 86.5}, abs=2)
    test = errors(true, seed=4)
    assert shares_within(calibrated, test) == pytest.approx({1.0: 39.3, 2.0: 86.5}, abs=2)


def test_narrow_peaks_are_learnt_to_be_sure(tmp_path, monkeypatch):
    monkeypatch.setattr(match_error_lesson, "_STEPS", 150)
    random = np.random.default_rng(5)
    sigma = random.choice([0.3, 3.0], 600)
    offsets = np.arange(-AROUND, AROUND + 1)
    squares = offsets[:, None] ** 2 + offsets**2
    heat = torch.from_numpy(0.3 * np.exp(-squares / (2 * (2 * sigma[:, None, None]) ** 2))).float()
    heat += 0.01 * torch.randn(heat.shape, generator=torch.Generator().manual_seed(0))
    error = torch.from_numpy(errors(sigma, seed=6)).float()
    path, device = tmp_path / "checkpoint", torch.device("cpu")
    network = train_match_error(heat[:500], error[:500], path, device, NullReporter()).eval()
    with torch.no_grad():
        found = network(heat[500:, None]).numpy()
    narrow, wide = (np.median(found[sigma[500:] == each]) for each in (0.3, 3.0))
    assert 0.15 < narrow < 0.6 and 1.5 < wide < 6


def test_a_batch_is_the_same_for_the_same_step():
    lesson = MatchErrorLesson(torch.rand(10, SIDE, SIDE), torch.rand(10))
    one, other = (lesson.draw(3, 4, torch.Generator().manual_seed(7)) for _ in range(2))
    assert one.heat.shape == (4, 1, SIDE, SIDE) and torch.equal(one.heat, other.heat)
