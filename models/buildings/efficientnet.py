"""EfficientNet-B4 as an encoder, as far as Narayanan Nair and Hänsch (see `unet.py`) seem to have used it.

M. Tan and Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, table 1,
widened by 1.4 and deepened by 1.8. Blocks are not left out at random while training (our choice).
"""

from torch import nn

from ..layers import ConvLayer
from .blocks import TappedEncoder, inverted_residuals

BOTTLENECKS = (
    # expansion, outputs, how many, kernel, stride of the first
    (1, 24, 2, 3, 1),
    (6, 32, 4, 3, 2),
    (6, 56, 4, 5, 2),
    (6, 112, 1, 3, 2),
)


class EfficientNetB4(TappedEncoder):
    """Images [N, bands, H, W] -> maps of `WIDTHS` channels at 1/2, 1/4, 1/8 and 1/16.

    Layer 153 of Keras's EfficientNetB4, where the publication ends its encoder, is the depthwise convolution of the
    first block at 1/16 (`block4a_activation`). The finer maps are what bottlenecks widen to; which of them it took is
    not said.
    """

    WIDTHS = (144, 192, 336, 336)

    def __init__(self, bands: int) -> None:
        *blocks, cut = inverted_residuals(48, BOTTLENECKS, nn.SiLU, is_squeezed=True)
        last = nn.Sequential(cut.first, cut.second[0])
        super().__init__(ConvLayer(bands, 48, stride=2, activation=nn.SiLU), blocks, (2, 6, 9), last)
