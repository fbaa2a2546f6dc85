"""Goodness networks: where in an image is a match worth trying? One network per modality.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.3.2 and §4.6 (table 1, equations 1 and 2 of the paper there); dropout as in the
authors' public code.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import he_initialise

PATCH = 128
"""Side in pixels of the patch that a cell of the goodness map scores."""

STRIDE = 32
"""Pixels between the patches of neighbouring cells."""


class GoodnessNet(nn.Module):
    """Image [N, 1, H, W] in 0..1, H and W multiples of 32 from 128 -> goodness in 0..1 [N, 1, H/32 - 3, W/32 - 3].

    Cell j scores the 128 pixels from 32 j on (`cell_centre`), as a patch of that size gives one cell. Within an area
    the padded convolutions look further, 212 pixels from 32 j - 54 on, so that the score of a cell of an area and of
    its patch alone are close but not the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            _block(1, 32),
            nn.MaxPool2d(2),
            _block(32, 64),
            nn.MaxPool2d(2),
            _block(64, 128),
            nn.MaxPool2d(2),
            _block(128, 128),
            nn.Dropout2d(0.25),
        )
        self.head = nn.Sequential(
            *_conv(128, 128, stride=2),
            *_conv(128, 64, stride=2),
            nn.Conv2d(64, 64, 1),
            nn.ReLU(inplace=True),
            nn.Dropout2d(0.5),
            nn.Conv2d(64, 1, 1),
            # Table 1 prints a ReLU after this layer too. It would keep every score at 0.5 or more, and no patch could
            # be called bad; the code has none.
            nn.AvgPool2d(4, stride=1),
        )
        he_initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        return self.logits(image).sigmoid()

    def logits(self, image: Tensor) -> Tensor:
        """Return the goodness before the sigmoid, of the same shape, for binary cross-entropy with logits."""
        return self.head(self.blocks(image))


def cell_centre(cell: int) -> float:
    """Return the centre (pixels, corner origin) of the patch that row or column `cell` of a goodness map scores."""
    return PATCH / 2 + STRIDE * cell


def fuse(sar: Tensor, optical: Tensor, fusion: str = "min") -> Tensor:
    """Fuse two goodness maps of one shape: "min" for precision, "max" for recall (Hughes 2020, §4.6, table 8)."""
    return {"min": torch.minimum, "max": torch.maximum}[fusion](sar, optical)


def soft_non_maximum_suppression(goodness: Tensor) -> Tensor:
    """Goodness [N, 1, h, w] -> exp(goodness) over its sum in the 3x3 neighbourhood, same shape, 0..1.

    Hughes 2020, §4.6, equation 2. Equal neighbours give 1/9 everywhere within the map. Outside the map goodness counts
    as 0 (our choice).
    """
    exponential = goodness.exp()
    neighbourhood = 9 * F.avg_pool2d(F.pad(exponential, (1, 1, 1, 1), value=1.0), 3, stride=1)
    return exponential / neighbourhood


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(*_conv(inputs, outputs), *_conv(outputs, outputs))


def _conv(inputs: int, outputs: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
    )
