"""Pairs that were made are kept between runs."""

import torch
from sarbridge.engine.training.pair import Pair
from sarbridge.recipes.pairs import load_pairs, save_pairs
from sarbridge.tests.engine.matching.training.training_tiles import ground


def test_pairs_are_kept_between_runs(tmp_path):
    pairs = [
        Pair("set/1/0/0", ground(32, 16), ground(32, 16).expand(3, -1, -1)),
        Pair("set/2 b", ground(8, 8), ground(8, 8)),
    ]
    save_pairs(tmp_path / "pairs.safetensors", pairs)
    for kept, pair in zip(load_pairs(tmp_path / "pairs.safetensors"), pairs):
        assert kept.name == pair.name
        assert torch.equal(kept.sar, pair.sar) and torch.equal(kept.optical, pair.optical)
