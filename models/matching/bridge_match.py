"""BridgeMatch: the project's own SAR-optical matcher.

Two streams of one shape and separate weights turn a SAR and an optical image into feature maps on the pixel lattice. A
feature means the same thing at every position (levels are resampled to their true centres), so features are computed
once per area and any template can be cut from them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .correlation import normalised_correlation

LATTICE = 8
"""Areas that start at multiples of this many pixels see the same features at the same place."""

HALO = 88
"""Pixels at the border of an area that its features cannot be trusted in; callers read that much more on every side.

What padding still changes further inside moves matches by less than 0.1 pixel (`benchmarks/matching.py`, agreement).
"""


class LocalContrast(nn.Module):
    """Image [N, 1, H, W] in any unit -> the same, less its local mean, over its local standard deviation; -3..3.

    The neighbourhood is about 70 pixels wide. It takes away gain, offset and slow shading, which differ between
    sensors.
    """

    def forward(self, image: Tensor) -> Tensor:
        mean = _neighbourhood_mean(image)
        centred = image - mean
        deviation = _neighbourhood_mean(centred.square()).clamp_min(0).sqrt()
        # Keeps noise small where a place has no contrast of its own; must not depend on how large the area is.
        floor = 0.05 * _neighbourhood_mean(deviation) + 1e-6
        return (centred / (deviation + floor)).clamp(-3, 3)


def _neighbourhood_mean(image: Tensor, cell: int = LATTICE, cells: int = 9) -> Tensor:
    coarse = F.avg_pool2d(image.float(), cell)
    coarse = F.avg_pool2d(coarse, cells, stride=1, padding=cells // 2, count_include_pad=False)
    return F.interpolate(coarse, size=image.shape[-2:], mode="bilinear", align_corners=False)


class ConvBlock(nn.Sequential):
    """Two convolution layers."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(ConvLayer(inputs, outputs), ConvLayer(outputs, outputs))


class FeatureStream(nn.Module):
    """One modality: image [N, 1, H, W] (H, W multiples of 8) -> features [N, features, H, W].

    Pixels are folded into channels two by two, so that the convolutions run at half the resolution and nothing is lost;
    three levels at 1/2, 1/4 and 1/8 are averaged down, resampled up again to true centres and joined from the coarsest
    to the finest; the head unfolds the channels into features at full resolution.
    """

    def __init__(self, widths: Sequence[int], features: int) -> None:
        super().__init__()
        self.contrast = LocalContrast()
        self.fold = nn.PixelUnshuffle(2)
        self.down = nn.ModuleList(ConvBlock(inputs, outputs) for inputs, outputs in zip((4, *widths[:-1]), widths))
        self.lateral = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for coarse, fine in zip(widths[1:], widths[:-1]))
        self.up = nn.ModuleList(ConvLayer(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4 * features, 1)
        self.unfold = nn.PixelShuffle(2)

    def forward(self, image: Tensor) -> Tensor:
        *levels, x = self.levels(image)
        for i in reversed(range(len(self.up))):
            coarser = F.interpolate(self.lateral[i](x), scale_factor=2, mode="bilinear", align_corners=False)
            x = self.up[i](levels[i] + coarser)
        return self.unfold(self.head(x).float().contiguous())

    def levels(self, image: Tensor) -> list[Tensor]:
        """Return what the way down makes of an image [N, 1, H, W]: [N, width, h, w] at 1/2, 1/4 and 1/8."""
        levels = [self.down[0](self.fold(self.contrast(image)))]
        for block in self.down[1:]:
            levels.append(block(F.avg_pool2d(levels[-1], 2)))
        return levels


class BridgeMatch(nn.Module):
    """SAR and optical feature streams, and the temperature that turns their correlation into offset logits.

    widths: channels of the three levels; features: channels of the feature maps that are correlated.
    """

    def __init__(self, widths: Sequence[int] = (48, 64, 96), features: int = 16) -> None:
        super().__init__()
        self.sar = FeatureStream(widths, features)
        self.optical = FeatureStream(widths, features)
        self.log_temperature = nn.Parameter(torch.tensor(0.0))

    def forward(self, sar: Tensor, optical: Tensor) -> Tensor:
        """Return heat maps [N, H-h+1, W-w+1] of optical templates [N, 1, h, w] in SAR search windows [N, 1, H, W]."""
        return normalised_correlation(self.optical(optical), self.sar(sar))

    def logits(self, heat: Tensor, template_side: int) -> Tensor:
        """Turn heat maps [N, h, w] into offset logits of the same shape.

        Noise in the heat falls with the template's side in pixels.
        """
        return heat * self.log_temperature.exp() * template_side
