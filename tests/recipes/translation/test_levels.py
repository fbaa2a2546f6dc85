"""Mean colours that a translator gets wrong elsewhere are put right, and nothing else changes."""

import numpy as np
import pytest
import torch
from sarbridge.engine.training.pair import Pair
from sarbridge.models.translation.bridge_view import BridgeView
from sarbridge.recipes.translation.levels import mean_error, put_levels_right


@pytest.mark.parametrize("with_dem", [False, True])
def test_levels_are_right_on_average_afterwards(with_dem):
    random = np.random.default_rng(7)
    images = [torch.from_numpy(random.integers(1, 255, (count, 80, 70), np.uint8)) for count in (1, 3, 1, 3)]
    pairs = [Pair("s1s2_los_angeles/001", *images[:2]), Pair("s1s2_sen12/001", *images[2:])]
    torch.manual_seed(0)
    network = BridgeView(widths=(4, 4, 4, 4, 4), with_dem=with_dem).eval()
    planes = torch.randn(1, 4, 64, 64), *([torch.rand(1, 1, 64, 64)] if with_dem else ())
    with torch.no_grad():
        before = network(*planes)
        off = mean_error(network, pairs)
        put_levels_right(network, pairs)
        moved = network(*planes) - before
    assert (off.abs() > 1e-3).all() and off.std() > 1e-4
    assert torch.allclose(mean_error(network, pairs), torch.zeros(3), atol=1e-5)
    assert torch.allclose(moved[0, :3], -off[:, None, None].expand(-1, 64, 64), atol=1e-5)
    assert torch.equal(moved[0, 3], torch.zeros(64, 64))  # what it says of its error stays
