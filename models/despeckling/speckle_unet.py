"""The U-Net of MERLIN: a noisy plane in, the reflectivity under its speckle out.

E. Dalsasso, C. Rambour, N. Trouvé and N. Thome, "MERLIN-Seg: self-supervised despeckling for label-efficient semantic
segmentation", CVIU 2024 ("the document"), section 4.1: five levels for patches of 256 pixels, six for 512, "about 1.2 M
weights", a segmentation head of about 350,000 more. The U-Net of 48 and 96 channels by J. Lehtinen et al.,
"Noise2Noise: Learning Image Restoration without Clean Data", ICML 2018, appendix, on which MERLIN builds, has 988,609
weights with five levels and 1,216,945 with six, and 350,337 in the head on six levels: it is the one.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from .stacking_conv import StackingConv

SLOPE = 0.1
"""Of the leaky rectifiers below zero, as Noise2Noise has it."""

PUBLISHED_WIDTH = 48

OWN_WIDTH = 24
"""Of the models that users train: a quarter of the published weights, and a third of the time on a processor."""


class SpeckleUNet(nn.Module):
    """A plane [N, 1, H, W] -> a plane [N, 1, H, W]; H and W are multiples of 2 ** levels.

    Each level convolves and takes the largest of 2x2 pixels; on the way up each doubles its pixels, joins what the way
    down held at that size and convolves twice. levels: 2 or more, 5 or 6 as published. width: channels of the way down,
    a multiple of 3; the way up has twice as many, the last two convolutions 4/3 and 2/3. The weights suit planes of
    unit variance.
    """

    def __init__(self, levels: int = 5, width: int = PUBLISHED_WIDTH) -> None:
        super().__init__()
        wide, before_last, last = 2 * width, 4 * width // 3, 2 * width // 3
        self.entry = _conv(1, width)
        self.down = nn.ModuleList(_conv(width, width) for _ in range(levels))
        self.bottom = _conv(width, width)
        joined = [2 * width, *[wide + width] * (levels - 2)]
        self.up = nn.ModuleList(nn.Sequential(_joining(inputs, wide), _conv(wide, wide)) for inputs in joined)
        self.finest = nn.Sequential(_joining(wide + 1, before_last), _conv(before_last, last))
        self.exit = nn.Conv2d(last, 1, 3, padding=1)
        self.stride = 2**levels
        self.map_channels = wide * len(joined) + before_last + last
        _initialise(self)

    @property
    def reach(self) -> int:
        """Pixels around a place within which all lies that its result depends on, a multiple of the stride."""
        levels = len(self.down)
        radius = 2 + sum(2**level for level in range(1, levels + 1))  # down: once a level, twice at full size
        radius += sum(2 * 2**level for level in range(1, levels)) + 3  # up
        return -(-(radius + self.stride) // self.stride) * self.stride  # a cell of the coarsest level begins anywhere

    def forward(self, plane: Tensor) -> Tensor:
        return self.exit(self.decoded(plane)[-1])

    def decoded(self, plane: Tensor) -> list[Tensor]:
        """Return the maps of the way up, coarsest first; the last two have the size of the plane."""
        held, x = [plane], self.entry(plane)
        for conv in self.down:
            x = F.max_pool2d(conv(x), 2)
            held.append(x)
        held.pop()
        x, maps = self.bottom(x), []
        for convs in self.up:
            x = convs((x, held.pop()))
            maps.append(x)
        x = (x, held.pop())
        for conv in self.finest:
            x = conv(x)
            maps.append(x)
        return maps


def _conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(SLOPE, inplace=True))


def _joining(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(StackingConv(inputs, outputs), nn.LeakyReLU(SLOPE, inplace=True))


def _initialise(network: nn.Module) -> None:
    """Draw the weights as suits the rectifiers (He et al. 2015), those of the last convolution too."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, SLOPE)
            nn.init.zeros_(module.bias)
