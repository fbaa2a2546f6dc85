"""CorrASL, the published SAR-optical correspondence network.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.1.3 and §4.6 (figure 4, equations 3 to 5 of the paper there); details marked "code"
are from the authors' public code.

The hypercolumn's levels are unpadded and stretched to one size, so its coarse levels do not lie where they belong (up
to 36 pixels off for level 4) and shift with the size of the input: the network is meaningful patch by patch only, never
on a whole area.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import he_initialise
from .correlation import correlation

STRIDE = 2
"""Pixels between neighbouring cells of the features, and so of the heat map."""


class Ablation(NamedTuple):
    """A row of Hughes 2020, §4.6, table 5: arguments of `CorrASL` and the weight of the L1 term in `corr_asl_loss`."""

    attention: bool
    softmax: bool
    l1_weight: float


ABLATIONS = {
    "CorrBase": Ablation(attention=False, softmax=False, l1_weight=0.0),
    "CorrA": Ablation(attention=True, softmax=False, l1_weight=0.0),
    "CorrAS": Ablation(attention=True, softmax=True, l1_weight=0.0),
    "CorrASL": Ablation(attention=True, softmax=True, l1_weight=1e-7),
}


class CorrASL(nn.Module):
    """Heat map of an optical template over a SAR search window.

    attention: multiply spatial attention into the hypercolumns; softmax: activate heat maps by a spatial softmax. With
    the L1 term of the loss these make the published ablations (`ABLATIONS`).

    Inputs are scaled to 0..1: SAR in dB, clipped to a 3-sigma range; grey optical.
    """

    def __init__(self, attention: bool = True, softmax: bool = True) -> None:
        super().__init__()
        self.sar = HypercolumnStream(attention)
        self.optical = HypercolumnStream(attention)
        self.softmax = softmax

    def forward(self, sar_search: Tensor, optical_template: Tensor) -> Tensor:
        """Return raw heat maps [N, 1, h, w] of templates [N, 1, th, tw] in their search windows [N, 1, H, W].

        Published sizes: 128 in 256 gives 65 x 65 cells. Cell (i, j) holds the sum of the cosines between the features
        of the template and of the search window under it, when the template's upper left corner lies at pixel (2i, 2j).
        """
        search, template = self.sar(sar_search), self.optical(optical_template)
        # Published as a grouped convolution: the same numbers, but many times slower, its backward pass above all.
        return correlation(template, search)[:, None]

    def activate(self, heat: Tensor) -> Tensor:
        """Turn raw heat maps [N, 1, h, w] into what the loss compares with the truth: probabilities if `softmax`."""
        return spatial_softmax(heat) if self.softmax else heat


class HypercolumnStream(nn.Module):
    """One modality: image [N, 1, H, W] -> features [N, 256, h, w] of length 1, h = (H - 9) // 2 + 1.

    Cell (i, j) of the first level is centred on pixel (4 + 2i, 4 + 2j).
    """

    def __init__(self, attention: bool) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            [_level(1, 32, kernel=7), _level(32, 64, kernel=5), _level(64, 128, kernel=5), _level(128, 128, kernel=3)]
        )
        self.reduction = nn.Sequential(
            nn.Conv2d(32 + 64 + 128 + 128, 256, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 512, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(512, 256, 1),
        )
        self.attention = SpatialAttention() if attention else nn.Identity()
        he_initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        maps = [self.levels[0](image)]
        for level in self.levels[1:]:
            maps.append(level(maps[-1]))
        size = maps[0].shape[-2:]
        # Corners aligned: code; Hughes 2020 only says "bi-linear".
        stretched = [F.interpolate(x, size, mode="bilinear", align_corners=True) for x in maps]
        hypercolumn = torch.cat(stretched, dim=1)
        return F.normalize(self.attention(self.reduction(hypercolumn)), dim=1)


class SpatialAttention(nn.Module):
    """Features [N, C, h, w] times a map in -1..1 made from their mean and maximum over the channels.

    S. Woo, J. Park, J.-Y. Lee and I. S. Kweon, "CBAM: Convolutional Block Attention Module", ECCV 2018, section 3; 3x3
    kernel and tanh: code. The L2 normalisation that follows takes the map's magnitude away again and leaves only its
    sign, so nothing is learned here by gradients; Hughes 2020, §4.6, table 6 finds no gain from attention alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 3, padding=1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        summary = torch.cat([features.mean(1, keepdim=True), features.amax(1, keepdim=True)], dim=1)
        return features * torch.tanh(self.conv(summary))


def spatial_softmax(heat: Tensor) -> Tensor:
    """Heat maps [N, 1, h, w] -> probabilities of the same shape, each map's sum 1."""
    return heat.flatten(1).softmax(1).view_as(heat)


def place_in_search_window(heat: Tensor, template_size: tuple[int, int], search_size: tuple[int, int]) -> Tensor:
    """Upsample a heat map and zero-pad it to its search window (Hughes 2020, §3.1.3, figure 3.10).

    heat: [N, 1, h, w], activated or raw; template_size, search_size: (height, width) in pixels. Returns
    [N, 1, search height, search width]; the maximum lies on the pixel of the search window that matches the template's
    centre pixel (row height // 2, column width // 2). Cell (i, j) comes to lie on pixel (2i, 2j) plus that centre.
    Where a raw heat map is negative throughout, the padding is its maximum: look for the peak in activated ones.
    """
    rows, cols = (STRIDE * (cells - 1) + 1 for cells in heat.shape[-2:])
    # With aligned corners every cell's value lands unchanged on its own pixel.
    fine = F.interpolate(heat, size=(rows, cols), mode="bilinear", align_corners=True)
    top, left = (side // 2 for side in template_size)
    bottom, right = search_size[0] - top - rows, search_size[1] - left - cols
    return F.pad(fine, (left, right, top, bottom))


def _level(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Unpadded convolution, batch norm (momentum: code), ReLU, max-pool 3 stride 2."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel),
        nn.BatchNorm2d(outputs, momentum=0.05),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
    )
