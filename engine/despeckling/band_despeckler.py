"""What despeckles a raster, as `map_rasters` runs it: a network at the level of each band, or a classical filter."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..rasters.radiometry import to_db


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
        power = [band.square().sum(1, keepdim=True) if self._channels == 2 else band for band in bands]
        return torch.cat([*clean, *(to_db(each, _FAINTEST) for each in power)], 1)


class AtLevel(nn.Module):
    """A despeckling network, shown a band in units of that band's `level` (linear power)."""

    def __init__(self, network: nn.Module, level: float, channels: int) -> None:
        super().__init__()
        self.network = network
        self._factor = level**-0.5 if channels == 2 else 1 / level
        self._decibels = float(to_db(torch.tensor(level), _FAINTEST))

    def forward(self, band: Tensor) -> Tensor:
        return self.network(band * self._factor) + self._decibels


class Filtered(nn.Module):
    """A classical filter of power, which gives decibels; of a complex band it sees the power."""

    def __init__(self, power_filter: nn.Module) -> None:
        super().__init__()
        self._filter = power_filter

    def forward(self, power: Tensor) -> Tensor:
        return to_db(self._filter(power), _FAINTEST)


_FAINTEST = 1e-37
"""Power, in whichever calibration, below which float32 knows none."""
