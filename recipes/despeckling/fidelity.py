"""How near despeckled images are to their truth."""

from typing import NamedTuple

import numpy as np
import torch

from ...engine.rasters.radiometry import FAINTEST_POWER, to_db
from ...models.translation.ssim import ssim_map

_LEAST_RANGE = 0.1
"""Percent of the truth that is darker than the range of its decibels, and as much is brighter."""


class Fidelity(NamedTuple):
    """Despeckled images beside their truth, both in dB.

    psnr: dB, over the range of the truth, from all pixels' mean square error. ssim: mean structural similarity, the
    range as 0..1. bias: mean error in dB.
    """

    psnr: float
    ssim: float
    bias: float


def decibel_range(expected: np.ndarray) -> tuple[float, float]:
    """Return (lowest, highest) dB that a truth, linear power, counts within."""
    low, high = np.percentile(to_db(expected, FAINTEST_POWER), [_LEAST_RANGE, 100 - _LEAST_RANGE])
    return float(low), float(high)


def fidelity(power: np.ndarray, expected: np.ndarray, within: tuple[float, float]) -> Fidelity:
    """Return the `Fidelity` of linear power [n, h, w] to that of the truth, `within` a range of dB (`decibel_range`).

    Values beyond the range count as they are.
    """
    low, high = within
    found, truth = (to_db(each.astype(np.float64), FAINTEST_POWER) for each in (power, expected))
    error = found - truth
    planes = [torch.from_numpy((each - low) / (high - low))[:, None] for each in (found, truth)]
    similarity = torch.cat([ssim_map(*each) for each in zip(*(plane.split(1) for plane in planes))])
    return Fidelity(
        float(10 * np.log10((high - low) ** 2 / np.square(error).mean())),
        float(similarity.mean()),
        float(error.mean()),
    )
