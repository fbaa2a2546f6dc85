"""Outlier reduction network (ORN): does a heat map come from a successful match?

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020, §3.3.3 and §4.6 (table 2 of the paper there); batch norm momentum and affine instance norm: authors'
public code.
"""

from torch import Tensor, nn

from ..layers import he_initialise

SMALLEST_HEAT_MAP = 65
"""Cells a side of the heat map of a 128 pixel template in a 256 pixel search window at feature stride 2."""


class OutlierReductionNet(nn.Module):
    """Raw heat map, its valid part only, [N, 1, h, w] with h, w >= 65 in any range -> probability of a good match [N].

    Raises ValueError for smaller heat maps: nothing is padded. One output cell sees 61 x 61 cells before the average.
    """

    def __init__(self) -> None:
        super().__init__()
        # Instance norm first: heat maps have no common range, and each must be judged by its own.
        self.stem = nn.Sequential(
            nn.Conv2d(1, 32, 7),
            nn.ReLU(inplace=True),
            nn.InstanceNorm2d(32, affine=True),
            nn.MaxPool2d(3, stride=2),
            *_conv(32, 64, kernel=5),
            nn.MaxPool2d(3, stride=2),
            *_conv(64, 128, kernel=5),
            nn.MaxPool2d(3, stride=2),
            *_conv(128, 128, kernel=3),
        )
        self.head = nn.Sequential(
            nn.Conv2d(128, 128, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(128, 1, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(0),
        )
        he_initialise(self)

    def forward(self, heat: Tensor) -> Tensor:
        return self.logits(heat).sigmoid()

    def logits(self, heat: Tensor) -> Tensor:
        """Return the score [N] before the sigmoid, for binary cross-entropy with logits."""
        if min(heat.shape[-2:]) < SMALLEST_HEAT_MAP:
            raise ValueError(f"The ORN needs heat maps of at least 65 x 65 cells, got {tuple(heat.shape[-2:])}.")
        return self.head(self.stem(heat))


def _conv(inputs: int, outputs: int, kernel: int) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, kernel),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs, momentum=0.05),
    )
