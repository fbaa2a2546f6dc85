"""Training samples that are cut out of users' layers when they are drawn."""

from collections.abc import Sequence
from typing import Optional

import numpy as np
import torch
from torch import Generator, Tensor

from ....contract.building_training_jobs import TEACHER
from ....models.buildings.bridge_build import sar_planes
from ....models.translation.planes import SAR_LIMIT
from ...inference.mirroring import mirrored
from ...rasters.grid import Window
from ...training.epochs import shown
from ...training.variation import between
from ..methods import Method
from .place_patches import LABELS, NEEDS, OPTICAL, SAR, PatchReader
from .samples import BuildingSample, joined


class LayerSamples:
    """Draws batches of patches for a phase: all of them once an epoch, in orders that follow from the seed.

    Backscatter varies a little in gain and level. What is not known is seen mirrored, as in a layer that is worked on.
    """

    def __init__(self, reader: PatchReader, windows: Sequence[Window], phase: str, method: Method, seed: int) -> None:
        self._reader, self._windows, self._phase = reader, windows, phase
        self._method, self._seed = method, seed

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step of `count` samples."""
        numbers = range(step * count, (step + 1) * count)
        windows = [self._windows[shown(number, len(self._windows), self._seed)] for number in numbers]
        return joined([self.whole(window, generator) for window in windows])

    def whole(self, window: Window, generator: Optional[Generator] = None) -> BuildingSample:
        """Return a patch as a sample, as it is, or with a generator varied."""
        images, place = self._reader.read(window), self._reader.place
        needed = NEEDS[self._phase]
        optical = _seen(images.values[OPTICAL], images.known[OPTICAL]) if OPTICAL in needed else None
        if self._phase == TEACHER:
            planes, optical, look_known = optical, None, False
        else:
            planes = self._planes(_seen(images.values[SAR], images.known[SAR]), generator)
            look_known = place.is_along_look
        return BuildingSample(
            planes,
            torch.from_numpy(images.valid(self._phase))[None, None],
            torch.tensor([look_known]),
            torch.from_numpy(images.values[LABELS])[None] if LABELS in needed else None,
            optical,
        )

    def _planes(self, sar: Tensor, generator: Optional[Generator]) -> Tensor:
        """Return what the network sees of backscatter [1, B, h, w]."""
        if generator is not None:
            sar = sar * between(0.9, 1.1, generator) + between(-0.15, 0.15, generator)
            sar = sar.clamp(-SAR_LIMIT, SAR_LIMIT)
        if not self._method.is_turned:
            return sar
        place = self._reader.place
        incidence = place.layers.incidence
        angle = None if incidence is None else torch.tensor(incidence)
        return sar_planes(sar.mean(1, keepdim=True), angle, place.is_along_look)


def _seen(values: np.ndarray, known: np.ndarray) -> Tensor:
    """Return an image [1, C, h, w] whose holes are filled with what is known, mirrored."""
    return torch.from_numpy(mirrored(values, known))[None]
