"""Training samples for translators: the same place in both modalities, the radar image varied as users' images vary."""

import math
from dataclasses import dataclass
from typing import Optional

import torch
from torch import Generator, Tensor

from ....models.translation.planes import SAR_LIMIT, relief, with_facts
from ...compute.cut_patches import cut_patch
from ...rasters.scene_scale import RENDERING_CURVE, scene_scale
from ...training.pair import Lottery, Pair, Sets
from ...training.variation import between, drawn_speckle, orientation

_DEGREES, _ZOOM = 10, (0.8, 1.3)
_DECIBELS, _AS_RENDERED = 0.4, 0.4
"""Shares of samples in decibels, and with the values of 8-bit layers as they are; the others have any other curve."""

_LOGARITHM, _CURVES = 0.02, (0.1, 1.2)
"""Exponents of Box-Cox curves: of one that is nearly the logarithm, and those from there beyond amplitude (1)."""

_INEXACT = 0.02
"""How much is told wrongly: few scenes teach what colours go with how bright a rendering is, and none shall be known
again by it."""

_SCENE_SIDES = (256, 1024)
"""Pixels a side of what counts as the scene of a patch: users' layers are of all sizes."""


@dataclass(frozen=True)
class TranslationSample:
    """A batch of places. sar [N, bands, S, S]: standardised backscatter (`scene_scale`).

    For networks that see one polarisation at a time, three planes more: `SceneScale.facts`.
    optical [N, bands, S, S]: colours 0..1. dem [N, 1, S, S]: heights as parts of `Method.full_height`, or of the
    greatest of their pair, as in A. Bralet et al., "DEM-assisted neural network for SAR-to-optical image translation",
    IGARSS 2024, section 3.
    """

    sar: Tensor
    optical: Tensor
    dem: Optional[Tensor] = None

    @property
    def images(self) -> tuple[Tensor, ...]:
        """What a translator is given."""
        return (self.sar,) if self.dem is None else (self.sar, self.dem)


class TranslationSampler:
    """Draws batches of patches of `side` pixels from `sets`, with their heights if `with_heights`.

    Patches are turned, mirrored and zoomed, but those of places with heights are not then: relief tells from where the
    radar looks. Places without count as flat, at any height up to 1.
    cross_polarised: how the names of sets begin that show a cross-polarised band; None for networks that know which
    bands they are given, and so for pairs of several bands.
    """

    def __init__(
        self,
        sets: Sets[Pair],
        side: int,
        cross_polarised: Optional[tuple[str, ...]] = None,
        with_heights: bool = False,
        full_height: Optional[float] = None,
    ) -> None:
        self._pairs, self._full_height = Lottery(sets), full_height
        self.side, self._cross_polarised, self._with_heights = side, cross_polarised, with_heights

    def draw(self, step: int, count: int, generator: Generator) -> TranslationSample:
        """Return a batch of `count` samples, which may be of any step: they are drawn from all there are."""
        drawn = [self._draw_one(generator) for _ in range(count)]
        return TranslationSample(*(torch.stack(part) for part in zip(*drawn)))

    def _draw_one(self, generator):
        pair = self._pairs.draw(generator)
        has_relief = self._with_heights and pair.heights is not None
        joint, is_resampled = (torch.eye(2), False) if has_relief else _turn_and_zoom(generator)
        size = torch.tensor([pair.sar.shape[2], pair.sar.shape[1]], dtype=torch.float32)
        margin = torch.minimum(torch.full((2,), float(joint.abs().sum(1).max()) * self.side / 2), size / 2)
        centre = margin + torch.rand(2, generator=generator) * (size - 2 * margin)
        centre = centre if is_resampled else centre.round()
        is_in_decibels = bool(torch.rand((), generator=generator) < _DECIBELS)
        curve = _LOGARITHM if is_in_decibels else _curve_of_rendering(generator)
        values = cut_patch(pair.sar, centre, joint, self.side)
        scene = _around(pair.sar, centre, between(*_SCENE_SIDES, generator)).float()
        if torch.rand((), generator=generator) < 0.2:
            looks = torch.tensor(2 ** between(2, 5, generator)).reshape(1, 1, 1, 1)
            values = values * drawn_speckle(looks, values[None].shape, generator)[0].sqrt()
        seen = scene_scale(scene.numpy(), is_rendering=True)
        patch, scene = (((each / 255).clamp_min(2 / 255) ** curve - 1) / curve for each in (values, scene))
        mean, deviation = scene.mean((1, 2), keepdim=True), scene.std((1, 2), keepdim=True)
        patch = (patch - mean) / deviation.clamp_min(1e-3)
        patch = (patch * between(0.9, 1.1, generator) + between(-0.15, 0.15, generator)).clamp(-SAR_LIMIT, SAR_LIMIT)
        if self._cross_polarised is not None:
            facts = torch.tensor(seen.facts(pair.name.startswith(self._cross_polarised)))
            error = _INEXACT * (2 * torch.rand(2, generator=generator) - 1)
            facts[1:] = 0 if is_in_decibels else facts[1:] + error  # as `SceneScale.facts` has it
            patch = with_facts(patch[None], facts.tolist())[0]
        sample = patch, cut_patch(pair.optical, centre, joint, self.side) / 255
        if not self._with_heights:
            return sample
        if not has_relief:
            return *sample, torch.full((1, self.side, self.side), between(0, 1, generator))
        heights = cut_patch(pair.heights, centre, joint, self.side)
        return *sample, relief(heights, pair.highest, self._full_height)


def _curve_of_rendering(generator):
    if torch.rand((), generator=generator) < _AS_RENDERED / (1 - _DECIBELS):
        return RENDERING_CURVE
    return between(*_CURVES, generator)


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


def whole_pair(pair: Pair, is_cross_polarised: Optional[bool], step: int) -> TranslationSample:
    """Return a pair without heights as one sample, cut to multiples of `step` pixels, as the engine shows 8-bit layers.

    is_cross_polarised: None for networks that know which bands they are given.
    """
    height, width = (size // step * step for size in pair.sar.shape[1:])
    bands = pair.sar[:, :height, :width].float()
    scales = [scene_scale(band.numpy(), is_rendering=True) for band in bands]
    sar = torch.stack([scale.standardised(band) for scale, band in zip(scales, bands)])[None]
    if is_cross_polarised is not None:
        sar = with_facts(sar, scales[0].facts(is_cross_polarised))
    return TranslationSample(sar, pair.optical[None, :, :height, :width] / 255)
