"""Speckle: what a coherent image makes of many scatterers in a resolution cell."""

import math
from typing import Optional

import torch

from .sar_presets import Sampling


def speckle(
    power: torch.Tensor, azimuth: Sampling, slant: Sampling, looks: float, generator: torch.Generator
) -> torch.Tensor:
    """Return independent single looks, complex64 [K, P, A, R], of the mean `power` [P, A, R] (linear, not negative).

    azimuth, slant: `Sampling` of the last two axes. K is `looks`, rounded up; `look_weights` says how to average them.
    Fully developed speckle (Goodman 1976): a circular complex Gaussian of the given power at each place, of which the
    sensor passes the band of its impulse response. On homogeneous ground that keeps the power: the mean intensity of
    each look is `power`. The image counts as periodic: the impulse response reaches from one edge to the opposite one.
    """
    shape = (math.ceil(looks), *power.shape)
    noise = torch.randn(shape, dtype=torch.complex64, generator=generator, device=power.device)
    spectrum = torch.fft.fft2(noise.mul_(power.sqrt()))
    spectrum *= impulse_spectrum(azimuth, shape[-2], power.device)[:, None]
    spectrum *= impulse_spectrum(slant, shape[-1], power.device)
    return torch.fft.ifft2(spectrum)


def expected_intensity(power: torch.Tensor, azimuth: Sampling, slant: Sampling) -> torch.Tensor:
    """Return the mean intensity [..., A, R] of the looks that `speckle` draws of a `power` of that shape.

    It is the power that reaches each pixel through the squared impulse response: what despeckling can find at best.
    """
    spectrum = impulse_spectrum(azimuth, power.shape[-2], power.device)[:, None]
    response = torch.fft.ifft2(spectrum * impulse_spectrum(slant, power.shape[-1], power.device)).abs().square()
    through = torch.fft.ifft2(torch.fft.fft2(power) * torch.fft.fft2(response)).real
    return through.clamp_min(float(power.min()))  # a mean of powers is no less than their least


def look_weights(looks: float) -> torch.Tensor:
    """Return weights [K], of sum 1, for a mean of single looks of which `looks` (1 or more) is the equivalent number.

    The equivalent number is 1 / (sum of the squared weights) (Sentinel-1 Product Definition: 5 looks count as 4.4).
    Here all looks but the last weigh alike.
    """
    count = math.ceil(looks)
    last = 1.0
    if count > looks:
        equal = count - 1
        last = (equal - math.sqrt(equal * looks * (count - looks))) / (looks - 1)
    weights = torch.ones(count)
    weights[-1] = last
    return weights / weights.sum()


def impulse_spectrum(sampling: Sampling, count: int, device: Optional[torch.device] = None) -> torch.Tensor:
    """Return the spectrum [count] of the impulse response of a `Sampling`, real, of mean square 1 (energy is kept)."""
    window = [sampling.window(frequency) for frequency in torch.fft.fftfreq(count, sampling.spacing).tolist()]
    window = torch.tensor(window, device=device)
    return window / window.square().mean().sqrt()
