"""How far off a match is, in pixels, told by its heat map around the peak; the project's own."""

import math

import torch
from torch import Tensor, nn

from ...contract.tie_points import SMALLEST_SIGMA
from ..layers import he_initialise

AROUND = 16
"""Cells on each side of the peak that are looked at: few, so that it makes no difference how far was searched."""

_LARGEST = 32.0
"""Pixels: no larger error is predicted."""

_HEAT_SCALE = 8.0
"""Correlations of right matches are of the size of its inverse."""


class MatchErrorNet(nn.Module):
    """Heat [N, 1, 33, 33] around the peaks of matches, correlations in -1..1 -> their errors, sigma [N] in pixels.

    Sigma is that of each axis: 39 % of the matches are off by less than it, 86 % by less than twice as much, as if both
    components were normal and independent (a Rayleigh distribution).
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(2, width, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(2 * width * 25, 64), nn.ReLU(inplace=True), nn.Linear(64, 1))
        he_initialise(self)

    def forward(self, heat: Tensor) -> Tensor:
        return self.log_sigma(heat).clamp(math.log(SMALLEST_SIGMA), math.log(_LARGEST)).exp()

    def log_sigma(self, heat: Tensor) -> Tensor:
        """Return the natural logarithm of sigma [N], without bounds."""
        heat = heat.float()
        below_peak = heat - heat[..., AROUND : AROUND + 1, AROUND : AROUND + 1]
        return self.head(self.stem(_HEAT_SCALE * torch.cat((heat, below_peak), 1))).flatten()
