"""ResNet-50 as an encoder.

K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1, up to within the
last block at 1/16. As in Keras, convolutions have biases, and blocks halve by their first one.
"""

from typing import Optional

from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .blocks import SplitBlock, TappedEncoder

STAGES = ((64, 3), (128, 4), (256, 6))
"""Width within blocks, and how many there are, at 1/4, 1/8 and 1/16."""


class Bottleneck(SplitBlock):
    """1x1 that narrows to `width` and 3x3; then 1x1 that widens to 4 `width`; added to what went in, and rectified."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        outputs = 4 * width
        shortcut: Optional[nn.Module] = nn.Identity()
        if inputs != outputs:
            shortcut = ConvLayer(inputs, outputs, 1, stride, bias=True, activation=nn.Identity)
        super().__init__(
            nn.Sequential(ConvLayer(inputs, width, 1, stride, bias=True), ConvLayer(width, width, bias=True)),
            ConvLayer(width, outputs, 1, bias=True, activation=nn.Identity),
            shortcut,
        )

    def finish(self, inner: Tensor, x: Tensor) -> Tensor:
        return F.relu(super().finish(inner, x))


class ResNet50(TappedEncoder):
    """Images [N, bands, H, W] -> maps of `WIDTHS` channels at 1/4, 1/8 and 1/16.

    They are the 3x3 convolutions of the last block of each stage (Keras: `conv2_block3_2_relu`, `conv3_block4_2_relu`,
    `conv4_block6_2_relu`).
    """

    WIDTHS = tuple(width for width, _ in STAGES)

    def __init__(self, bands: int) -> None:
        blocks: list[Bottleneck] = []
        inputs = 64
        for width, number in STAGES:
            for each in range(number):
                blocks.append(Bottleneck(inputs, width, 2 if each == 0 and width > 64 else 1))
                inputs = 4 * width
        stem = nn.Sequential(ConvLayer(bands, 64, 7, stride=2, bias=True), nn.MaxPool2d(3, stride=2, padding=1))
        super().__init__(stem, blocks[:-1], tapped=(2, 6), last=blocks[-1].first)
