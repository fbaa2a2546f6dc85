"""The critic of pix2pix and CycleGAN, which judges patches of 70 pixels.

P. Isola, J.-Y. Zhu, T. Zhou and A. A. Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR
2017, section 6.1.2 (C64-C128-C256-C512); J.-Y. Zhu, T. Park, P. Isola and A. A. Efros, "Unpaired Image-to-Image
Translation Using Cycle-Consistent Adversarial Networks", ICCV 2017, appendix 7.2; both in the PyTorch implementation by
their authors.
"""

from typing import Callable

from torch import nn

from .tanh_translator import draw_small_weights


class PatchGAN(nn.Sequential):
    """Planes [N, inputs, H, W] -> how true the patches look [N, 1, H / 8 - 2, W / 8 - 2], as logits or scores.

    norm: `nn.BatchNorm2d` (pix2pix), which brings its own bias, or `nn.InstanceNorm2d` (CycleGAN). The first and the
    last layer have none. H and W are multiples of 8, at least 32.
    """

    def __init__(self, inputs: int, norm: Callable[[int], nn.Module] = nn.BatchNorm2d, width: int = 64) -> None:
        has_bias = norm is not nn.BatchNorm2d
        layers: list[nn.Module] = [nn.Conv2d(inputs, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for before, after, stride in ((1, 2, 2), (2, 4, 2), (4, 8, 1)):
            layers += [
                nn.Conv2d(before * width, after * width, 4, stride, padding=1, bias=has_bias),
                norm(after * width),
                nn.LeakyReLU(0.2),
            ]
        super().__init__(*layers, nn.Conv2d(8 * width, 1, 4, padding=1))
        draw_small_weights(self)
