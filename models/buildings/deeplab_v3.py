"""DeepLabV3 on ResNet-50 and ResNet-101, with which MERLIN-Seg is compared.

L.-C. Chen, G. Papandreou, F. Schroff and H. Adam, "Rethinking Atrous Convolution for Semantic Image Segmentation",
2017, section 3; K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1.
The MERLIN-Seg document (see `models/despeckling/merlin_seg.py`) gives "about 40 M and 60 M" weights; with maps at 1/8,
twice the rates, and a 3x3 convolution before the last one there are 39.6 M and 58.6 M. Weights are drawn at random.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .deeplab_v3_plus import RATES, WIDTH, AtrousPyramid

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Blocks of the four stages, by the number of layers of the ResNet."""

_STAGES = (64, 1, 1), (128, 2, 1), (256, 1, 2), (512, 1, 4)
"""Width within blocks, stride, and how far apart the last two stages look, which halve nothing any more."""


class DilatedBottleneck(nn.Module):
    """1x1 that narrows to `width`, 3x3, 1x1 that widens to 4 `width`; added to what went in, and rectified."""

    def __init__(self, inputs: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.layers = nn.Sequential(
            ConvLayer(inputs, width, 1),
            ConvLayer(width, width, stride=stride, dilation=dilation),
            ConvLayer(width, outputs, 1, activation=nn.Identity),
        )
        self.shortcut = nn.Identity()
        if inputs != outputs or stride > 1:
            self.shortcut = ConvLayer(inputs, outputs, 1, stride, activation=nn.Identity)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.layers(x) + self.shortcut(x))


class DeepLabV3(nn.Module):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]; H and W are multiples of 8. layers: 50 or 101."""

    def __init__(self, layers: int, bands: int = 1) -> None:
        super().__init__()
        blocks, inputs = [], 64
        for (width, stride, dilation), count in zip(_STAGES, DEPTHS[layers]):
            for number in range(count):
                # The first block of a stage looks no further than those of the stage before.
                before = max(dilation // 2, 1) if number == 0 else dilation
                blocks.append(DilatedBottleneck(inputs, width, stride if number == 0 else 1, before))
                inputs = 4 * width
        self.encoder = nn.Sequential(ConvLayer(bands, 64, 7, 2), nn.MaxPool2d(3, 2, 1), *blocks)
        self.pyramid = AtrousPyramid(inputs, [2 * rate for rate in RATES])
        self.head = nn.Sequential(nn.Dropout(0.5), ConvLayer(WIDTH, WIDTH), nn.Conv2d(WIDTH, 1, 1))

    def forward(self, planes: Tensor) -> Tensor:
        coarse = self.head(self.pyramid(self.encoder(planes))).float()
        return F.interpolate(coarse, size=planes.shape[-2:], mode="bilinear", align_corners=False)
