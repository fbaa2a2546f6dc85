"""The lesson of BridgeMatch: loss, geometry, resuming, further rounds."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.training import augmentation, bridge_match_lesson
from sarbridge.engine.matching.training.augmentation import MatchSample, MatchSampler
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.loop import train
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.tiny_bundle import ARGUMENTS


@pytest.fixture(scope="module")
def same():
    return same_in_both()


def test_offset_loss_by_hand():
    """Cross-entropy against a Gaussian of 0.7 px, computed cell by cell; what lies out of reach does not count."""
    heat, net = torch.randn(2, 5, 5), BridgeMatch(**ARGUMENTS)
    net.log_temperature.data.fill_(math.log(0.25))
    loss = bridge_match_lesson.gaussian_offset_loss(heat, torch.tensor([[0.6, -1.2], [2.4, 0.0]]), net, 8)
    weights = np.array(
        [[math.exp(-((x - 0.6) ** 2 + (y + 1.2) ** 2) / 2 / 0.7**2) for x in range(-2, 3)] for y in range(-2, 3)]
    )
    logits = 0.25 * 8 * heat[0].double().numpy()
    expected = -(weights / weights.sum() * (logits - np.log(np.exp(logits).sum()))).sum()
    assert loss.item() == pytest.approx(expected, rel=1e-5)


class GreyValues(torch.nn.Module):
    """Stands for a network: its features are the grey values."""

    def sar(self, image):
        return (image - 128) / 32

    optical = sar

    def logits(self, heat, template_side):
        return heat * template_side


def test_sample_loss_knows_the_geometry(same, monkeypatch):
    for name in ("vary_sar", "vary_optical"):
        monkeypatch.setattr(augmentation, name, lambda images, generator: images)
    sample = MatchSampler([([same], 1.0)], 208, 144, 28).draw(12, torch.Generator().manual_seed(3))
    loss, _ = bridge_match_lesson.sample_loss(GreyValues(), sample)
    for wrong in (
        MatchSample(sample.sar, sample.optical, sample.linear.mT, sample.shift),
        MatchSample(sample.sar, sample.optical, sample.linear, -sample.shift),
        MatchSample(sample.sar, sample.optical, sample.linear, sample.shift.flip(1)),
    ):
        assert bridge_match_lesson.sample_loss(GreyValues(), wrong)[0] > loss + 0.1
    straight = [n for n, linear in enumerate(sample.linear) if torch.equal(linear, torch.eye(2))]
    chosen = MatchSample(*(part[straight] for part in vars(sample).values()))
    assert bridge_match_lesson.sample_loss(GreyValues(), chosen)[1] == 1


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(bridge_match_lesson, "BridgeMatch", lambda: BridgeMatch(**ARGUMENTS))


def taught(same, checkpoint, samples, start_from=None, rate=2e-2):
    sampler = MatchSampler([([same], 1.0)], 208, 144, 32)
    torch.manual_seed(1)
    lesson = bridge_match_lesson.BridgeMatchLesson(sampler, start_from, rate)
    plan = bridge_match_lesson.plan_of(samples, batch=4)
    return train(lesson, plan, checkpoint, torch.device("cpu"), NullReporter())


def test_training_lowers_the_loss_and_goes_on(same, tiny, tmp_path):
    checkpoint = tmp_path / "work" / "matcher.safetensors"
    unseen = MatchSampler([([same], 1.0)], 208, 144, 32).draw(8, torch.Generator().manual_seed(99))
    torch.manual_seed(1)
    untrained = BridgeMatch(**ARGUMENTS)
    untrained.log_temperature.data.fill_(math.log(0.5))
    record = taught(same, checkpoint, 80)
    trained = record.networks["match"]
    with torch.no_grad():
        before, after = (bridge_match_lesson.sample_loss(net.eval(), unseen)[0] for net in (untrained, trained))
    assert after < before - 0.1
    assert record.step == 20 and set(record.figures[20]) == {"loss", "within 1 px"}
    assert taught(same, checkpoint, 92).step == 23


def test_a_further_round_goes_on_from_the_last_ones_network(same, tiny, tmp_path):
    first = taught(same, tmp_path / "first.safetensors", 8, rate=2e-3).networks["match"]
    before = {name: weight.clone() for name, weight in first.state_dict().items()}
    further = taught(same, tmp_path / "second.safetensors", 8, first, rate=2e-3).networks["match"]
    moved = {name: (weight - before[name]).abs().max().item() for name, weight in further.named_parameters()}
    assert all(change > 0 for change in moved.values())
    assert max(moved.values()) < 0.1, "two small steps from there, not from random weights"
    assert all(torch.equal(weight, before[name]) for name, weight in first.state_dict().items())
