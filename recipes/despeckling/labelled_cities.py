"""Simulated cities as a complex spotlight image has them, cut into patches, with every roof known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor

from ...engine.despeckling.training.merlin_seg_lesson import LabelledParts
from ...engine.simulation.cities import URBAN
from ...engine.simulation.radar.roofs import roof_share
from ...engine.simulation.radar.sar_image import sar_image
from ...engine.simulation.radar.sar_presets import TERRASARX_SPOTLIGHT
from ...engine.simulation.surfaces.world import world
from ...engine.training.variation import between, one_of
from ..kept import Kept, kept

PATCH = 256
"""Pixels a side, as published."""

_CELLS, _CELL = 900, 0.65
_RIM = 24
"""Lines and bins along the edges whose echoes come from beyond the city in part."""

_INCIDENCES = 30.0, 45.0
_CELL_SIDE = 8


def labelled_cities(work: Path, first: int, count: int) -> LabelledParts:
    """Return so many patches that do not overlap, of cities whose seeds begin at `first`; the folder `work` keeps them.

    Cities with other seeds are other places. All patches are labelled.
    """

    def made() -> Kept:
        found, seed = [], first
        while sum(len(parts) for parts, _ in found) < count:
            found.append(_patches_of(seed))
            seed += 1
        parts, labels = (torch.cat(each)[:count] for each in zip(*found))
        return Kept({"parts": parts.half(), "labels": labels})

    tensors = kept(work / "labelled_cities" / f"{first:05}_{count}.safetensors", made).tensors
    labels = tensors["labels"].float()
    return LabelledParts(tensors["parts"].float(), labels, torch.ones(len(labels), 1, 1, 1, dtype=torch.bool))


def _patches_of(seed: int) -> tuple[Tensor, Tensor]:
    """Return parts [N, 2, S, S] in units of the city's level, and where roofs appear, bool [N, 1, S, S]."""
    generator = Generator().manual_seed(seed)
    landscape = one_of(URBAN, generator)
    surface = world(_CELLS, _CELL, seed, landscape)
    look, incidence = between(0, 360, generator), between(*_INCIDENCES, generator)
    taken = sar_image(surface, TERRASARX_SPOTLIGHT, look, incidence, ("HH",), generator)
    image, roofs = taken.looks[0, 0], roof_share(surface, taken.grid) > 0.5
    image, roofs = (each[_RIM:-_RIM, _RIM:-_RIM] for each in (image, roofs))
    level = torch.nn.functional.avg_pool2d(image.abs().square()[None], _CELL_SIDE).median()
    parts = torch.view_as_real(image / level.sqrt()).permute(2, 0, 1)
    return _cut(parts), _cut(roofs[None])


def _cut(image: Tensor) -> Tensor:
    """Return the patches [N, C, S, S] of an image [C, A, R], row by row; what is left over is dropped."""
    patches = image.unfold(1, PATCH, PATCH).unfold(2, PATCH, PATCH)
    return patches.permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()


def with_few_labels(patches: LabelledParts, percent: int, seed: int) -> LabelledParts:
    """Return the same patches of which so many percent, one at least, are labelled: those that the seed draws."""
    count = max(1, round(len(patches.parts) * percent / 100))
    chosen = torch.randperm(len(patches.parts), generator=Generator().manual_seed(seed))[:count]
    is_labelled = torch.zeros_like(patches.is_labelled)
    is_labelled[chosen] = True
    return patches._replace(is_labelled=is_labelled)


def labelled_only(patches: LabelledParts) -> LabelledParts:
    """Return the patches that are labelled."""
    known = patches.is_labelled.flatten()
    return LabelledParts(*(each[known] for each in patches))


def negatives_per_positive(patches: LabelledParts) -> float:
    """Return pixels without roof for each one with, of the labelled patches."""
    built = float(labelled_only(patches).labels.mean())
    return (1 - built) / max(built, 1e-3)


@dataclass(frozen=True)
class Crops:
    """Draws crops of `side` pixels of patches, turned by none: where the radar looks from shows in its images.

    labelled_crops: share of the crops that are of labelled patches however few these are, none as published.
    """

    patches: LabelledParts
    side: int
    labelled_crops: float = 0.0

    def draw(self, step: int, count: int, generator: Generator) -> LabelledParts:
        """Return so many crops, each of a patch by chance."""
        every = torch.arange(len(self.patches.parts))
        known = every[self.patches.is_labelled.flatten()]
        sure = round(self.labelled_crops * count)
        return _stacked([self._one(known if number < sure else every, generator) for number in range(count)])

    def _one(self, numbers: Tensor, generator: Generator) -> LabelledParts:
        parts, labels, is_labelled = self.patches
        number = int(numbers[torch.randint(len(numbers), (), generator=generator)])
        top, left = (int(torch.randint(PATCH - self.side + 1, (), generator=generator)) for _ in range(2))
        where = number, slice(None), slice(top, top + self.side), slice(left, left + self.side)
        return LabelledParts(parts[where], labels[where], is_labelled[number])


def _stacked(crops: Sequence[LabelledParts]) -> LabelledParts:
    return LabelledParts(*(torch.stack(each) for each in zip(*crops)))
