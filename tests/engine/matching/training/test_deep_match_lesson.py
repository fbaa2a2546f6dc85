"""The lesson of DeepMatch: its samples, and that something is learnt."""

from dataclasses import replace

import pytest
import torch
from sarbridge.engine.matching.training.deep_match_lesson import DeepMatchLesson, deep_match_sampler, plan_of
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.loop import train
from sarbridge.models.matching.deep_match import offset_loss
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both(260, 250)], 1.0)]


def test_patches_lie_up_to_ten_pixels_off_the_middle(sets):
    sample = deep_match_sampler(sets).draw(12, torch.Generator().manual_seed(2))
    assert sample.sar.shape == (12, 1, 241, 241) and sample.optical.shape == (12, 1, 221, 221)
    assert sample.shift.abs().max() <= 10 and sample.shift.unique(dim=0).shape == (12, 2)
    for sar, optical, (right, down) in zip(sample.sar, sample.optical, sample.shift.tolist()):
        under = sar[:, 10 + down : 231 + down, 10 + right : 231 + right]
        torch.testing.assert_close(under / 255, optical)


def test_the_loss_is_that_of_the_network_s_heat_maps(sets):
    """6 x 6 templates of each optical patch, in the windows of 221 pixels around them."""
    sampler = deep_match_sampler(sets)
    lesson = DeepMatchLesson(sampler, (0.0, 255.0))
    sample = sampler.draw(2, torch.Generator().manual_seed(3))
    network = lesson.networks["match"].eval()
    heat, shifts = [], []
    for sar, optical, shift in zip(sample.sar / 255, sample.optical, sample.shift):
        for top, left in ((row, col) for row in range(0, 21, 4) for col in range(0, 21, 4)):
            window = sar[None, :, top : top + 221, left : left + 221]
            heat.append(network(window, optical[None, :, top : top + 201, left : left + 201]))
            shifts.append(shift)
    expected = offset_loss(torch.cat(heat), torch.stack(shifts))
    torch.testing.assert_close(lesson.loss(sample), expected, atol=1e-4, rtol=1e-4)
    assert len(heat) == 72
    assert lesson.optimisers[0].param_groups[0]["lr"] == 3e-4 and plan_of(160).steps == 20


def test_a_sample_seen_again_and_again_is_learnt(sets, tmp_path):
    """SAR is the optical image's negative here, which a network of random weights takes for what it is least."""
    drawn = deep_match_sampler(sets).draw(1, torch.Generator().manual_seed(0))
    drawn = drawn._replace(sar=255 - drawn.sar)

    class Same:
        def draw(self, count, generator):
            return drawn

    torch.manual_seed(1)
    lesson = DeepMatchLesson(Same(), (0.0, 255.0), rate=1e-3)
    plan = replace(plan_of(8, batch=1), report_every=1)
    figures = train(lesson, plan, tmp_path / "deepmatch.safetensors", torch.device("cpu"), NullReporter()).figures
    assert figures[1]["loss"] > 5 and figures[1]["within 1 px"] == 0
    assert figures[8]["loss"] < 2 and figures[8]["within 1 px"] == 1
