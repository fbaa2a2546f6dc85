"""Speckled images for the benchmark of despeckling: invented ones, whose reflectivity is known, and real crops."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..contract.sources import RasterSource
from ..engine.rasters.source_file import open_anywhere
from ..engine.simulation.radar.speckle_noise import expected_intensity, look_weights, speckle
from ..recipes.despeckling.reflectivities import RADARS, reflectivities

_LARGEST = 512
"""Pixels a side that are cut from the middle of a place, at most."""

CROPS = {
    "Amsterdam, Sentinel-1": ("amsterdam_s1_slc_20230319", "amsterdam_s1_slc_20230331"),
    "Envisat": ("envisat_480x480",),
    "Rotterdam, airborne X band": tuple(f"rotterdam_capella_x_{each}_c64" for each in ("hh", "hv", "vh", "vv")),
    "UAVSAR, San Fernando": ("uavsar_SanAnd_138",),
    "UAVSAR, Winnipeg": ("uavsar_winnipeg",),
}
"""Real complex images in the folder `slc` of the data: those of one sensor and size are taken together."""


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

    Their seeds are those that the recipe validates on, so `count` must not exceed its `VALIDATION_PLACES`.
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


def crop(data: Path, names: Sequence[str]) -> np.ndarray:
    """Return real complex images of one size, complex64 [n, h, w]."""
    images = []
    for name in names:
        with open_anywhere(RasterSource(name, str(data / "slc" / f"{name}.tif"), "", anywhere=True)) as file:
            images.append(file.read(1))
    return np.stack(images)
