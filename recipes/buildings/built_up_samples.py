"""Training samples for built-up areas: optical images coloured alike, and radar images of the same places."""

from typing import Callable, Optional

import torch
from torch import Generator, Tensor

from ...engine.buildings.training.samples import BuildingSample
from ...engine.compute.cut_patches import cut_patch
from ...engine.training.pair import Lottery, Pair, Sets
from ...engine.training.variation import between, means_of_3x3
from ...engine.translation.training.samples import TranslationSampler
from ...models.buildings.bridge_build import sar_planes
from ...models.translation.planes import SAR_LIMIT
from .built_up_places import BuiltUpPlace

SIDE = 128
"""Pixels of a patch."""

_ZOOM = 0.7, 1.5
_BY_PATCH = 0.5
"""Share of the patches that are coloured by themselves, as small images are; the others by all of their place."""

_BLURRED, _GREY = 0.3, 0.15  # shares
_NOISE = 0.03  # standard deviation
_SKIPPED = 4
"""Every so many pixels along a place tell its levels."""

_CONTRAST, _SHIFT = 0.7, 0.6  # octaves; standard deviations


def coloured_alike(image: Tensor, levels: Optional[Tensor] = None) -> Tensor:
    """Return an image [..., 3, H, W] of which each band has mean 0 and standard deviation 1, or has where `levels` has.

    What it takes out are camera, haze, season and stretch, by which a teacher must not know places again.
    """
    levels = image if levels is None else levels
    mean, spread = levels.mean((-2, -1), keepdim=True), levels.std((-2, -1), keepdim=True)
    return ((image - mean) / spread.clamp_min(1e-3)).clamp(-4, 4)


class OpticalSamples:
    """Samples of optical images, with what is built up there, of sets of places with their shares."""

    def __init__(self, sets: Sets[BuiltUpPlace]) -> None:
        self._lottery = Lottery(sets)

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step; which step it is makes no difference."""
        patches = (_optical_patch(self._lottery.draw(generator), generator) for _ in range(count))
        images, built_up, known = (torch.stack(each) for each in zip(*patches))
        return BuildingSample(images, known, _no_look(count), labels=built_up)


class PairSamples:
    """Samples of pairs: what the radar shows, varied, the optical image for the teacher, and what is built up there.

    The fourth band of their optical images is the share of each pixel that is built up, as parts of 255.
    """

    def __init__(self, sets: Sets[Pair]) -> None:
        self._sampler = TranslationSampler(sets, SIDE)

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step; which step it is makes no difference."""
        drawn = self._sampler.draw(step, count, generator)
        planes = sar_planes(_as_in_another_scene(drawn.sar, generator), None, look_known=False)
        everywhere = torch.ones_like(drawn.sar, dtype=torch.bool)
        colours, built_up = drawn.optical.split((3, 1), 1)
        return BuildingSample(planes, everywhere, _no_look(count), built_up, coloured_alike(colours))


def _as_in_another_scene(sar: Tensor, generator: Generator) -> Tensor:
    """Return standardised patches [N, 1, S, S] as they are where all else is brighter, darker, or of other contrast.

    In a scene of half water every wood is as bright as a town: what tells them apart must not be how bright they are.
    """
    count = len(sar)
    contrast = 2 ** (_CONTRAST * (2 * torch.rand((count, 1, 1, 1), generator=generator) - 1))
    shift = _SHIFT * torch.randn((count, 1, 1, 1), generator=generator)
    return (contrast * sar + shift).clamp(-SAR_LIMIT, SAR_LIMIT)


def _no_look(count: int) -> Tensor:
    return torch.zeros(count, dtype=torch.bool)


def _optical_patch(place: BuiltUpPlace, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return (colours [3, S, S], share built up, where known [1, S, S]) of a part of a place, as another camera may
    have it."""
    height, width = place.built_up.shape[-2:]
    scale = min(between(*_ZOOM, generator), min(height, width) / SIDE)
    reach = SIDE * scale / 2
    centre = torch.tensor([between(reach, side - reach, generator) for side in (width, height)])
    patch = cut_patch(torch.cat([place.pair.optical, place.built_up, place.known]), centre, scale * torch.eye(2), SIDE)
    colours, built_up, known = patch.split((3, 1, 1))
    tone = _another_camera(generator)
    colours = tone(colours)
    by_patch = bool(torch.rand((), generator=generator) < _BY_PATCH)
    levels = colours if by_patch else tone(place.pair.optical[:, ::_SKIPPED, ::_SKIPPED].float())
    colours = coloured_alike(colours, levels)
    if torch.rand((), generator=generator) < _BLURRED:
        colours = means_of_3x3(colours)
    return colours + _NOISE * torch.randn(colours.shape, generator=generator), built_up.clamp(0, 1), known > 0.99


def _another_camera(generator: Generator) -> Callable[[Tensor], Tensor]:
    """Return how another camera renders 8-bit colours [3, H, W]: other curves and mixtures of the bands, or grey."""
    curves = 2 ** (1.4 * torch.rand((3, 1, 1), generator=generator) - 0.7 + between(-0.5, 0.5, generator))
    mixture = torch.eye(3) + 0.15 * torch.randn((3, 3), generator=generator)
    if torch.rand((), generator=generator) < _GREY:
        mixture = torch.rand((1, 3), generator=generator).expand(3, 3)
    return lambda colours: torch.einsum("ij,jhw->ihw", mixture, (colours / 255).clamp_min(1e-3) ** curves)
