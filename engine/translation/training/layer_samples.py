"""Training samples that are cut out of users' layers when they are drawn."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Generator

from ....models.translation.planes import SAR_LIMIT, relief, with_facts
from ...rasters.grid import Window
from ...training.variation import between
from ..scene_scale import is_cross_polarised
from .learning_scene import PatchImages, PatchReader
from .samples import TranslationSample


class LayerSampler:
    """Draws batches of the patches `windows` of one scene, each as often as any other.

    one_by_one: a sample shows one of the bands, with planes of what is told of it (`SceneScale.facts`); else all at
    once. highest: the height in metres that counts as 1. Backscatter varies a little in gain and level. Patches are
    turned and mirrored, but with heights they are not: relief tells from where the radar looks.
    """

    def __init__(
        self, reader: PatchReader, windows: Sequence[Window], one_by_one: bool, highest: Optional[float] = None
    ) -> None:
        self._reader, self._windows, self._one_by_one, self._highest = reader, windows, one_by_one, highest
        self.side = windows[0].width

    def draw(self, count: int, generator: Generator) -> TranslationSample:
        """Return a batch of `count` samples."""
        drawn = [self._draw_one(generator) for _ in range(count)]
        return TranslationSample(*(torch.cat(part) for part in zip(*drawn)))

    def whole(self, images: PatchImages) -> list[TranslationSample]:
        """Return a patch as it is: a sample for each band where they come one by one, else a single one."""
        bands = range(len(images.sar)) if self._one_by_one else [None]
        return [TranslationSample(*self._tensors(images, band)) for band in bands]

    def _draw_one(self, generator):
        window = self._windows[int(torch.randint(len(self._windows), (), generator=generator))]
        images, _ = self._reader.read(window)
        band = int(torch.randint(len(images.sar), (), generator=generator)) if self._one_by_one else None
        sar, *others = self._tensors(images, band)
        varied = 1 if self._one_by_one else len(images.sar)  # what is told of the scene stays
        sar[:, :varied] = sar[:, :varied] * between(0.9, 1.1, generator) + between(-0.15, 0.15, generator)
        sar[:, :varied].clamp_(-SAR_LIMIT, SAR_LIMIT)
        quarters, is_mirrored = torch.randint(4, (), generator=generator), torch.rand((), generator=generator) < 0.5
        if self._highest is not None:
            return sar, *others
        turned = (torch.rot90(each, int(quarters), (2, 3)) for each in (sar, *others))
        return tuple(each.flip(3) if is_mirrored else each for each in turned)

    def _tensors(self, images, band):
        """Return (sar [1, planes, h, w], optical [1, C, h, w]) and, with heights, these [1, 1, h, w] in 0..1."""
        scene = self._reader.scene
        sar = torch.from_numpy(scene.standardised(images.sar))
        planes = sar[None]
        if band is not None:
            facts = scene.scales[band].facts(is_cross_polarised(scene.layers.polarisations[band]))
            planes = with_facts(sar[None, band : band + 1], facts)
        tensors = planes, torch.from_numpy(images.optical)[None]
        if self._highest is None:
            return tensors
        return *tensors, relief(torch.from_numpy(images.heights)[None], self._highest)
