"""PSiam as a method: the sliding window against direct calls, the dense ones against the sliding window."""

import pytest
import torch
from sarbridge.engine.matching import psiam_matcher
from sarbridge.engine.matching.psiam_matcher import DensePSiamMatcher, PSiamMatcher, RefinedPSiamMatcher
from sarbridge.models.matching import psiam_search
from sarbridge.tests.engine.matching.training.training_tiles import ground
from sarbridge.tests.models.matching.transparent_psiam import random_psiam, transparent_psiam
from torch import nn

SIDE, REACH = 32, 3


@pytest.fixture(scope="module")
def windows():
    """Templates and search windows, 0..1."""
    generator = torch.Generator().manual_seed(4)
    sides = SIDE, SIDE + 2 * REACH
    return [torch.rand(2, 1, side, side, generator=generator) for side in sides]


@torch.inference_mode()
def test_a_heat_map_holds_the_odds_of_each_offset(windows):
    templates, searches = windows
    network = random_psiam(SIDE)
    matcher = PSiamMatcher(network, (0.0, 1.0))
    scores = matcher.score(matcher.heat(templates, searches))
    assert scores.shape == (2, 7, 7) and scores.std() > 0.03
    for sample, row, col in ((0, 0, 0), (0, 2, 5), (1, 6, 6)):
        patch = searches[sample : sample + 1, :, row : row + SIDE, col : col + SIDE]
        probability = network(patch, templates[sample : sample + 1]).softmax(1)[0, 1]
        assert scores[sample, row, col].item() == pytest.approx(probability.item(), abs=1e-4)


@torch.inference_mode()
def test_without_padding_and_means_the_dense_version_is_the_published_one(windows, monkeypatch):
    """Kernels that look at their own pixel only see no zeros around a patch."""
    network = random_psiam(SIDE)
    for module in (*network.sar, network.fusion.concatenated):
        if isinstance(module, nn.Conv2d):
            module.weight.data = nn.functional.pad(3 * module.weight.data[:, :, 1:2, 1:2], (1, 1, 1, 1))
    for module in (psiam_matcher, psiam_search):
        monkeypatch.setattr(module, "centred", lambda patches: patches - 0.5)
    published, dense = (method(network, (0.0, 1.0)).heat(*windows) for method in (PSiamMatcher, DensePSiamMatcher))
    assert published.std() > 0.1
    torch.testing.assert_close(dense, published, atol=1e-3, rtol=1e-3)


@torch.inference_mode()
def test_around_its_peak_the_dense_search_is_refined_as_published(windows):
    """Heat maps of 7 cells, refined within ±1: the rest differs from the dense ones by one number each."""
    network = random_psiam(SIDE)
    published, dense, refined = (
        method(network, (0.0, 1.0)) for method in (PSiamMatcher, DensePSiamMatcher, RefinedPSiamMatcher)
    )
    refined.around = 1
    odds, dense_odds, heat = (matcher.heat(*windows) for matcher in (published, dense, refined))
    rows, cols = dense_odds.flatten(1).argmax(1) // 7, dense_odds.flatten(1).argmax(1) % 7
    for sample in range(2):
        row, col = (min(max(int(cell[sample]), 1), 5) for cell in (rows, cols))
        near = slice(row - 1, row + 2), slice(col - 1, col + 2)
        torch.testing.assert_close(heat[sample][near], odds[sample][near], atol=1e-4, rtol=1e-4)
        assert heat[sample].max() == heat[sample][near].max()
        raised = heat[sample] - dense_odds[sample]
        raised[near] = raised[0, 0] if not (row == 1 and col == 1) else raised[6, 6]
        assert raised.std() < 1e-5


@torch.inference_mode()
def test_a_map_of_few_cells_is_published_as_a_whole(windows):
    templates, searches = windows
    network, few = random_psiam(SIDE), searches[:, :, 1:-1, 1:-1]  # 5 cells
    heat, odds = (method(network, (0.0, 1.0)).heat(templates, few) for method in (RefinedPSiamMatcher, PSiamMatcher))
    torch.testing.assert_close(heat, odds, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("method", [PSiamMatcher, DensePSiamMatcher, RefinedPSiamMatcher])
def test_planted_offsets_are_found(method):
    matcher = method(transparent_psiam(64), (0.0, 255.0))
    sar, optical = matcher.describe(ground(120, 120)[0].float(), ground(120, 120)[0] / 255)
    search = sar[:, 20:92, 30:102]  # 72 px: offsets of up to 4 px
    for right, down in ((0, 0), (3, -2), (-4, 4)):
        template = optical[:, 24 + down : 88 + down, 34 + right : 98 + right]
        heat = matcher.heat(template[None], search[None])
        assert heat.shape == (1, 9, 9)
        assert divmod(heat.argmax().item(), 9) == (4 + down, 4 + right)
        score = matcher.score(heat.amax((1, 2)))
        assert score.item() == pytest.approx(1 / (1 + 2.718281828**-5), abs=0.02)  # equal patches have the odds e^5


def test_templates_are_as_large_as_the_network_s_patches():
    matcher = PSiamMatcher(random_psiam(SIDE), (-30.0, 0.0))
    assert matcher.template_side == 32 and matcher.search_side(16) == 64 and PSiamMatcher.template_side == 128
    sar, optical = matcher.describe(torch.tensor([[-40.0, -15.0, 0.0]]), torch.tensor([[0.2, 0.4, 1.0]]))
    assert sar.tolist() == [[[0, 0.5, 1]]] and optical.shape == (1, 1, 3)
