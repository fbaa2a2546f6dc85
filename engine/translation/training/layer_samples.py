"""Training samples that are cut out of users' layers when they are drawn."""

from collections.abc import Sequence

import torch
from torch import Generator

from ....models.translation.planes import SAR_LIMIT, relief, with_facts
from ...rasters.scene_scale import is_cross_polarised
from ...training.epochs import shown
from ...training.places import Place
from ...training.variation import between
from ..methods import Method
from .samples import TranslationSample


class LayerSampler:
    """Draws batches of patches: all of them once an epoch, in orders that follow from the seed.

    For a method that takes bands one by one a sample shows one of them, with planes of what is told of it
    (`SceneScale.facts`); else all at once. Backscatter varies a little in gain and level. Patches are turned and
    mirrored, but with heights they are not: relief tells from where the radar looks.
    """

    def __init__(self, places: Sequence[Place], method: Method, seed: int) -> None:
        self._places, self._method, self._seed = places, method, seed
        self.side = places[0].window.width

    def draw(self, step: int, count: int, generator: Generator) -> TranslationSample:
        """Return the batch of a step of `count` samples."""
        numbers = range(step * count, (step + 1) * count)
        places = [self._places[shown(number, len(self._places), self._seed)] for number in numbers]
        drawn = [self._varied(place, generator) for place in places]
        return TranslationSample(*(torch.cat(part) for part in zip(*drawn)))

    def whole(self, place: Place) -> list[TranslationSample]:
        """Return a patch as it is: a sample for each band where they come one by one, else a single one."""
        bands = range(len(place.scene.scales)) if self._method.one_by_one else [None]
        return [TranslationSample(*self._tensors(place, band)) for band in bands]

    def _varied(self, place, generator):
        bands = len(place.scene.scales)
        band = int(torch.randint(bands, (), generator=generator)) if self._method.one_by_one else None
        sar, *others = self._tensors(place, band)
        varied = 1 if self._method.one_by_one else bands  # what is told of the scene stays
        sar[:, :varied] = sar[:, :varied] * between(0.9, 1.1, generator) + between(-0.15, 0.15, generator)
        sar[:, :varied].clamp_(-SAR_LIMIT, SAR_LIMIT)
        quarters, is_mirrored = torch.randint(4, (), generator=generator), torch.rand((), generator=generator) < 0.5
        if place.scene.heights:
            return sar, *others
        turned = (torch.rot90(each, int(quarters), (2, 3)) for each in (sar, *others))
        return tuple(each.flip(3) if is_mirrored else each for each in turned)

    def _tensors(self, place, band):
        """Return (sar [1, planes, h, w], optical [1, C, h, w]) and, with heights, these [1, 1, h, w]."""
        scene, images = place.scene, place.images()
        sar = torch.from_numpy(scene.standardised(images.sar))
        planes = sar[None]
        if band is not None:
            facts = scene.scales[band].facts(is_cross_polarised(scene.layers.polarisations[band]))
            planes = with_facts(sar[None, band : band + 1], facts)
        tensors = planes, torch.from_numpy(images.optical)[None]
        if not scene.heights:
            return tensors
        heights = torch.from_numpy(images.heights)[None]
        return *tensors, relief(heights, scene.heights.highest, self._method.full_height)
