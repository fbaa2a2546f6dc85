"""Xception as an encoder.

F. Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017, figure 5, up to within the
block that halves for the last time, so that the stride stays 16. All convolutions keep the size (in the publication's
code, the first two do not), so that maps lie on the pixels of the image: our choice.
"""

from torch import nn

from ..layers import ConvLayer
from .blocks import SplitBlock, TappedEncoder

MIDDLE_BLOCKS = 8


class SeparableConv(nn.Sequential):
    """One 3x3 kernel for each channel, 1x1 over all of them, batch norm."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )


class Xception(TappedEncoder):
    """Images [N, bands, H, W] -> maps of `widths` channels at 1/2, 1/4, 1/8 and 1/16.

    The finer ones are what blocks have made before they pool. The coarsest is the second separable convolution of the
    exit flow (Keras: `block13_sepconv2_bn`, 1024 channels), or the first one, rectified (`block13_sepconv2_act`, 728),
    if it `ends_early`.
    """

    def __init__(self, bands: int, ends_early: bool) -> None:
        entry = (_halving(64, 128, nn.Identity()), _halving(128, 256, nn.ReLU()), _halving(256, 728, nn.ReLU()))
        exit_flow = [nn.ReLU(), SeparableConv(728, 728), nn.ReLU()]
        if not ends_early:
            exit_flow.append(SeparableConv(728, 1024))
        super().__init__(
            stem=nn.Sequential(ConvLayer(bands, 32, stride=2), ConvLayer(32, 64)),
            blocks=[*entry, *(_middle(728) for _ in range(MIDDLE_BLOCKS))],
            tapped=(0, 1, 2),
            last=nn.Sequential(*exit_flow),
        )
        self.widths = (128, 256, 728, 728 if ends_early else 1024)


def _halving(inputs: int, outputs: int, activation: nn.Module) -> SplitBlock:
    first = nn.Sequential(activation, SeparableConv(inputs, outputs), nn.ReLU(), SeparableConv(outputs, outputs))
    shortcut = ConvLayer(inputs, outputs, 1, stride=2, activation=nn.Identity)
    return SplitBlock(first, nn.MaxPool2d(3, stride=2, padding=1), shortcut)


def _middle(width: int) -> SplitBlock:
    layers = [layer for _ in range(3) for layer in (nn.ReLU(), SeparableConv(width, width))]
    return SplitBlock(nn.Sequential(*layers), nn.Identity(), nn.Identity())
