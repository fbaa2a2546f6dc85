"""The translator of pix2pix: a U-Net that halves images until one pixel is left.

P. Isola, J.-Y. Zhu, T. Zhou and A. A. Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR
2017, section 6.1.1, in the PyTorch implementation by its authors, which Bralet 2024 (see `sardinet.py`) used with
heights as one plane more (section 4.1). Its critic is `patch_gan.py`.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .tanh_translator import TanhTranslator, draw_small_weights


class UNetGenerator(nn.Module):
    """Planes [N, inputs, H, W] -> [N, outputs, H, W], -1..1; H and W are multiples of 2 ** levels.

    Each level halves by a 4x4 convolution of stride 2 and doubles by a transposed one; what a level took in joins what
    it gives. Levels are `width` times 1, 2, 4, 8, 8 … wide. From the fifth level on, but for the innermost one, half of
    the features are dropped at random while training.
    """

    def __init__(self, inputs: int, outputs: int, levels: int, width: int) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        widths = [width * min(2**level, 8) for level in range(levels)]
        innermost = levels - 1
        self.down = nn.ModuleList(
            _down(before, after, is_normalised=0 < level < innermost)
            for level, (before, after) in enumerate(zip((inputs, *widths), widths))
        )
        self.up = nn.ModuleList(
            _up(after if level == innermost else 2 * after, before, is_dropped=4 <= level < innermost)
            for level, (before, after) in enumerate(zip(widths, widths[1:]), start=1)
        )
        self.last = nn.ConvTranspose2d(2 * width, outputs, 4, stride=2, padding=1)
        draw_small_weights(self)

    def forward(self, planes: Tensor) -> Tensor:
        x, taken_in = planes, []
        for number, down in enumerate(self.down):
            x = down(F.leaky_relu(x, 0.2) if number else x)
            taken_in.append(x)
        x = taken_in.pop()
        for up, skipped in zip(reversed(self.up), reversed(taken_in)):
            x = torch.cat([skipped, up(F.relu(x))], 1)
        return torch.tanh(self.last(F.relu(x)))


class Pix2Pix(TanhTranslator):
    """A `UNetGenerator` for radar images, and heights if `with_dem`; 8 levels for 256 pixels, 7 for 128.

    While it translates, norms use what they learnt and nothing is dropped, so that a scene has one translation (our
    choice; the authors keep both as in training).
    """

    def __init__(
        self, sar_bands: int = 2, bands: int = 3, with_dem: bool = False, levels: int = 8, width: int = 64
    ) -> None:
        super().__init__(UNetGenerator(sar_bands + with_dem, bands, levels, width))


def _down(inputs: int, outputs: int, is_normalised: bool) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs) if is_normalised else nn.Identity())


def _up(inputs: int, outputs: int, is_dropped: bool) -> nn.Sequential:
    conv = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.Dropout(0.5 if is_dropped else 0.0))
