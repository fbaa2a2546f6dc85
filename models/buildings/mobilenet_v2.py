"""MobileNetV2 as an encoder.

M. Sandler, A. Howard, M. Zhu, A. Zhmoginov and L.-C. Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
CVPR 2018, table 2, up to the last bottleneck: the 1280 channels after it are for classification.
"""

from torch import nn

from ..layers import ConvLayer
from .blocks import TappedEncoder, inverted_residuals

BOTTLENECKS = (
    # expansion, outputs, how many, kernel, stride of the first
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 32, 3, 3, 2),
    (6, 64, 4, 3, 2),
    (6, 96, 3, 3, 1),
    (6, 160, 3, 3, 2),
    (6, 320, 1, 3, 1),
)


class MobileNetV2(TappedEncoder):
    """Images [N, bands, H, W] -> maps of `WIDTHS` channels at 1/2, 1/4, 1/8, 1/16 and 1/32.

    The first four are what bottlenecks widen to before they halve (Keras: `block_1_expand_relu`, 3, 6, 13).
    """

    WIDTHS = (96, 144, 192, 576, 320)

    def __init__(self, bands: int) -> None:
        *blocks, last = inverted_residuals(32, BOTTLENECKS, nn.ReLU6, is_squeezed=False)
        super().__init__(ConvLayer(bands, 32, stride=2, activation=nn.ReLU6), blocks, (1, 3, 6, 13), last)
