"""Scenery: normal, uncorrelated, smooth where it should be, and the same from block to block of a scene."""

import numpy as np
import pytest
import torch
from sarbridge.engine.simulation.scenery import Scenery

SHAPE = (300, 400)


def correlation(values, lag):
    a, b = values[:, lag:].numpy(), values[:, :-lag].numpy()
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_white_noise_is_normal_and_uncorrelated():
    noise = Scenery(5).white_noise("grain", SHAPE, "cpu")
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert float((noise**power).mean()) == pytest.approx(moment, abs=0.06)
    assert abs(correlation(noise, 1)) < 0.01 and abs(correlation(noise.T, 1)) < 0.01


def test_smooth_noise_has_unit_variance_and_its_wavelength():
    noise = Scenery(5).smooth_noise("patches", (1500, 1500), 2.0, 30.0, "cpu")
    assert float(noise.std()) == pytest.approx(1, rel=0.03)
    assert correlation(noise, 1) > 0.97 and abs(correlation(noise, 60)) < 0.05  # 2 m and 120 m apart


@pytest.mark.parametrize("corner", [(0, 0), (37, 111), (-20, 250)])
def test_blocks_agree_where_they_overlap(corner):
    whole, block = Scenery(9, (-20, 0)), Scenery(9, corner)
    part = np.s_[corner[1] : corner[1] + 60, corner[0] + 20 : corner[0] + 20 + 50]
    for wavelength in (7.0, 170.0):
        smooth = whole.smooth_noise("a", (400, 400), 2.5, wavelength, "cpu")[part]
        assert torch.allclose(block.smooth_noise("a", (60, 50), 2.5, wavelength, "cpu"), smooth, atol=1e-4)
    assert torch.equal(block.white_noise("a", (60, 50), "cpu"), whole.white_noise("a", (400, 400), "cpu")[part])


def test_names_and_seeds_differ():
    noises = [Scenery(seed).white_noise(name, SHAPE, "cpu").flatten() for seed in (1, 2) for name in ("a", "b")]
    assert (np.corrcoef(torch.stack(noises).numpy()) - np.eye(4)).max() < 0.01


def test_things_draw_by_their_key():
    keys = torch.tensor([7, 3, 2**40, 7])
    drawn = Scenery(4).normal_each("roofs", keys)
    assert drawn[0] == drawn[3] and len(set(drawn.tolist())) == 3
    many = torch.arange(40_000)
    assert float(Scenery(4).normal_each("roofs", many).std()) == pytest.approx(1, rel=0.02)
    shares = Scenery(4).uniform_each("roofs", many)
    assert np.histogram(shares.numpy(), 10, (0, 1))[0] == pytest.approx(4000, rel=0.06)
