"""Training samples for translators: the same place in both modalities, the radar image varied as users' images vary."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ...training.pair import Pair, PairLottery, Sets
from ...training.variation import between, cut_patch, drawn_speckle, orientation
from ..scene_scale import LIMIT, scene_scale

_DEGREES, _ZOOM = 10, (0.8, 1.3)
_SCENE_SIDES = (256, 1024)
"""Pixels a side of what counts as the scene of a patch: users' layers are of all sizes."""


@dataclass(frozen=True)
class TranslationSample:
    """A batch of places. sar [N, 2, S, S]: standardised backscatter (`scene_scale`) and 1 where it is cross-polarised.

    optical [N, 3, S, S]: colours 0..1.
    """

    sar: Tensor
    optical: Tensor


class TranslationSampler:
    """Draws batches of patches of `side` pixels from `sets`; names of `cross_polarised` sets begin as these do."""

    def __init__(self, sets: Sets, side: int, cross_polarised: tuple[str, ...]) -> None:
        self._pairs = PairLottery(sets)
        self._side, self._cross_polarised = side, cross_polarised

    def draw(self, count: int, generator: Generator) -> TranslationSample:
        """Return a batch of `count` samples."""
        drawn = [self._draw_one(generator) for _ in range(count)]
        sar, optical = (torch.stack(part) for part in zip(*drawn))
        return TranslationSample(sar, optical)

    def _draw_one(self, generator):
        pair = self._pairs.draw(generator)
        joint, is_resampled = _turn_and_zoom(generator)
        size = torch.tensor([pair.sar.shape[2], pair.sar.shape[1]], dtype=torch.float32)
        margin = torch.minimum(torch.full((2,), float(joint.abs().sum(1).max()) * self._side / 2), size / 2)
        centre = margin + torch.rand(2, generator=generator) * (size - 2 * margin)
        centre = centre if is_resampled else centre.round()
        # A Box-Cox curve runs from the logarithm (0) over amplitude (1): renderings and decibels of any kind.
        curve = max(between(-0.1, 1.2, generator), 0.02)
        values = cut_patch(pair.sar, centre, joint, self._side)
        scene = _around(pair.sar, centre, between(*_SCENE_SIDES, generator)).float()
        if torch.rand((), generator=generator) < 0.3:
            looks = torch.tensor(2 ** between(2, 5, generator)).reshape(1, 1, 1, 1)
            values = values * drawn_speckle(looks, values[None].shape, generator)[0].sqrt()
        patch, scene = (((each / 255).clamp_min(2 / 255) ** curve - 1) / curve for each in (values, scene))
        patch = (patch - scene.mean()) / scene.std().clamp_min(1e-3)
        patch = (patch * between(0.9, 1.1, generator) + between(-0.15, 0.15, generator)).clamp(-LIMIT, LIMIT)
        flag = torch.full_like(patch, float(pair.name.startswith(self._cross_polarised)))
        return torch.cat([patch, flag]), cut_patch(pair.optical, centre, joint, self._side) / 255


def _turn_and_zoom(generator):
    if torch.rand((), generator=generator) < 0.5:  # as it is: resampling smooths speckle
        return orientation(generator), False
    angle = math.radians(between(-_DEGREES, _DEGREES, generator))
    cos, sin = math.cos(angle), math.sin(angle)
    return orientation(generator) @ torch.tensor([[cos, -sin], [sin, cos]]) * between(*_ZOOM, generator), True


def _around(image, centre, side):
    """Every third pixel of a window around a place, as far as the image goes."""
    left, top = (max(0, int(place - side / 2)) for place in centre)
    return image[:, top : top + int(side) : 3, left : left + int(side) : 3]


def whole_pair(pair: Pair, is_cross_polarised: bool, step: int) -> TranslationSample:
    """Return a pair as one sample, cut to multiples of `step` pixels, as the engine shows 8-bit layers to networks."""
    height, width = (size // step * step for size in pair.sar.shape[1:])
    values = pair.sar[:, :height, :width].float()
    sar = scene_scale(values.numpy(), is_rendering=True).standardised(values)
    flag = torch.full_like(sar, float(is_cross_polarised))
    return TranslationSample(torch.cat([sar, flag])[None], pair.optical[None, :, :height, :width] / 255)
