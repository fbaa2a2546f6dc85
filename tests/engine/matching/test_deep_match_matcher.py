"""DeepMatch as a method: codes once per area against the network window by window."""

import pytest
import torch
from sarbridge.engine.matching import deep_match_matcher
from sarbridge.engine.matching.block_matching import heat_at
from sarbridge.engine.matching.deep_match_matcher import DeepMatchMatcher
from sarbridge.engine.matching.peaks import find_peaks
from sarbridge.models.matching.deep_match import DeepMatch
from sarbridge.tests.engine.matching.training.training_tiles import ground


@pytest.fixture(scope="module")
def matcher():
    torch.manual_seed(2)
    return DeepMatchMatcher(DeepMatch().eval(), (0.0, 255.0))


@torch.inference_mode()
def test_codes_of_an_area_are_those_of_the_windows(matcher, monkeypatch):
    monkeypatch.setattr(deep_match_matcher, "_ROWS", 10)  # several strips, the last one shorter
    sar, optical = ground(215, 213)[0].float(), ground(204, 206, right=3, down=2)[0] / 255
    features = matcher.describe(sar, optical)
    assert features[0].shape == (64, 213, 215) and features[1].shape == (64, 206, 204)
    centres = torch.tensor([[107, 106]]), torch.tensor([[102, 103]])  # corners of pixels: windows begin 101 before
    heat = heat_at(matcher, features, centres, 4)
    search = sar[None, None, 1 : 1 + 209, 2 : 2 + 209] / 255
    template = optical[None, None, 2 : 2 + 201, 1 : 1 + 201]
    direct = matcher.network(search, template)
    assert heat.shape == direct.shape == (1, 9, 9)
    torch.testing.assert_close(heat, direct.flatten(1).log_softmax(1).view(1, 9, 9), atol=3e-3, rtol=0)
    assert direct.std() > 0.1


@torch.inference_mode()
def test_planted_offsets_beyond_those_of_the_training_are_found(matcher):
    """One stream: random weights find images of one kind."""
    area, reach = ground(300, 300), 16
    features = matcher.describe(area[0].float(), area[0] / 255)
    truths = torch.tensor([[-14, 9], [0, 0], [15, -15]])
    optical = torch.tensor([[150, 150]] * 3)
    heat = heat_at(matcher, features, (optical - truths, optical), reach)
    assert heat.shape == (3, 33, 33)
    peaks = find_peaks(heat)
    assert torch.equal(peaks.cells(), truths)
    torch.testing.assert_close(heat.exp().sum((1, 2)), torch.ones(3))
    scores = matcher.score(peaks.height)
    torch.testing.assert_close(scores, heat.flatten(1).softmax(1).amax(1))
