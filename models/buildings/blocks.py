"""What several networks that find buildings are made of."""

from collections.abc import Callable, Collection, Sequence
from typing import Optional

from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer


class SplitBlock(nn.Module):
    """x [N, inputs, H, W] -> second(first(x)) + shortcut(x); what lies between both parts is what decoders look at."""

    def __init__(self, first: nn.Module, second: nn.Module, shortcut: Optional[nn.Module]) -> None:
        super().__init__()
        self.first = first
        self.second = second
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return self.finish(self.first(x), x)

    def finish(self, inner: Tensor, x: Tensor) -> Tensor:
        """Return what the block makes of x, given what its first part does."""
        outer = self.second(inner)
        return outer if self.shortcut is None else outer + self.shortcut(x)


class TappedEncoder(nn.Module):
    """Images [N, bands, H, W] -> what lies within blocks number `tapped`, fine to coarse, and what `last` gives."""

    def __init__(self, stem: nn.Module, blocks: Sequence[SplitBlock], tapped: Collection[int], last: nn.Module) -> None:
        super().__init__()
        self.stem = stem
        self.blocks = nn.ModuleList(blocks)
        self.tapped = tapped
        self.last = last

    def forward(self, planes: Tensor) -> list[Tensor]:
        x = self.stem(planes)
        maps = []
        for number, block in enumerate(self.blocks):
            inner = block.first(x)
            if number in self.tapped:
                maps.append(inner)
            x = block.finish(inner, x)
        return [*maps, self.last(x)]


class SqueezeExcitation(nn.Module):
    """Each channel, weighted by what the means of all channels say; `squeezed`: channels in between.

    J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018, section 3, with SiLU as in EfficientNet.
    """

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.weigh = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeezed, 1),
            nn.SiLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weigh(x)


def inverted_residuals(
    inputs: int, rows: Sequence[tuple[int, int, int, int, int]], activation: Callable[[], nn.Module], is_squeezed: bool
) -> list[SplitBlock]:
    """Return bottlenecks that widen, look around channel by channel, and narrow again without activation.

    inputs: channels that the first takes. A row: by what factor each widens, its outputs, how many there are, side of
    their kernels and stride of the first. is_squeezed: channels are weighted before they are narrowed.

    M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, figure 4; with weights, M.
    Tan and Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, section 4.
    """
    blocks = []
    for expansion, outputs, number, kernel, stride in rows:
        for each in range(number):
            wide = inputs * expansion
            widen = ConvLayer(inputs, wide, 1, activation=activation) if expansion > 1 else nn.Identity()
            stride_here = 1 if each else stride
            look_around = ConvLayer(wide, wide, kernel, stride_here, groups=wide, activation=activation)
            weigh = SqueezeExcitation(wide, max(1, inputs // 4)) if is_squeezed else nn.Identity()
            narrow = ConvLayer(wide, outputs, 1, activation=nn.Identity)
            shortcut = nn.Identity() if stride_here == 1 and inputs == outputs else None
            blocks.append(SplitBlock(widen, nn.Sequential(look_around, weigh, narrow), shortcut))
            inputs = outputs
    return blocks


def resized(x: Tensor, like: Tensor) -> Tensor:
    """Return maps [N, C, h, w] on the pixels of others [N, *, H, W], bilinearly between true centres."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
