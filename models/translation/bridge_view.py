"""BridgeView: the project's own SAR-to-optical network.

A U-shaped network that looks far: what colour a place has depends on what kind of place it is, and speckled radar tells
that from a neighbourhood of a kilometre, not from a pixel. It also says how far each pixel can be trusted.
"""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..folded_unet import WIDTHS, FoldedDecoder, FoldedEncoder
from .planes import joined_planes


class BridgeView(nn.Module):
    """SAR [N, inputs, H, W], and heights [N, 1, H, W] if `with_dem` -> colours and their scale [N, bands + 1, H, W].

    H and W are multiples of `folded_unet.STRIDE`. inputs: backscatter in standard deviations from the mean of the
    scene, and what else is known of each pixel. Heights, in kilometres, join these planes (early fusion). Colours are
    meant to lie in 0..1; the last band is the scale of a Laplace distribution around them, the expected absolute error,
    above 0. `widths`: channels of the levels. Our design.
    """

    def __init__(self, inputs: int = 4, bands: int = 3, widths: Sequence[int] = WIDTHS, with_dem: bool = False) -> None:
        super().__init__()
        self.with_dem, self.bands = with_dem, bands
        self.encoder = FoldedEncoder(inputs + with_dem, widths)
        self.decoder = FoldedDecoder(widths, bands + 1)
        nn.init.constant_(self.decoder.head.bias, 0.5)  # middle grey

    def forward(self, sar: Tensor, dem: Optional[Tensor] = None) -> Tensor:
        _, results = self.decoder(self.encoder(joined_planes(sar, dem)))
        colours, scale = results.split([self.bands, 1], 1)
        return torch.cat([colours, F.softplus(scale) + 1e-3], 1)

    @torch.no_grad()
    def move_colours(self, by: Tensor) -> None:
        """Add `by` [bands] to the colours that it gives from now on."""
        self.decoder.head.bias.view(-1, 4)[: self.bands] += by[:, None]
