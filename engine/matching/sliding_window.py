"""The sliding window: a network that knows patches of one size only, at every offset of a search window."""

from typing import Callable

import torch
from torch import Tensor

PATCHES_AT_ONCE = 64
"""Patches that are judged at once: at 128 px the first maps of a VGG then take about 256 MB."""


def slide(
    searches: Tensor, side: int, judge: Callable[[Tensor, Tensor], Tensor], at_once: int = PATCHES_AT_ONCE
) -> Tensor:
    """Judge the patch under every offset of search windows [N, C, H, W]: [N, H - side + 1, W - side + 1].

    judge: (patches [B, C, side, side], which search window each is from [B]) -> values [B]. It sees at most `at_once`
    patches, so that memory does not depend on the windows' size.
    """
    patches = searches.unfold(2, side, 1).unfold(3, side, 1)  # a view
    windows, _, rows, cols = patches.shape[:4]
    values = []
    for places in torch.arange(windows * rows * cols, device=searches.device).split(at_once):
        window = places // (rows * cols)
        values.append(judge(patches[window, :, places // cols % rows, places % cols], window))
    return torch.cat(values).view(windows, rows, cols)
