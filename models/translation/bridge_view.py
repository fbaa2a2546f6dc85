"""BridgeView: the project's own SAR-to-optical network.

A U-shaped network that looks far: what colour a place has depends on what kind of place it is, and speckled radar tells
that from a neighbourhood of a kilometre, not from a pixel. It also says how far each pixel can be trusted.
"""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .planes import joined_planes

STRIDE = 32
"""Areas that begin at multiples of this many pixels give the same colours at the same place."""

REACH = 245
"""Pixels around a place within which all lies that its colours depend on."""


class ConvLayer(nn.Sequential):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
        )


class ResidualBlock(nn.Module):
    """Two convolution layers, added to what went in (by a 1x1 convolution where the width changes)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(ConvLayer(inputs, outputs), ConvLayer(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x) + self.shortcut(x)


class BridgeView(nn.Module):
    """SAR [N, inputs, H, W], and heights [N, 1, H, W] if `with_dem` -> colours and their scale [N, bands + 1, H, W].

    H and W are multiples of `STRIDE`. inputs: backscatter in standard deviations from the mean of the scene, and what
    else is known of each pixel. Heights, in kilometres, join these planes (early fusion). Colours are meant to lie in
    0..1; the last band is the scale of a Laplace distribution around them, the expected absolute error, above 0.

    Pixels are folded into channels two by two, so that nothing is lost and the convolutions run at half the resolution.
    Levels at 1/2 to 1/32 are averaged down, which does not alias, resampled up again to true centres and joined from
    the coarsest to the finest. `widths`: channels of the levels. Our design.
    """

    def __init__(
        self,
        inputs: int = 4,
        bands: int = 3,
        widths: Sequence[int] = (32, 48, 72, 112, 160),
        with_dem: bool = False,
    ) -> None:
        super().__init__()
        self.with_dem = with_dem
        self.fold = nn.PixelUnshuffle(2)
        folded = 4 * (inputs + with_dem)
        self.down = nn.ModuleList(ResidualBlock(before, after) for before, after in zip((folded, *widths[:-1]), widths))
        self.lateral = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for coarse, fine in zip(widths[1:], widths[:-1]))
        self.up = nn.ModuleList(ResidualBlock(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4 * (bands + 1), 1)
        nn.init.constant_(self.head.bias, 0.5)  # middle grey
        self.unfold = nn.PixelShuffle(2)

    def forward(self, sar: Tensor, dem: Optional[Tensor] = None) -> Tensor:
        x = self.fold(joined_planes(sar, dem))
        levels = []
        for number, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if number else x)
            levels.append(x)
        for number in reversed(range(len(self.up))):
            coarser = F.interpolate(self.lateral[number](x), scale_factor=2, mode="bilinear", align_corners=False)
            x = self.up[number](levels[number] + coarser)
        colours, scale = self.unfold(self.head(x).float().contiguous()).split([self.bands, 1], 1)
        return torch.cat([colours, F.softplus(scale) + 1e-3], 1)

    @property
    def bands(self) -> int:
        """Number of optical bands."""
        return self.head.out_channels // 4 - 1

    @torch.no_grad()
    def move_colours(self, by: Tensor) -> None:
        """Add `by` [bands] to the colours that it gives from now on."""
        self.head.bias.view(-1, 4)[: self.bands] += by[:, None]
