"""PSPNet on a plain encoder.

H. Zhao, J. Shi, X. Qi, X. Wang and J. Jia, "Pyramid Scene Parsing Network", CVPR 2017, figure 3 and section 3.2.
Narayanan Nair and Hänsch (see `unet.py`) give 0.8 M weights and 63 layers, 46 of them in a "vanilla encoder" which
they do not describe. Ours is a choice with as many: three 3x3 convolutions, as PSPNet's own encoder begins, of which
two halve, and at 1/4 the three dilated residual blocks of small PSPNets in Keras. The network has 818,113 weights as
Keras counts, drawn at random.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .blocks import resized
from .segmenter import Segmenter

LeakyReLU = partial(nn.LeakyReLU, 0.2)

BLOCKS = (64, 128, 256)
"""Channels that the encoder's blocks give."""

STEM = 64
BINS = (1, 2, 3, 6)
"""How many means there are along each side of the image, on each level of the pyramid."""


class DilatedBlock(nn.Module):
    """1x1 to half of `outputs`, 3x3 of every second cell, 1x1; plus a 3x3 convolution of what went in; rectified."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half = outputs // 2
        self.layers = nn.Sequential(
            ConvLayer(inputs, half, 1, bias=True, activation=LeakyReLU),
            ConvLayer(half, half, dilation=2, bias=True, activation=LeakyReLU),
            ConvLayer(half, outputs, 1, bias=True, activation=nn.Identity),
        )
        self.shortcut = ConvLayer(inputs, outputs, bias=True, activation=nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.layers(x) + self.shortcut(x))


class PlainEncoder(nn.Module):
    """Images [N, bands, H, W] -> maps of 64, 64, 128 and 256 channels [N, C, H / 4, W / 4]."""

    def __init__(self, bands: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            ConvLayer(bands, STEM, stride=2, bias=True),
            ConvLayer(STEM, STEM, bias=True),
            ConvLayer(STEM, STEM, stride=2, bias=True),
        )
        self.blocks = nn.ModuleList(DilatedBlock(before, after) for before, after in zip((STEM, *BLOCKS), BLOCKS))

    def forward(self, planes: Tensor) -> list[Tensor]:
        maps = [self.stem(planes)]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        return maps


class PyramidPoolingDecoder(nn.Module):
    """Maps of `PlainEncoder` -> the levels of the pyramid, all of it, and logits at four times its resolution.

    A level: means of the coarsest map over 1, 4, 9 or 36 parts of the image, reduced, on the pixels of that map.
    """

    def __init__(self) -> None:
        super().__init__()
        width = BLOCKS[-1]
        self.reduce = nn.ModuleList(nn.Conv2d(width, width // len(BINS), 1) for _ in BINS)
        self.head = nn.Conv2d(2 * width, 1, 3, padding=1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        x = encoded[-1]
        means = [reduce(F.adaptive_avg_pool2d(x, bins)) for bins, reduce in zip(BINS, self.reduce)]
        levels = [resized(mean, like=x) for mean in means]
        pyramid = torch.cat([x, *levels], 1)
        logits = F.interpolate(self.head(pyramid), scale_factor=4, mode="bilinear", align_corners=False)
        return [*levels, pyramid], logits


class PSPNet(Segmenter):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]. What a place is depends on all of the image."""

    def __init__(self, bands: int) -> None:
        super().__init__(PlainEncoder(bands), PyramidPoolingDecoder(), bands, stride=4)
