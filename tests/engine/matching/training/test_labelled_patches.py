"""Labelled patches: where matches and others come from, told by a texture that is the same in both modalities."""

import pytest
import torch
from sarbridge.engine.matching.training.labelled_patches import LabelledSampler
from sarbridge.engine.training.pair import Pair
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

WIDTH, HEIGHT = 300, 270


@pytest.fixture(scope="module")
def sets():
    """A tile whose SAR and optical value tell the place: no two of them are alike."""
    numbers = torch.arange(WIDTH * HEIGHT).view(1, HEIGHT, WIDTH)
    return [([Pair("numbers", numbers, same_in_both(WIDTH, HEIGHT).optical)], 1.0)]


def _draw(sets, count, seed=0, **settings):
    return LabelledSampler(sets, **settings).draw(count, torch.Generator().manual_seed(seed))


def _middle(patches):
    """Positions [N, 2] (x, y) of the middle of SAR patches that are cut from the tile of numbers, flipped or not."""
    corners = torch.stack((patches[:, 0, 0, 0], patches[:, 0, -1, -1]), 1).double()
    x, y = corners % WIDTH, corners // WIDTH
    return torch.stack((x.mean(1), y.mean(1)), 1)


@pytest.mark.parametrize(("count", "matches"), [(8, 4), (7, 4), (1, 1)])
def test_half_of_a_batch_corresponds(sets, count, matches):
    batch = _draw(sets, count, side=64)
    assert batch.sar.shape == batch.optical.shape == (count, 1, 64, 64)
    assert batch.matches.tolist() == [1.0] * matches + [0.0] * (count - matches)
    assert torch.equal(batch.optical[matches:], batch.optical[: count - matches])


def test_matches_show_the_same_place():
    sets = [([same_in_both()], 1.0)]
    batch = _draw(sets, 16)
    assert batch.sar.shape == (16, 1, 128, 128)
    same = (batch.sar / 255 - batch.optical).abs().amax((1, 2, 3)) < 1e-6
    assert torch.equal(same, batch.matches == 1)


@pytest.mark.parametrize("side", [128, 112, 64])
def test_corners_lie_as_far_away_as_the_larger_patch_allows(sets, side):
    """256 px less the patch, half of it to each side: 64 for 128 px."""
    batch = _draw(sets, 40, side=side)
    apart = _middle(batch.sar[20:]) - _middle(batch.sar[:20])
    far = (256 - side) / 2
    assert apart.abs().unique().tolist() == [far]
    assert len(apart.unique(dim=0)) == 4, "each of the four corners"
