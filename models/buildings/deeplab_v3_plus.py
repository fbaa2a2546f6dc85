"""DeepLabV3+ on Xception and ResNet-50.

L.-C. Chen, Y. Zhu, G. Papandreou, F. Schroff and H. Adam, "Encoder-Decoder with Atrous Separable Convolution for
Semantic Image Segmentation", ECCV 2018, figure 2. Narayanan Nair and Hänsch (see `unet.py`) give 21.6 M weights and 154
layers with Xception, 11.8 M and 173 layers with ResNet-50. The form that is common in Keras, with a pyramid of full 3x3
convolutions and 34 layers in the decoder, gives both on encoders that end at the activation within their last block at
1/16: 21,643,601 and 11,852,353 weights as Keras counts. Which of Xception's maps the decoder looks back at is not said:
here, that at 1/4. Weights are drawn at random.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .blocks import resized
from .resnet import ResNet50
from .segmenter import Segmenter
from .xception import Xception

WIDTH = 256
RATES = (6, 12, 18)
"""How far apart the places are that the pyramid's 3x3 convolutions look at, in cells of 16 pixels."""


class ImagePooling(nn.Module):
    """Maps [N, inputs, h, w] -> their mean over all places, convolved, at every place [N, outputs, h, w].

    It is spread before it is normalised, so that one image is enough to learn from.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = ConvLayer(inputs, outputs, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x.mean((2, 3), keepdim=True).expand_as(x))


class AtrousPyramid(nn.Module):
    """Maps [N, inputs, h, w] -> what is seen in ever larger neighbourhoods, joined [N, WIDTH, h, w].

    rates: how far apart the places are that the 3x3 convolutions look at, in cells.
    """

    def __init__(self, inputs: int, rates: Sequence[int] = RATES) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [
                ImagePooling(inputs, WIDTH),
                ConvLayer(inputs, WIDTH, 1),
                *(ConvLayer(inputs, WIDTH, dilation=rate) for rate in rates),
            ]
        )
        self.join = ConvLayer(len(self.branches) * WIDTH, WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.join(torch.cat([branch(x) for branch in self.branches], 1))


class PyramidDecoder(nn.Module):
    """Maps from fine to coarse, at 1/4 number `fine` of them -> what each step makes, and logits.

    fine: index of the map at 1/4; widths: channels of that one, and of the coarsest.
    """

    def __init__(self, fine: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.fine = fine
        of_fine, of_coarse = widths
        self.pyramid = AtrousPyramid(of_coarse)
        self.reduce = ConvLayer(of_fine, 48, 1)
        self.refine = nn.ModuleList([ConvLayer(WIDTH + 48, WIDTH), ConvLayer(WIDTH, WIDTH)])
        self.head = nn.Conv2d(WIDTH, 1, 1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        maps = [self.pyramid(encoded[-1])]
        fine = self.reduce(encoded[self.fine])
        x = torch.cat([resized(maps[0], like=fine), fine], 1)
        for layer in self.refine:
            x = layer(x)
            maps.append(x)
        return maps, F.interpolate(self.head(x), scale_factor=4, mode="bilinear", align_corners=False)


def _xception(bands: int) -> tuple[nn.Module, nn.Module]:
    encoder = Xception(bands, ends_early=True)
    return encoder, PyramidDecoder(1, (encoder.widths[1], encoder.widths[-1]))


def _resnet50(bands: int) -> tuple[nn.Module, nn.Module]:
    return ResNet50(bands), PyramidDecoder(0, (ResNet50.WIDTHS[0], ResNet50.WIDTHS[-1]))


ENCODERS: dict[str, Callable[[int], tuple[nn.Module, nn.Module]]] = {"xception": _xception, "resnet50": _resnet50}
"""Number of bands -> encoder and decoder."""


class DeepLabV3Plus(Segmenter):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]; encoder: a name of `ENCODERS`."""

    def __init__(self, encoder: str, bands: int) -> None:
        parts, decoder = ENCODERS[encoder](bands)
        super().__init__(parts, decoder, bands, stride=16)
