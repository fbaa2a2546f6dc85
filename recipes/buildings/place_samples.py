"""Training samples of the X-band model, cut out of places, turned and rendered as users' images may be."""

import torch
from torch import Generator, Tensor

from ...engine.buildings.training.samples import BuildingSample
from ...engine.compute.cut_patches import cut_patch, nearest_patch
from ...engine.training.pair import Lottery, Sets
from ...engine.training.variation import between
from ...models.buildings.bridge_build import sar_planes
from .places import PIXEL, Place
from .renderings import standardised, varied

SIDE = 256
"""Pixels of a patch."""

_LOOK_TOLD, _INCIDENCE_TOLD = 0.6, 0.7
"""Shares of the samples of known look and incidence in which the network is told."""

_ASTRAY = 6.0  # degrees, standard deviation: lines of sight are told as roughly as headings
_SCALES = 0.8, 1.25
_LEAST_VALID, _TRIES = 0.4, 20


class PlaceSamples:
    """Samples of sets of places, each with its share."""

    def __init__(self, sets: Sets[Place]) -> None:
        self._lottery = Lottery(sets)

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step; which step it is makes no difference."""
        planes, valid, known, labels = zip(*(_sample(self._lottery.draw(generator), generator) for _ in range(count)))
        return BuildingSample(
            planes=torch.cat(planes),
            valid=torch.stack(valid),
            look_known=torch.tensor(known),
            labels=torch.stack(labels),
        )


def _sample(place: Place, generator: Generator) -> tuple[Tensor, Tensor, bool, Tensor]:
    is_told = place.look_known and bool(torch.rand((), generator=generator) < _LOOK_TOLD)
    for _ in range(_TRIES):
        image, labels, valid = _patch(place, is_told, generator)
        if valid.float().mean() > _LEAST_VALID:
            break
    image = varied(image, generator, place.is_rendering)
    # Layers are as small as a tile or as large as a city: their levels are those of a part, or of all.
    levels = image[valid] if torch.rand((), generator=generator) < 0.3 and valid.any() else place.some_values
    backscatter = standardised(image, levels, generator, place.is_rendering)
    incidence = None
    if place.incidence is not None and torch.rand((), generator=generator) < _INCIDENCE_TOLD:
        incidence = torch.tensor(place.incidence)
    return sar_planes(backscatter[None], incidence, is_told), valid, is_told, labels


def _patch(place: Place, is_told: bool, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return (image, labels, valid) [1, S, S] of a part of a place, turned as far as what is told allows."""
    turn = torch.randn((), generator=generator) * _ASTRAY if is_told else torch.rand((), generator=generator) * 360
    angle = torch.deg2rad(turn)
    scale = between(*_SCALES, generator) * PIXEL / place.pixel
    linear = scale * torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
    height, width = place.image.shape[-2:]
    reach = min(SIDE * scale / 2, height / 2, width / 2)
    centre = torch.tensor(
        [between(reach, width - reach, generator), between(reach, height - reach, generator)], dtype=torch.float32
    )
    image = cut_patch(place.image, centre, linear, SIDE)
    labels, valid = nearest_patch(torch.cat([place.labels, place.valid.int()]), centre, linear, SIDE).split(1)
    return image, labels.float(), valid > 0
