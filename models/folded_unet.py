"""The U-shaped network that the project's own networks over whole images are made of.

Pixels are folded into channels two by two, so that nothing is lost and the convolutions run at half the resolution.
Levels at 1/2 to 1/32 are averaged down, which does not alias, resampled up again to true centres and joined from the
coarsest to the finest. Our design.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from .layers import ConvLayer

WIDTHS = (32, 48, 72, 112, 160)
"""Channels of the levels, from the finest to the coarsest."""

STRIDE = 32
"""Areas that begin at multiples of this many pixels give the same results at the same place."""

REACH = 245
"""Pixels around a place within which all lies that its results depend on."""


class ResidualBlock(nn.Module):
    """Two convolution layers, added to what went in (by a 1x1 convolution where the width changes)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(ConvLayer(inputs, outputs), ConvLayer(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x) + self.shortcut(x)


class FoldedEncoder(nn.Module):
    """Planes [N, inputs, H, W] -> levels [N, widths[i], H / 2^(i+1), W / 2^(i+1)], finest first."""

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(2)
        pairs = zip((4 * inputs, *widths[:-1]), widths)
        self.down = nn.ModuleList(ResidualBlock(before, after) for before, after in pairs)

    def forward(self, planes: Tensor) -> list[Tensor]:
        x = self.fold(planes)
        levels = []
        for number, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if number else x)
            levels.append(x)
        return levels


class FoldedDecoder(nn.Module):
    """Levels of a `FoldedEncoder` -> (levels joined with all that are coarser, coarsest first; [N, outputs, H, W]).

    What it gives in the end is float32 whatever the precision of the rest.
    """

    def __init__(self, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for coarse, fine in zip(widths[1:], widths[:-1]))
        self.up = nn.ModuleList(ResidualBlock(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4 * outputs, 1)
        self.unfold = nn.PixelShuffle(2)

    def forward(self, levels: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        x = levels[-1]
        joined = []
        for number in reversed(range(len(self.up))):
            coarser = F.interpolate(self.lateral[number](x), scale_factor=2, mode="bilinear", align_corners=False)
            x = self.up[number](levels[number] + coarser)
            joined.append(x)
        return joined, self.unfold(self.head(x).float().contiguous())
