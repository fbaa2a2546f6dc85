"""BridgeBuild: the project's own network for buildings in SAR images.

A radar displaces what stands towards itself: the roof of a house lies beside its footprint, its foot shines, and its
shadow falls behind. Which side is which only the line of sight tells, so the network sees images whose line of sight
runs down the columns, and is told the angle that decides how far things are displaced.
"""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn

from ..folded_unet import STRIDE, WIDTHS, FoldedDecoder, FoldedEncoder
from .segmenter import Segmenter

PLANES = 3
"""What `sar_planes` gives."""

_MIDDLE, _SPREAD = 40.0, 20.0
"""Degrees of incidence that are 0, and that are 1 more."""

_RARE = -1.5
"""Logit that an untrained network gives everywhere: a fifth of the ground is built, or a border, as in towns."""


def sar_planes(backscatter: Tensor, incidence: Optional[Tensor], look_known: bool) -> Tensor:
    """Return what the network sees of backscatter [N, 1, H, W], in standard deviations from the mean of the scene.

    incidence: degrees, [N] or a single one; None where it is not known, which counts as 40°. look_known: whether the
    line of sight runs down the columns, the radar above the first row; otherwise it may run anywhere.
    """
    count, _, height, width = backscatter.shape
    angle = torch.zeros(()) if incidence is None else (incidence - _MIDDLE) / _SPREAD
    facts = torch.stack([angle.expand(count), torch.full((count,), float(look_known))], 1)
    facts = facts.to(backscatter)[:, :, None, None].expand(-1, -1, height, width)
    return torch.cat([backscatter, facts], 1)


class BridgeBuild(Segmenter):
    """Planes [N, bands, H, W] of `sar_planes` -> logits of footprint and border [N, 2, H, W].

    Border is where touching buildings are parted: a band along the edge of each footprint. `widths`: channels of the
    levels of the `folded_unet`. Our design.
    """

    def __init__(self, bands: int = PLANES, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__(FoldedEncoder(bands, widths), FoldedDecoder(widths, 2), bands, STRIDE)
        nn.init.normal_(self.decoder.head.weight, std=0.01)
        nn.init.constant_(self.decoder.head.bias, _RARE)

    @property
    def input_layer(self) -> nn.Module:
        """The first block, both of whose ways see the planes."""
        return self.encoder.down[0]
