"""How SARDINet takes in a radar image, and heights where there are any: the fusions of Bralet 2024.

A. Bralet, T. N. Ngo, E. Trouvé, J. Chanussot and A. M. Atto, "DEM-assisted neural network for SAR-to-optical image
translation", IGARSS 2024 ("Bralet 2024"), section 2.2, figures 1 and 2. Widths and strides are those of the authors'
public code of SARDINet or follow from the published numbers of weights, where nothing else is said.

Each conditioning is a module: SAR [N, sar_bands, H, W] and heights [N, 1, H, W] (none for "none") -> features
[N, widths[1], H / 2, W / 2], not negative.
"""

from typing import Optional

import torch
from torch import Tensor, nn

from .planes import joined_planes

Widths = tuple[int, int]


class InputConditioning(nn.Sequential):
    """Two 3x3 convolutions, ReLU after each, the first of stride 2; mirrored beyond the image.

    It takes all planes together: without heights that of SARDINet itself (222,912 weights for VV and VH, biases apart),
    with them the early fusion of figure 1b (223,776).
    """

    def __init__(self, planes: int, widths: Widths) -> None:
        super().__init__(
            nn.Conv2d(planes, widths[0], 3, stride=2, padding=1, padding_mode="reflect"),
            nn.ReLU(),
            nn.Conv2d(widths[0], widths[1], 3, padding=1, padding_mode="reflect"),
            nn.ReLU(),
        )

    def forward(self, sar: Tensor, dem: Optional[Tensor] = None) -> Tensor:
        return super().forward(joined_planes(sar, dem))


class LateFusion(nn.Module):
    """One conditioning for the radar image and one for the heights, side by side (figure 1a).

    Bralet 2024 gives no widths. Each has half of them, 48 and 128, so that the encoder finds what it always does (our
    choice).
    """

    def __init__(self, sar_bands: int, widths: Widths) -> None:
        super().__init__()
        halves = (widths[0] // 2, widths[1] // 2)
        self.sar, self.dem = InputConditioning(sar_bands, halves), InputConditioning(1, halves)

    def forward(self, sar: Tensor, dem: Tensor) -> Tensor:
        return torch.cat([self.sar(sar), self.dem(dem)], 1)


class BalancedSeparableConv(nn.Module):
    """`spatial` 3x3 kernels for each channel, then the same `mixing` 1x1 kernels over each of the groups (figure 2).

    [N, inputs, H, W] -> [N, spatial * mixing, H / stride, W / stride], group by group. Group s holds what the s-th
    kernels of all channels gave, so that no channel outweighs another before they are mixed.
    """

    def __init__(self, inputs: int, spatial: int, mixing: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            inputs, inputs * spatial, 3, stride, padding=1, padding_mode="reflect", groups=inputs
        )
        self.pointwise = nn.Conv2d(inputs, mixing, 1)
        self.spatial = spatial

    def forward(self, x: Tensor) -> Tensor:
        of_channels = self.depthwise(x).unflatten(1, (-1, self.spatial))
        groups = of_channels.transpose(1, 2).flatten(0, 1)
        return self.pointwise(groups).unflatten(0, (-1, self.spatial)).flatten(1, 2)


class IntermediateFusion(nn.Sequential):
    """Two balanced separable convolutions, ReLU after each, the first of stride 2 (figure 1c).

    The published 9,852 weights for VV, VH and heights, biases apart, have one solution: 8 spatial kernels and 12 that
    mix, then 4 and 64. That the first one has the stride is our choice, as the document gives none.
    """

    SPATIAL = (8, 4)

    def __init__(self, sar_bands: int, widths: Widths) -> None:
        first, second = self.SPATIAL
        super().__init__(
            BalancedSeparableConv(sar_bands + 1, first, widths[0] // first, stride=2),
            nn.ReLU(),
            BalancedSeparableConv(widths[0], second, widths[1] // second),
            nn.ReLU(),
        )

    def forward(self, sar: Tensor, dem: Tensor) -> Tensor:
        return super().forward(joined_planes(sar, dem))


def input_conditioning(fusion: str, sar_bands: int, widths: Widths) -> nn.Module:
    """Return the conditioning of a fusion: "none", "late", "early" or "intermediate"; KeyError for any other."""
    make = {
        "none": lambda: InputConditioning(sar_bands, widths),
        "late": lambda: LateFusion(sar_bands, widths),
        "early": lambda: InputConditioning(sar_bands + 1, widths),
        "intermediate": lambda: IntermediateFusion(sar_bands, widths),
    }
    return make[fusion]()
