"""The ORN's probability becomes the share of matches that are right."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.training.calibration import calibrate
from sarbridge.models.matching.orn import OutlierReductionNet


def test_an_orn_that_is_too_sure_learns_how_often_it_is_right():
    """Its logits are ten times those of the truth, and 4 too high."""
    random = np.random.default_rng(0)
    true_logit = random.normal(0.5, 1.5, 20_000)
    error = np.where(random.random(20_000) < 1 / (1 + np.exp(-true_logit)), 0.5, 2.0)
    torch.manual_seed(0)
    orn, heat = OutlierReductionNet().eval(), torch.rand(3, 1, 65, 65)
    with torch.no_grad():
        before = orn.logits(heat)
        calibrate(orn, 10 * true_logit + 4, error)
        np.testing.assert_allclose(orn.logits(heat), (before - 4) / 10, atol=0.1)


def test_calibrating_twice_changes_nothing():
    random = np.random.default_rng(1)
    logit = random.normal(3, 2, 5000)
    error = np.where(random.random(5000) < 1 / (1 + np.exp(-logit / 3)), 0.5, 2.0)
    orn, heat = OutlierReductionNet().eval(), torch.rand(2, 1, 65, 65)
    with torch.no_grad():
        before = orn.logits(heat)
        calibrate(orn, logit, error)
        once = orn.logits(heat)
        scale = ((once[0] - once[1]) / (before[0] - before[1])).item()
        calibrate(orn, scale * logit + (once[0] - scale * before[0]).item(), error)
        assert orn.logits(heat).tolist() == pytest.approx(once.tolist(), abs=0.01)
