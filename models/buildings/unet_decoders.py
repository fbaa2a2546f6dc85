"""The two ways up of the U-Nets in `unet.py`."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer

LeakyReLU = partial(nn.LeakyReLU, 0.1)


class UNetDecoder(nn.Module):
    """Maps of `encoded` channels, each half as fine as the one before -> what each level makes, and logits.

    A level doubles by a transposed 2x2 convolution to its width, joins the encoder's map of that size, where there is
    one, and convolves twice. widths: from the coarsest level to that of the image.
    """

    def __init__(self, encoded: Sequence[int], widths: Sequence[int]) -> None:
        super().__init__()
        *skipped, coarsest = encoded
        skipped = [*reversed(skipped), *[0] * (len(widths) - len(skipped))]
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(before, width, 2, stride=2) for before, width in zip((coarsest, *widths), widths)
        )
        self.join = nn.ModuleList(
            nn.Sequential(ConvLayer(width + skip, width, bias=True), ConvLayer(width, width, bias=True))
            for width, skip in zip(widths, skipped)
        )
        self.head = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        return _climbed(encoded[-1], encoded[:-1], self.up, self.join, self.head)


class ResidualUNetDecoder(nn.Module):
    """Maps of `encoded` channels at 1/2, 1/4, 1/8 and 1/16 -> what each level makes, and logits.

    The coarsest map is pooled once more. At 1/32 and on each level up from there, a convolution and two residual blocks
    of 512, 256, 128, 64, 32 and 16 channels; a level doubles by a transposed 3x3 convolution and joins the encoder's
    map of that size. Published code also drops features at random while training; here nothing is dropped, so that
    activations can be compared (our choice).
    """

    WIDTHS = (512, 256, 128, 64, 32, 16)

    def __init__(self, encoded: Sequence[int]) -> None:
        super().__init__()
        middle, *widths = self.WIDTHS
        self.rectify = LeakyReLU()
        self.middle = _residual_level(encoded[-1], middle)
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(before, width, 3, stride=2, padding=1, output_padding=1)
            for before, width in zip(self.WIDTHS, widths)
        )
        self.join = nn.ModuleList(
            _residual_level(width + skip, width) for width, skip in zip(widths, (*reversed(encoded), 0))
        )
        self.head = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        *finer, coarsest = encoded
        coarsest = self.rectify(coarsest)
        middle = self.middle(F.max_pool2d(coarsest, 2))
        maps, logits = _climbed(middle, (*finer, coarsest), self.up, self.join, self.head)
        return [middle, *maps], logits


class PreNormBlock(nn.Module):
    """Leaky rectifier, batch norm, two 3x3 convolutions; added to what went in, normalised."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            LeakyReLU(),
            nn.BatchNorm2d(width),
            ConvLayer(width, width, bias=True, activation=LeakyReLU),
            ConvLayer(width, width, bias=True, activation=nn.Identity),
        )
        self.shortcut = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x) + self.shortcut(x)


def _residual_level(inputs: int, width: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, width, 3, padding=1)
    return nn.Sequential(conv, PreNormBlock(width), PreNormBlock(width), LeakyReLU())


def _climbed(
    x: Tensor, finer: Sequence[Tensor], up: nn.ModuleList, join: nn.ModuleList, head: nn.Module
) -> tuple[list[Tensor], Tensor]:
    maps, left = [], list(finer)
    for each_up, each_join in zip(up, join):
        x = each_up(x)
        if left:
            x = torch.cat([x, left.pop()], 1)
        x = each_join(x)
        maps.append(x)
    return maps, head(x)
