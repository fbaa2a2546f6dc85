"""Training on synthetic tiles: loss, resuming, re-alignment, scores and thresholds."""

import math

import numpy as np
import pytest
import torch
from safetensors import safe_open
from sarbridge.engine.matching.matchers import NccMatcher
from sarbridge.engine.matching.training import augmentation, train_matcher
from sarbridge.engine.matching.training.augmentation import MatchSample, MatchSampler
from sarbridge.engine.matching.training.evaluation import errors_of, heat_maps, planted_windows, scores_of
from sarbridge.engine.matching.training.operating_point import choose_operating_point, judged_windows
from sarbridge.engine.matching.training.pair import Pair
from sarbridge.engine.matching.training.realignment import common_shift, realigned
from sarbridge.engine.matching.training.train_filters import collect_outcomes
from sarbridge.engine.training.checkpoint import load_checkpoint, save_checkpoint
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.recipes.matching.pairs import load_pairs, save_pairs
from sarbridge.tests.engine.matching.training.training_tiles import ground, same_in_both
from sarbridge.tests.tiny_bundle import ARGUMENTS, tiny_bridge_match


@pytest.fixture(scope="module")
def same():
    return same_in_both()


def test_offset_loss_by_hand():
    """Cross-entropy against a Gaussian of 0.7 px, computed cell by cell; what lies out of reach does not count."""
    heat, net = torch.randn(2, 5, 5), BridgeMatch(**ARGUMENTS)
    net.log_temperature.data.fill_(math.log(0.25))
    loss = train_matcher.offset_loss(heat, torch.tensor([[0.6, -1.2], [2.4, 0.0]]), net, 8)
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
    sample = MatchSampler([([same], 1.0)], 208, 144, 28, seed=3).draw(12)
    loss, _ = train_matcher.sample_loss(GreyValues(), sample)
    for wrong in (
        MatchSample(sample.sar, sample.optical, sample.linear.mT, sample.shift),
        MatchSample(sample.sar, sample.optical, sample.linear, -sample.shift),
        MatchSample(sample.sar, sample.optical, sample.linear, sample.shift.flip(1)),
    ):
        assert train_matcher.sample_loss(GreyValues(), wrong)[0] > loss + 0.1
    straight = [n for n, linear in enumerate(sample.linear) if torch.equal(linear, torch.eye(2))]
    chosen = MatchSample(*(part[straight] for part in vars(sample).values()))
    assert train_matcher.sample_loss(GreyValues(), chosen)[1] == 1


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(train_matcher, "BridgeMatch", lambda: BridgeMatch(**ARGUMENTS))


def test_training_lowers_the_loss_and_resumes(same, tiny, tmp_path, monkeypatch):
    checkpoint = tmp_path / "work" / "matcher.safetensors"
    arguments = {"checkpoint": checkpoint, "batch": 4, "rate": 2e-2}
    unseen = MatchSampler([([same], 1.0)], 208, 144, 32, seed=99).draw(8)
    torch.manual_seed(1)
    untrained = BridgeMatch(**ARGUMENTS)
    untrained.log_temperature.data.fill_(math.log(0.5))
    trained = train_matcher.train_matcher([([same], 1.0)], 80, **arguments)
    with torch.no_grad():
        before, after = (train_matcher.sample_loss(net.eval(), unseen)[0] for net in (untrained, trained))
    assert after < before - 0.1

    with safe_open(checkpoint, "pt") as file:
        assert file.metadata()["step"] == "20"
    original, losses = train_matcher.sample_loss, []

    def counted(net, sample):
        losses.append(original(net, sample))
        return losses[-1]

    monkeypatch.setattr(train_matcher, "sample_loss", counted)
    again = train_matcher.train_matcher([([same], 1.0)], 80, **arguments)
    assert not losses
    for name, weight in trained.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name
    train_matcher.train_matcher([([same], 1.0)], 92, **arguments)
    assert len(losses) == 3
    with safe_open(checkpoint, "pt") as file:
        assert file.metadata()["step"] == "23"


def test_a_checkpoint_holds_the_optimiser(tmp_path):
    """Training goes on as if it had not been cut off: one more step gives the same weights."""

    def step(net, optimiser, scale):
        optimiser.zero_grad()
        (net.weight * scale).square().sum().backward()
        optimiser.step()

    net = torch.nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.1)
    for scale in (1.0, 5.0, 0.1):
        step(net, optimiser, scale)
    save_checkpoint(tmp_path / "state.safetensors", 3, {"net": net}, optimiser)
    other = torch.nn.Linear(3, 2)
    resumed = torch.optim.AdamW(other.parameters(), lr=0.1)
    assert load_checkpoint(tmp_path / "state.safetensors", {"net": other}, resumed) == 3
    step(net, optimiser, 2.0)
    step(other, resumed, 2.0)
    assert torch.equal(other.weight, net.weight)
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


def test_realignment_takes_a_planted_shift_out():
    """An optical pixel shows the ground that SAR shows (5.3, -3.6) further on: that is the shift to find."""
    pair = Pair("shifted", ground(256, 512), ground(256, 512, 5.3, -3.6))
    first = Pair("first", pair.sar[:, :256], pair.optical[:, :256])
    np.testing.assert_allclose(common_shift(first, NccMatcher(), 16), (5.3, -3.6), atol=0.05)
    tiles = realigned([pair], NccMatcher())
    assert [tile.name for tile in tiles] == ["shifted/0/0", "shifted/256/0"]
    for tile in tiles:
        assert tile.optical.dtype == torch.uint8 and tile.optical.shape == (1, 256, 256)
        inner = (0, slice(10, -10), slice(10, -10))
        difference = tile.sar[inner].float() - tile.optical[inner].float()
        assert difference.square().mean().sqrt() < 6  # of a contrast of 32: what bilinear resampling smooths away


def test_realignment_gives_up_what_does_not_agree():
    noise = torch.randint(0, 256, (1, 256, 256), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert realigned([Pair("unrelated", ground(256, 256), noise)], NccMatcher()) == []


def test_pairs_are_kept_between_runs(tmp_path):
    pairs = [
        Pair("set/1/0/0", ground(32, 16), ground(32, 16).expand(3, -1, -1)),
        Pair("set/2 b", ground(8, 8), ground(8, 8)),
    ]
    save_pairs(tmp_path / "pairs.safetensors", pairs)
    for kept, pair in zip(load_pairs(tmp_path / "pairs.safetensors"), pairs):
        assert kept.name == pair.name
        assert torch.equal(kept.sar, pair.sar) and torch.equal(kept.optical, pair.optical)


def test_scores_by_hand():
    scores = scores_of([4.0, 0.5, 100.0, 1.0, 2.0])
    assert (scores.within_1, scores.within_3, scores.mean, scores.count) == (40, 60, 21.5, 5)
    # Spread of {0.5, 1} below 1 px, of {0.5, 1, 2} below 2 and 3 px, of {0.5, 1, 2, 4} below 4 to 32 px.
    assert scores.map == pytest.approx((0.25 + 2 * math.sqrt(7 / 18) + 29 * math.sqrt(115 / 64)) / 32)


def test_planted_windows_are_found_at_their_truth(same):
    windows = planted_windows(420, 380, spacing=40)
    assert len(windows.centres) == 5 * 4 and windows.truths.abs().max() <= 32
    assert len(windows.truths.unique(dim=0)) > 15
    reach = windows.centres - windows.truths
    for centres, half in ((windows.centres, 64), (reach, 96)):
        assert (centres >= half).all() and (centres <= torch.tensor([420, 380]) - half).all()
    grey = same.sar[0].float()
    heat = torch.cat(list(heat_maps(NccMatcher(), grey, grey, windows, batch=7)))
    assert errors_of(heat, windows.truths).max() < 0.1
    assert errors_of(heat, -windows.truths).median() > 5


def test_the_lowest_threshold_that_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.4, 0.5, 5.0)
    assert choose_operating_point(error, goodness, probability) == {"goodness_threshold": 0.5, "orn_threshold": 0.4}
    assert choose_operating_point(np.zeros(100), goodness, probability)["orn_threshold"] == 0


def test_the_nearest_threshold_with_enough_windows_where_none_reaches_the_goal():
    probability, goodness = np.arange(100) / 100 + 0.005, np.full(100, 0.5)
    error = np.where(probability >= 0.8, 0.5, 5.0)
    assert choose_operating_point(error, goodness, probability)["orn_threshold"] == 0.7


def test_the_least_promising_quarter_is_not_tried():
    goodness = np.random.default_rng(0).permutation(np.linspace(0, 1, 101))
    error = np.where(goodness < 0.25, 30.0, 0.2)
    point = choose_operating_point(error, goodness, np.full(101, 0.9))
    assert point == {"goodness_threshold": 0.25, "orn_threshold": 0.0}


def test_judged_windows_and_outcomes_of_a_network(same):
    """Identical images and streams: the matcher is right, and every window gets its own three numbers."""
    torch.manual_seed(0)
    filters = (GoodnessNet().eval(), GoodnessNet().eval()), OutlierReductionNet().eval()
    error, promise, probability = judged_windows(NccMatcher(), *filters, [same, same], spacing=64)
    assert error.shape == promise.shape == probability.shape == (2 * 3 * 2,)
    assert error.max() < 0.1
    assert ((promise > 0) & (promise < 1) & (probability > 0) & (probability < 1)).all()

    outcomes = collect_outcomes(tiny_bridge_match(), [([same], 1.0)], count=16, seed=1, batch=8)
    assert outcomes.heat.shape == (16, 65, 65) and outcomes.error.shape == (16,)
    assert outcomes.sar.shape == outcomes.optical.shape == (16, 128, 128)
    assert outcomes.sar.min() >= 0 and outcomes.sar.max() <= 1
    assert (outcomes.error < 2).any()


def test_a_further_round_goes_on_from_the_last_ones_network(same, tiny, tmp_path):
    first = train_matcher.train_matcher([([same], 1.0)], 8, tmp_path / "first.safetensors", batch=4)
    before = {name: weight.clone() for name, weight in first.state_dict().items()}
    further = train_matcher.train_matcher(
        [([same], 1.0)], 8, tmp_path / "second.safetensors", batch=4, start_from=first
    )
    moved = {name: (weight - before[name]).abs().max().item() for name, weight in further.named_parameters()}
    assert all(change > 0 for change in moved.values())
    assert max(moved.values()) < 0.1, "two small steps from there, not from random weights"
    assert all(torch.equal(weight, before[name]) for name, weight in first.state_dict().items())
