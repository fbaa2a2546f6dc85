"""Re-alignment: a planted shift is taken out, what does not agree is given up."""

import numpy as np
import torch
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.training.realignment import common_shift, realigned
from sarbridge.engine.training.pair import Pair
from sarbridge.tests.engine.matching.training.training_tiles import ground


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
