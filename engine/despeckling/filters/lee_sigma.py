"""The improved Lee sigma filter: the mean of those pixels around that speckle makes of the same ground.

After J. S. Lee, J. H. Wen, T. L. Ainsworth, K. S. Chen and A. J. Chen, "Improved sigma filter for speckle filtering of
SAR imagery", IEEE TGRS 47 (1), 2009. Bright clusters of pixels stay as they are. For the others, an estimate from 3 × 3
pixels says which of the 9 × 9 around count: those within the range that holds a share of all speckle and, as it is not
symmetric, has the mean of all of it. The paper has a table of these ranges, which are computed here for any number of
looks.
"""

import torch
from scipy.optimize import brentq
from scipy.special import gammainc, gammaincinv
from torch import Tensor
from torch.nn import functional as F

from .power_filter import PowerFilter, least_squares

BRIGHT_SHARE = 0.98
"""Of the pixels of an image, those that are not bright."""

_SIGMA = 0.9
"""Share of speckle within the range."""

_CLUSTER = 5
"""Bright pixels among 3 × 3 that make a target of them."""


class LeeSigma(PowerFilter):
    """Improved Lee sigma filter of 9 × 9 pixels for images of so many `looks` (equivalent number).

    bright: power that `BRIGHT_SHARE` of the image's pixels stay below. It is asked of the whole image, not of a tile.
    """

    reach = 4

    def __init__(self, looks: float, bright: float) -> None:
        super().__init__()
        self._bright, self._noise_variance = bright, 1 / looks
        self._low, self._high, self._range_variance = sigma_range(looks, _SIGMA)

    def forward(self, power: Tensor) -> Tensor:
        return torch.where(self._targets(power), power.float(), super().forward(power))

    def _targets(self, power: Tensor) -> Tensor:
        bright = (power >= self._bright).float()
        cluster = bright * (9 * F.avg_pool2d(bright, 3, 1, 1) > _CLUSTER - 0.5)
        return (bright * F.max_pool2d(cluster, 3, 1, 1)) > 0

    def _filter(self, power: Tensor) -> Tensor:
        near = F.pad(power, [1] * 4, mode="replicate")
        mean, mean_square = F.avg_pool2d(near, 3, 1), F.avg_pool2d(near.square(), 3, 1)
        expected = least_squares(power, mean, mean_square, self._noise_variance)
        low, high = self._low * expected, self._high * expected
        wide = F.pad(power, [self.reach] * 4, mode="replicate")
        count, total, squares = (torch.zeros_like(power) for _ in range(3))
        height, width = power.shape[-2:]
        for row in range(2 * self.reach + 1):
            for col in range(2 * self.reach + 1):
                pixel = wide[..., row : row + height, col : col + width]
                counts = (pixel >= low) & (pixel <= high)
                counted = pixel * counts
                count += counts
                total += counted
                squares.addcmul_(counted, counted)
        estimate = least_squares(power, total / count, squares / count, self._range_variance)
        return torch.where(count > 0, estimate, expected)


def sigma_range(looks: float, sigma: float) -> tuple[float, float, float]:
    """Return (low, high, variance) of speckle of mean 1: the range that holds the share `sigma` and has the mean 1."""

    def bounds(below):
        return tuple(gammaincinv(looks, share) / looks for share in (below, min(below + sigma, 1)))

    def excess(below):
        low, high = bounds(below)
        return gammainc(looks + 1, looks * high) - gammainc(looks + 1, looks * low) - sigma

    low, high = bounds(brentq(excess, 0, 1 - sigma - 1e-9))
    squares = (1 + 1 / looks) * (gammainc(looks + 2, looks * high) - gammainc(looks + 2, looks * low))
    return float(low), float(high), float(squares / sigma - 1)
