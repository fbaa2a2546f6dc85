"""Speckled images of invented places that no training saw, whose reflectivity is known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ...engine.simulation.radar.speckle_noise import expected_intensity, look_weights, speckle
from .reflectivities import RADARS, reflectivities

VALIDATION_PLACES = 12
"""Places, the first ones of each radar, that are kept out of all trainings."""

_LARGEST = 512
"""Pixels a side that are cut from the middle of a place, at most."""


@dataclass(frozen=True)
class Invented:
    """Images of places that no training saw.

    singles: single looks, complex64 [n, K, h, w]. expected: their mean intensity [n, h, w], float64. looks: equivalent
    number of the detected image.
    """

    singles: np.ndarray
    expected: np.ndarray
    looks: float

    @property
    def samples(self) -> np.ndarray:
        """The single-look complex images [n, h, w]."""
        return self.singles[:, 0]

    @property
    def intensity(self) -> np.ndarray:
        """The detected images, linear power, float32 [n, h, w]."""
        return np.einsum("k,nkhw->nhw", look_weights(self.looks).numpy(), np.abs(self.singles) ** 2)


def invented(work: Path, radar: str, count: int) -> Invented:
    """Return `Invented` images of the first places of a radar of `RADARS`; the folder `work` keeps the places.

    They are those that nothing learns from, `VALIDATION_PLACES` at most.
    """
    preset, places = RADARS[radar].preset, reflectivities(work, radar, count)
    rows, cols = (min([_LARGEST, *(place.shape[axis] for place in places)]) for axis in (0, 1))
    singles, expected = [], []
    for seed, power in enumerate(places):
        top, left = (power.shape[0] - rows) // 2, (power.shape[1] - cols) // 2
        inner = ..., slice(top, top + rows), slice(left, left + cols)
        generator = torch.Generator().manual_seed(seed)
        drawn = speckle(power[None], preset.azimuth, preset.range, preset.looks, generator)[:, 0]
        singles.append(drawn[inner].numpy())
        expected.append(expected_intensity(power.double(), preset.azimuth, preset.range)[inner].numpy())
    return Invented(np.stack(singles), np.stack(expected), preset.looks)
