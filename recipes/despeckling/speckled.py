"""Speckled patches whose reflectivity is known: new speckle each time, over levels and points that vary."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Optional

import torch
from torch import Generator, Tensor

from ...engine.despeckling.training.despeckling_lesson import Halves
from ...engine.simulation.noise import smooth_noise
from ...engine.simulation.radar.sar_presets import Sampling, SarPreset
from ...engine.simulation.radar.speckle_noise import expected_intensity, impulse_spectrum, look_weights, speckle
from ...engine.training.variation import between, one_of

_MARGIN = 16
"""Pixels around a patch that are cut off: speckle is drawn as if patches were periodic."""

_CONTRAST = 0.8, 1.4  # exponents of the power: how strongly covers differ
_LEVEL = 4.0  # dB, standard deviation: a patch is no fair sample of its scene
_POINTED, _DENSITY, _BRIGHTNESS = 0.2, (-5.5, -3.5), (12.0, 45.0)
"""Share of the patches with bright points, decimal logarithm of how many a pixel, and dB over the median."""

_TEXTURED, _TEXTURE, _GRAIN = 0.4, 4.0, (1.0, 6.0)
"""Share of the patches whose power varies from place to place, by up to so many dB (standard deviation), and over how
many pixels: real ground has details that the simulated one lacks."""

_FAINTEST = 1e-6


class Scenes(NamedTuple):
    """Reflectivities [A, R], and the radar whose geometry they have."""

    reflectivities: Sequence[Tensor]
    preset: SarPreset


@dataclass(frozen=True)
class Speckled:
    """Draws `Halves` of `side` pixels from `scenes`, the radars of which take turns by chance.

    looks: of detected images, from the fewest to the most; None for one part of a single-look complex image. The other
    half is the reflectivity itself, of which the other part would be one draw. sampling: factor that resolutions vary
    by from patch to patch, at most.
    """

    scenes: Sequence[Scenes]
    side: int
    looks: Optional[tuple[float, float]] = None
    sampling: float = 1.25

    def draw(self, step: int, count: int, generator: Generator) -> Halves:
        """Return so many patches."""
        drawn = [self._one(generator) for _ in range(count)]
        return Halves(*(torch.stack(each) for each in zip(*drawn)))

    def _one(self, generator: Generator) -> tuple[Tensor, Tensor]:
        reflectivities, preset = one_of(self.scenes, generator)
        power = self._patch(reflectivities, generator)
        azimuth, slant = (self._varied(each, generator) for each in (preset.azimuth, preset.range))
        points = _points(power, generator)
        response = _convolved(points[None], azimuth, slant)[0]
        looks = 1.0 if self.looks is None else _between_logs(*self.looks, generator)
        images = speckle(power[None], azimuth, slant, looks, generator)[:, 0] + response
        clean = expected_intensity(power, azimuth, slant) + response.abs().square()
        if self.looks is None:
            seen = images[0].real.square()
        else:
            seen = torch.einsum("k,kar->ar", look_weights(looks), images.abs().square())
        level = clean.median() * 10 ** (_LEVEL / 10 * float(torch.randn((), generator=generator)))
        inner = slice(_MARGIN, -_MARGIN)
        return tuple((each / level)[None, inner, inner] for each in (seen, clean / 2))

    def _varied(self, sampling: Sampling, generator: Generator) -> Sampling:
        factor = self.sampling ** between(-1, 1, generator)
        widest = max(sampling.resolution * factor, 0.95 * sampling.spacing)
        return replace(sampling, resolution=widest, hamming=between(0.54, 1.0, generator))

    def _patch(self, reflectivities: Sequence[Tensor], generator: Generator) -> Tensor:
        """Return power [S, S], relative to its median, mirrored by chance, of more or less contrast."""
        image = one_of(reflectivities, generator)
        side = self.side + 2 * _MARGIN
        top, left = (int(torch.randint(length - side + 1, (), generator=generator)) for length in image.shape)
        patch = image[top : top + side, left : left + side].clamp_min(_FAINTEST)
        flipped = [dim for dim in (0, 1) if torch.rand((), generator=generator) < 0.5]
        patch = (patch / patch.median()).flip(flipped) ** between(*_CONTRAST, generator)
        return patch * _texture(side, generator)


def _texture(side: int, generator: Generator) -> Tensor:
    """Return factors of power [S, S], log-normal noise as wide as its grain."""
    if torch.rand((), generator=generator) >= _TEXTURED:
        return torch.ones(side, side)
    decibels = between(0, _TEXTURE, generator) * smooth_noise(side, 1.0, between(*_GRAIN, generator), generator)
    return 10 ** (decibels / 10)


def _points(power: Tensor, generator: Generator) -> Tensor:
    """Return the amplitudes of what does not speckle, complex64 [S, S], of phases by chance."""
    points = torch.zeros(power.shape, dtype=torch.complex64)
    if torch.rand((), generator=generator) >= _POINTED:
        return points
    count = int(power.numel() * 10 ** between(*_DENSITY, generator))
    if count:
        where = torch.randint(power.numel(), (count,), generator=generator)
        decibels = _BRIGHTNESS[0] + (_BRIGHTNESS[1] - _BRIGHTNESS[0]) * torch.rand(count, generator=generator)
        phase = 2 * torch.pi * torch.rand(count, generator=generator)
        points.view(-1)[where] = torch.polar(10 ** (decibels / 20), phase)
    return points


def _convolved(images: Tensor, azimuth: Sampling, slant: Sampling) -> Tensor:
    """Return complex images [..., A, R] after the impulse response of the sensor."""
    return torch.fft.ifft2(torch.fft.fft2(images) * _spectrum(images, azimuth, slant))


def _spectrum(image: Tensor, azimuth: Sampling, slant: Sampling) -> Tensor:
    lines, bins = image.shape[-2:]
    return impulse_spectrum(azimuth, lines)[:, None] * impulse_spectrum(slant, bins)


def _between_logs(low: float, high: float, generator: Generator) -> float:
    return low * (high / low) ** between(0, 1, generator)
