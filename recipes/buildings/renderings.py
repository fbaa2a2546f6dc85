"""How images of one radar differ before a network sees them: resolution, speckle, levels and stretch.

Files do not tell how a rendering was made, so that networks have to cope with all of them. All numbers are our choice.
"""

from typing import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ...engine.rasters.radiometry import to_db
from ...engine.rasters.scene_scale import scene_scale
from ...engine.training.variation import between, blurred, drawn_speckle

Tone = Callable[[Tensor], Tensor]
"""Values of an image -> what readers give of the rendering: decibels, or 8-bit grey values."""

_FAINTEST = 1e-6
_COARSE, _COARSEST = 0.4, 3.0
"""Share of the images that had larger pixels once, and how many times larger at most."""

_SPECKLED, _SHADED, _BLURRED = 0.3, 0.3, 0.3  # shares
_SHADE = 2.0  # dB


def varied(image: Tensor, generator: Generator, is_rendering: bool) -> Tensor:
    """Return a patch [1, S, S] of intensities, or grey values, as another product of the radar has it."""
    values = image
    if _happens(_COARSE, generator):
        values = _coarse(values, between(1.2, _COARSEST, generator))
    if not is_rendering and _happens(_SPECKLED, generator):
        looks = torch.full((1, 1, 1, 1), 2 ** between(1, 5, generator))
        values = values * drawn_speckle(looks, values[None].shape, generator)[0]
    if not is_rendering and _happens(_SHADED, generator):
        ends = torch.randn((1, 1, 2, 2), generator=generator) * (_SHADE / 10)
        ramp = F.interpolate(ends, size=values.shape[-2:], mode="bilinear", align_corners=True)[0]
        values = values * 10**ramp
    if _happens(_BLURRED, generator):
        values = blurred(values, between(0, 1, generator))
    return values


def standardised(image: Tensor, levels: Tensor, generator: Generator, is_rendering: bool) -> Tensor:
    """Return a patch in standard deviations from the mean of its scene, as the extraction does with a rendering of it.

    levels: values of the scene, [n], that the image's values are told apart by.
    """
    tone, is_eight_bit = (_another_stretch if is_rendering else _stretch)(levels, generator)
    scale = scene_scale(tone(levels).numpy(), is_eight_bit)
    return scale.standardised(tone(image))


def _stretch(levels: Tensor, generator: Generator) -> tuple[Tone, bool]:
    """Return how intensities are rendered, and whether in 8 bits."""
    kind = float(torch.rand((), generator=generator))
    if kind < 0.5:
        return decibels, False
    if kind < 0.75:
        low, high = (decibels(levels).quantile(between(*ends, generator)) for ends in ((0.0, 0.03), (0.97, 1.0)))
        return lambda values: _eight_bit((decibels(values) - low) / (high - low).clamp_min(1)), True
    top, power = levels.quantile(between(0.95, 0.999, generator)), between(0.3, 0.5, generator)
    return lambda values: _eight_bit((values / top.clamp_min(_FAINTEST)) ** power), True


def _another_stretch(levels: Tensor, generator: Generator) -> tuple[Tone, bool]:
    """Return how grey values are rendered anew."""
    power, gain = 2 ** between(-0.7, 0.7, generator), between(0.8, 1.3, generator)
    return lambda values: _eight_bit(gain * (values / 255).clamp(0, 1) ** power), True


def decibels(values: Tensor) -> Tensor:
    """Return intensities in decibels."""
    return to_db(values, _FAINTEST)


def _eight_bit(values: Tensor) -> Tensor:
    return (255 * values).clamp(0, 255).round()


def _coarse(image: Tensor, times: float) -> Tensor:
    """Return an image [1, S, S] as it is when its pixels were some times as large, and became as small again."""
    small = [max(round(side / times), 1) for side in image.shape[-2:]]
    coarse = F.interpolate(image[None], size=small, mode="bilinear", antialias=True, align_corners=False)
    return F.interpolate(coarse, size=image.shape[-2:], mode="bilinear", align_corners=False)[0]


def _happens(share: float, generator: Generator) -> bool:
    return bool(torch.rand((), generator=generator) < share)
