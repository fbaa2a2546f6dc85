"""HFD-Net: teacher and student of one architecture, with a module that aligns and aggregates their scales.

M. Gao and Q. Dong, "Heterogeneous Feature Distillation Network for SAR Image Semantic Segmentation", 2022, of which we
have the abstract only. It says that both networks are of one architecture with weights of their own, that features of
the optical teacher are distilled into the radar student, that a module in each aligns and aggregates features of
several scales, and that the student is alone when it is used. All else is our choice: the encoder (MobileNetV2, which
learns on a CPU too), how scales are aligned and aggregated, and what is distilled
(`distillation_losses.py`). Teacher and student are two of these networks for different bands; weights
are drawn at random.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer
from .blocks import resized
from .mobilenet_v2 import MobileNetV2
from .segmenter import Segmenter

WIDTH = 64


class FeatureAlignment(nn.Module):
    """Maps of `encoded` channels at 1/2 to 1/32 -> each with `WIDTH` channels at 1/4, and what they add up to there.

    What a scale says counts as much as the scales together say that it should, place by place: weights of all scales
    add up to 1.
    """

    def __init__(self, encoded: Sequence[int]) -> None:
        super().__init__()
        self.align = nn.ModuleList(ConvLayer(channels, WIDTH, 1) for channels in encoded)
        self.weigh = nn.Conv2d(len(encoded) * WIDTH, len(encoded), 1)
        self.aggregate = ConvLayer(WIDTH, WIDTH)

    def forward(self, encoded: Sequence[Tensor]) -> list[Tensor]:
        narrowed = [layer(each) for layer, each in zip(self.align, encoded)]
        aligned = [F.avg_pool2d(narrowed[0], 2), *(resized(each, like=narrowed[1]) for each in narrowed[1:])]
        weights = self.weigh(torch.cat(aligned, 1)).softmax(1).split(1, 1)
        return [*aligned, self.aggregate(sum(each * weight for each, weight in zip(aligned, weights)))]


class AlignedDecoder(nn.Module):
    """Maps of the encoder -> the aligned scales, what they add up to, that at 1/2 with the finest map, and logits."""

    def __init__(self, encoded: Sequence[int]) -> None:
        super().__init__()
        self.alignment = FeatureAlignment(encoded)
        self.refine = nn.Sequential(ConvLayer(WIDTH + encoded[0], WIDTH, 1), ConvLayer(WIDTH, WIDTH))
        self.head = nn.Conv2d(WIDTH, 1, 1)

    def forward(self, encoded: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        maps = self.alignment(encoded)
        fine = encoded[0]
        x = self.refine(torch.cat([resized(maps[-1], like=fine), fine], 1))
        logits = F.interpolate(self.head(x), scale_factor=2, mode="bilinear", align_corners=False)
        return [*maps, x], logits


class HFDNet(Segmenter):
    """Images [N, bands, H, W] -> building logits [N, 1, H, W]."""

    def __init__(self, bands: int) -> None:
        super().__init__(MobileNetV2(bands), AlignedDecoder(MobileNetV2.WIDTHS), bands, stride=32)
