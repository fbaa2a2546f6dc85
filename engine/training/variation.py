"""How images vary from sensor to sensor and from day to day: what patches of a training are put through."""

import math
from collections.abc import Sequence
from typing import Any, Union

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F


def between(low: float, high: float, generator: Generator) -> float:
    """Return a number drawn evenly from `low` to `high`."""
    return low + (high - low) * float(torch.rand((), generator=generator))


def one_of(things: Sequence, generator: Generator) -> Any:
    """Return one of several things, each as likely as the others."""
    return things[int(torch.randint(len(things), (), generator=generator))]


def orientation(generator: Generator) -> Tensor:
    """Return one of the eight turned and mirrored orientations of a square as a matrix [2, 2]."""
    quarter = int(torch.randint(4, (), generator=generator))
    cos, sin = round(math.cos(quarter * math.pi / 2)), round(math.sin(quarter * math.pi / 2))
    mirror = 1.0 if torch.rand((), generator=generator) < 0.5 else -1.0
    return torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float32) @ torch.diag(torch.tensor([mirror, 1.0]))


def vary_sar(sar: Tensor, generator: Generator) -> Tensor:
    """Vary SAR patches [N, 1, H, W] of 8-bit grey values: curve (dB to intensity), speckle, blur and noise."""
    count = sar.shape[0]
    amplitude = (sar / 255).clamp_min(1 / 255)
    looks = 2 ** (1.5 + 4 * _rand(count, generator))
    speckle = drawn_speckle(looks, amplitude.shape, generator)
    amplitude = torch.where(_rand(count, generator) < 0.5, amplitude * speckle.sqrt(), amplitude)
    amplitude = blurred(amplitude, 0.3 * (_rand(count, generator) < 0.3))
    # A Box-Cox curve runs from the logarithm (0) over amplitude (1) to intensity (2).
    power = (1.6 * _rand(count, generator) - 0.2).clamp_min(0.02)
    curved = (amplitude.clamp_min(1 / 255) ** power - 1) / power
    return curved + 0.05 * _spread(curved) * torch.randn(curved.shape, generator=generator) * _rand(count, generator)


def vary_optical(optical: Tensor, generator: Generator) -> Tensor:
    """Vary optical patches [N, 1, H, W] of 8-bit grey values: gamma, tone curve (also falling), haze, blur, noise."""
    count = optical.shape[0]
    grey = (optical / 255).clamp(0, 1)
    grey = grey ** (2 ** (2 * _rand(count, generator) - 1))
    # A bent, at times falling, tone curve: water and fields change sides between seasons and bands.
    bend = 1.2 * (_rand(count, generator) < 0.3)
    phase = 2 * math.pi * _rand(count, generator)
    grey = grey + bend * 0.3 * torch.sin(2 * math.pi * grey * (0.5 + 1.5 * _rand(count, generator)) + phase)
    grey = torch.where(_rand(count, generator) < 0.1, -grey, grey)
    haze = F.interpolate(
        torch.randn((count, 1, 4, 4), generator=generator), size=grey.shape[-2:], mode="bicubic", align_corners=False
    )
    grey = grey + 0.1 * haze * (_rand(count, generator) < 0.3)
    grey = blurred(grey, 0.5 * (_rand(count, generator) < 0.3))
    return grey + 0.05 * _spread(grey) * torch.randn(grey.shape, generator=generator) * _rand(count, generator)


def blurred(images: Tensor, share: Union[float, Tensor]) -> Tensor:
    """Return images [N, C, H, W], or one, mixed with their 3x3 means by a share, 0..1, or one for each [N, 1, 1, 1]."""
    return images + share * (means_of_3x3(images) - images)


def means_of_3x3(images: Tensor) -> Tensor:
    """Return the mean of each pixel of images [N, C, H, W], or of one, and its neighbours, as far as there are any."""
    return F.avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)


def drawn_speckle(looks: Tensor, shape: torch.Size, generator: Generator) -> Tensor:
    """Return speckle of power, mean 1, in `shape` [N, 1, H, W]; looks [N, 1, 1, 1]. Its seed is drawn from `generator`.

    numpy draws: torch's gamma distribution takes no generator, and the state that all threads share is not for samples
    that are drawn ahead in a thread of their own.
    """
    random = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    return torch.from_numpy(random.standard_gamma(looks.numpy(), shape, np.float32)) / looks


def _rand(count, generator):
    return torch.rand((count, 1, 1, 1), generator=generator)


def _spread(image: Tensor) -> Tensor:
    return image.std((2, 3), keepdim=True)
