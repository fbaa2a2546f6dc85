"""The sliding window: every offset of every window once, a bounded number at a time."""

import torch
from sarbridge.engine.matching.sliding_window import slide


def test_each_offset_of_each_window_is_judged_in_its_place():
    searches = torch.randn(3, 2, 9, 11, generator=torch.Generator().manual_seed(0))
    sizes = []

    def judge(patches, window):
        sizes.append(len(patches))
        return patches[:, 1, 0, 3] + 10 * patches[:, 0, 3, 1] + 100 * window

    found = slide(searches, 4, judge, at_once=7)
    assert found.shape == (3, 6, 8) and max(sizes) == 7 and sum(sizes) == 3 * 6 * 8
    by_hand = searches[:, 1, 0:6, 3:11] + 10 * searches[:, 0, 3:9, 1:9] + 100 * torch.arange(3)[:, None, None]
    assert torch.equal(found, by_hand)
