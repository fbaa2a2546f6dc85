"""MERLIN-Seg: a network that segments what it despeckles, so that few labels are enough; and what it is compared with.

E. Dalsasso, C. Rambour, N. Trouvé and N. Thome, "MERLIN-Seg: self-supervised despeckling for label-efficient semantic
segmentation", CVIU 2024 ("the document"), section 3.2 and figure 2. The head has 295,041 weights on the maps of five
levels and 350,337 on those of six: "about 350,000 more".
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .levels import as_plane, from_plane
from .speckle_unet import PUBLISHED_WIDTH, SLOPE, SpeckleUNet
from .stacking_conv import StackingConv

JOINS = ("mean", "concatenated", "one_part")
"""How the maps of both parts become one stack (table 3): averaged, concatenated, or those of the real part alone."""


class Estimates(NamedTuple):
    """Of each part of an image: the reflectivity in dB that it suggests, [N, 1, H, W]; and the logits of buildings."""

    from_real: Tensor
    from_imaginary: Tensor
    logits: Tensor


class SegmentationHead(nn.Sequential):
    """Maps of several sizes, stacked at the finest as `StackingConv` has it -> logits [N, 1, H, W]."""

    def __init__(self, channels: int) -> None:
        super().__init__(
            StackingConv(channels, 64),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(64, 32, 3, padding=1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(32, 1, 1),
        )


class MerlinSeg(nn.Module):
    """Real and imaginary part [N, 2, H, W] -> building logits [N, 1, H, W]; H and W are multiples of the stride.

    The parts are linear, in units in which the scene's median power is 1. levels, width: of the `SpeckleUNet`; join: of
    `JOINS`.
    """

    def __init__(self, levels: int = 5, width: int = PUBLISHED_WIDTH, join: str = "mean") -> None:
        super().__init__()
        self.unet, self._join = SpeckleUNet(levels, width), join
        self.head = SegmentationHead(self.unet.map_channels * (2 if join == "concatenated" else 1))
        self.stride = self.unet.stride

    @property
    def reach(self) -> int:
        """Pixels around a place within which all lies that its logit depends on, a multiple of the stride."""
        convolutions = 2  # of 3x3 pixels, in the head
        return -(-(self.unet.reach + convolutions) // self.stride) * self.stride

    def forward(self, parts: Tensor) -> Tensor:
        return self.estimates(parts).logits

    def estimates(self, parts: Tensor) -> Estimates:
        """Return what is despeckled, and what is segmented."""
        planes = as_plane(2 * parts.square()).transpose(0, 1)  # both parts, one after the other, with shared weights
        maps = self.unet.decoded(planes.reshape(-1, 1, *parts.shape[-2:]))
        real, imaginary = from_plane(self.unet.exit(maps[-1])).chunk(2)
        return Estimates(real, imaginary, self.head(self._joined(maps)).float())

    def _joined(self, maps: list[Tensor]) -> list[Tensor]:
        """Return the maps of the way up, those of both parts joined."""
        joined = []
        for each in maps:
            real, imaginary = each.chunk(2)
            if self._join == "concatenated":
                joined.append(torch.cat([real, imaginary], 1))
            else:
                joined.append(real if self._join == "one_part" else (real + imaginary) / 2)
        return joined


def segmenting_unet(levels: int = 5, width: int = PUBLISHED_WIDTH) -> SpeckleUNet:
    """Return the baseline: the same U-Net, with a 1x1 convolution in the place of its last layer (section 4.1)."""
    unet = SpeckleUNet(levels, width)
    unet.exit = nn.Conv2d(unet.exit.in_channels, 1, 1)
    return unet


class IntensitySegmenter(nn.Module):
    """Baselines: intensity [N, 1, H, W], in units of the scene's level -> building logits [N, 1, H, W].

    network: shown it in decibels as MERLIN is shown one part, [N, 1, H, W] -> [N, 1, H, W].
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, intensity: Tensor) -> Tensor:
        return self.network(as_plane(intensity)).float()
