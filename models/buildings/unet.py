"""U-Nets on four encoders, as R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge
distillation as pretext task for semantic segmentation", CVPR Workshops 2024, Table 1, compare them.

O. Ronneberger, P. Fischer and T. Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015.
Of its networks the publication gives weights, layers and the layer where the encoder ends (where the last two are
swapped in some rows). Counted as Keras does, statistics of batch norms included, with images of three bands:

* VGG19: 31.1 M, 54 layers; determined. Transposed 2x2 convolutions, then two convolutions of 512, 256, 128 and 64
  channels with batch norm have 31,172,033 weights and 54 layers.
* Xception: 38.4 M, encoder up to layer 121, 263 layers; determined. The residual decoder that is common on this encoder
  has 38,431,449 weights and 263 layers.
* EfficientNetB4: 19 M, encoder up to layer 153, 293 layers: the same decoder gives 293 layers and 18.1 M weights, with
  maps of our choice to look back at. The publication tried it and set it aside.
* MobileNetV2: 2.25 M, encoder up to layer 149, 191 layers, of which 41 are five levels of upsampling, concatenation and
  two convolutions. Their widths are our choice (2.26 M), and the last level does not look at the image itself, so that
  a student differs from its teacher in one layer only.

The publication starts teachers from weights that learnt ImageNet. None can be had here: weights are drawn at random.
"""

from collections.abc import Callable

from torch import nn

from .efficientnet import EfficientNetB4
from .mobilenet_v2 import MobileNetV2
from .segmenter import Segmenter
from .unet_decoders import ResidualUNetDecoder, UNetDecoder
from .vgg import VGG
from .xception import Xception


def _mobilenet_v2(bands: int) -> tuple[nn.Module, nn.Module, int]:
    return MobileNetV2(bands), UNetDecoder(MobileNetV2.WIDTHS, (40, 32, 16, 16, 8)), 32


def _vgg19(bands: int) -> tuple[nn.Module, nn.Module, int]:
    return VGG("vgg19", bands, is_normalised=False), UNetDecoder(VGG.WIDTHS, (512, 256, 128, 64)), 16


def _xception(bands: int) -> tuple[nn.Module, nn.Module, int]:
    encoder = Xception(bands, ends_early=False)
    return encoder, ResidualUNetDecoder(encoder.widths), 32


def _efficientnet_b4(bands: int) -> tuple[nn.Module, nn.Module, int]:
    return EfficientNetB4(bands), ResidualUNetDecoder(EfficientNetB4.WIDTHS), 32


ENCODERS: dict[str, Callable[[int], tuple[nn.Module, nn.Module, int]]] = {
    "mobilenet_v2": _mobilenet_v2,
    "vgg19": _vgg19,
    "xception": _xception,
    "efficientnet_b4": _efficientnet_b4,
}
"""Number of bands -> encoder, decoder and stride."""


class UNet(Segmenter):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]; encoder: a name of `ENCODERS`."""

    def __init__(self, encoder: str, bands: int) -> None:
        parts, decoder, stride = ENCODERS[encoder](bands)
        super().__init__(parts, decoder, bands, stride)
