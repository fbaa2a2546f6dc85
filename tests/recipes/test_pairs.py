"""Pairs that were made are kept between runs; bands become pairs of their own."""

import torch
from sarbridge.engine.training.pair import Pair
from sarbridge.recipes.pairs import by_band, kept_pairs
from sarbridge.tests.engine.matching.training.training_tiles import ground


def test_pairs_are_kept_between_runs(tmp_path):
    pairs = [
        Pair("set/1/0/0", ground(32, 16), ground(32, 16).expand(3, -1, -1)),
        Pair("set/2 b", ground(8, 8), ground(8, 8)),
    ]
    path = tmp_path / "made" / "pairs.safetensors"
    for found in (kept_pairs(path, lambda: pairs), kept_pairs(path, None)):
        assert [each.name for each in found] == [pair.name for pair in pairs]
        for each, pair in zip(found, pairs):
            assert torch.equal(each.sar, pair.sar) and torch.equal(each.optical, pair.optical)


def test_each_band_is_a_pair():
    pair = Pair("place", torch.cat([ground(8, 8), 255 - ground(8, 8)]), ground(8, 8), torch.ones(1, 8, 8))
    bands = by_band([pair], ("VV", "VH"))
    assert [band.name for band in bands] == ["VV place", "VH place"]
    assert torch.equal(bands[1].sar, pair.sar[1:]) and bands[1].heights is pair.heights
