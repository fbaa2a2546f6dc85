"""SegNet on VGG16 and VGG19.

V. Badrinarayanan, A. Kendall and R. Cipolla, "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image
Segmentation", IEEE TPAMI 39(12), 2017, figures 2 and 3. Narayanan Nair and Hänsch (see `unet.py`) call theirs "SegNet
VGG19" with 29.5 M weights, 44 layers in the encoder and 88 in all. That is VGG16 with batch norm, mirrored: 29,459,457
weights as Keras counts. Mirrored VGG19 has 40,089,089. Both are here; weights are drawn at random.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .segmenter import Segmenter
from .vgg import CONVOLUTIONS, VGG


class PooledVGG(VGG):
    """Maps of VGG with batch norm before they are pooled, and the last one after that: [N, 512, H / 32, W / 32]."""

    def __init__(self, name: str, bands: int) -> None:
        super().__init__(name, bands, is_normalised=True)

    def forward(self, planes: Tensor) -> list[Tensor]:
        maps = super().forward(planes)
        return [*maps, F.max_pool2d(maps[-1], 2)]


class UnpoolingDecoder(nn.Module):
    """Maps of `PooledVGG` -> what each level makes, and logits.

    A level puts each value back where the encoder found that maximum, all else is 0, and convolves as often as the
    encoder did; its last convolution goes to the width of the next level, and that of the last level to logits.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        widths, numbers = VGG.WIDTHS, CONVOLUTIONS[name]
        self.levels = nn.ModuleList(
            nn.Sequential(*(ConvLayer(width, width, bias=True) for _ in range(number - 1)))
            for width, number in zip(reversed(widths), reversed(numbers))
        )
        for level, width, narrower in zip(self.levels, widths[:0:-1], widths[-2::-1]):
            level.append(ConvLayer(width, narrower, bias=True))
        self.head = nn.Conv2d(widths[0], 1, 3, padding=1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        *pooled, x = encoded
        maps = []
        for level, finer in zip(self.levels, reversed(pooled)):
            _, places = F.max_pool2d(finer, 2, return_indices=True)
            x = level(F.max_unpool2d(x, places, 2))
            maps.append(x)
        return maps, self.head(x)


class SegNet(Segmenter):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]; encoder: a name of `vgg.CONVOLUTIONS`."""

    def __init__(self, encoder: str, bands: int) -> None:
        super().__init__(PooledVGG(encoder, bands), UnpoolingDecoder(encoder), bands, stride=32)
