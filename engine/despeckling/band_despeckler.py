"""What despeckles a raster, as `map_rasters` runs it: a network at the level of each band, or a classical filter."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...models.despeckling.levels import HIGHEST, LOWEST
from ..rasters.radiometry import FAINTEST_POWER, to_db
from .speckled_scene import Band


class BandDespeckler(nn.Module):
    """What is read of each band [N, channels · C, H, W] -> reflectivity in dB, then power in dB, [N, 2 · C, H, W].

    despeckle: for each band, channels in linear units [N, channels, H, W] -> reflectivity in dB [N, 1, H, W]. channels:
    2 for real and imaginary part, 1 for power. The power, before it is despeckled, is what ratios are made of.
    """

    def __init__(self, despeckle: Sequence[nn.Module], channels: int) -> None:
        super().__init__()
        self.despeckle = nn.ModuleList(despeckle)
        self._channels = channels

    def forward(self, values: Tensor) -> Tensor:
        bands = values.float().split(self._channels, 1)
        clean = [despeckle(band) for despeckle, band in zip(self.despeckle, bands)]
        return torch.cat([*clean, *(to_db(power_of(band), FAINTEST_POWER) for band in bands)], 1)


class AtLevel(nn.Module):
    """A despeckling network, shown a band in units of that band's level, which keeps its brightness.

    A network for detected images (one channel) sees them with the `contrast` that it knows.
    Sensors that a network does not know it may find brighter or darker than they are. So the mean of power before over
    power after, which is 1 where nothing but speckle is taken off, is brought to 1 over some 40 pixels around each:
    quotients of bright targets weigh no more than others there. `REACH`: pixels that this depends on.
    """

    REACH = 32

    def __init__(self, network: nn.Module, band: Band, channels: int) -> None:
        super().__init__()
        self.network = network
        self._factor = band.level**-0.5 if channels == 2 else 1 / band.level
        self._contrast = contrast(band) if channels == 1 else 1.0
        self._decibels = float(to_db(torch.tensor(band.level), FAINTEST_POWER))

    def forward(self, band: Tensor) -> Tensor:
        shown = band * self._factor
        clean = self.network(shown) if self._contrast == 1 else self._with_contrast(shown)
        # Power lies below 0 where more noise was subtracted than there was.
        ratio = (power_of(shown) * torch.pow(10, -clean / 10)).clamp(0, _LARGEST_RATIO)
        return clean + to_db(self._around(ratio), FAINTEST_POWER) + self._decibels

    def _with_contrast(self, shown: Tensor) -> Tensor:
        """What is too bright then for the network to tell apart stays as it is, and so do places that are too dark.

        A pixel alone that is too dark, such as one of no power or less, the network fills in.
        """
        seen = shown.clamp_min(0) ** self._contrast
        around = F.avg_pool2d(seen, 5, 1, 2, count_include_pad=False)
        is_told_apart = (around > _DARKEST) & (seen < _BRIGHTEST)
        return torch.where(is_told_apart, self.network(seen) / self._contrast, to_db(shown, _DARKEST))

    def _around(self, ratio: Tensor) -> Tensor:
        """Return means of 5 x 5 cells around each pixel; tiles begin where cells do, so that they agree."""
        cell = min(_CELL, self.network.unet.stride)
        means = F.avg_pool2d(F.avg_pool2d(ratio, cell), 5, 1, 2, count_include_pad=False)
        return F.interpolate(means, scale_factor=cell, mode="bilinear", align_corners=False)


def contrast(band: Band) -> float:
    """Return by how much a network for detected images sees decibels stretched, 1 or more.

    It learns from one to eight looks. Speckle of many more is weak, and so it is in pictures whose contrast was
    lowered: the network would take weak structures for it. Stretched, it is as strong as that of `_LOOKS_SEEN`, or as
    near to it as `_MOST_STRETCHED` allows.
    """
    return min(max((band.looks / _LOOKS_SEEN) ** 0.5, 1.0), _MOST_STRETCHED)


class Filtered(nn.Module):
    """A classical filter of power, which gives decibels; of a complex band it sees the power.

    Power below 0, where more noise was subtracted than there was, counts as none, and where there is none around either
    it is as dark as networks give it.
    """

    def __init__(self, power_filter: nn.Module, band: Band) -> None:
        super().__init__()
        self._filter = power_filter
        self._darkest = band.level * _DARKEST

    def forward(self, power: Tensor) -> Tensor:
        return to_db(self._filter(power.clamp_min(0)), self._darkest)


def power_of(band: Tensor) -> Tensor:
    """Return linear power [N, 1, H, W] of real and imaginary part [N, 2, H, W], or of power as it is."""
    return band.square().sum(1, keepdim=True) if band.shape[1] == 2 else band


_LOOKS_SEEN = 6.0
"""Eight would be nearer to the truth for simulated pixels of a metre, four for those of Sentinel-1."""

_MOST_STRETCHED = 2.0
"""What is darker than the level by 25 dB, or brighter by 30, is then beyond what networks tell apart."""

_DARKEST, _BRIGHTEST = 10 ** (LOWEST / 10), 10 ** (HIGHEST / 10)

_CELL = 8
"""Pixels a side of the cells over which ratios are averaged first."""

_LARGEST_RATIO = 20.0
"""Speckle of one look exceeds it once in 500 million pixels."""
