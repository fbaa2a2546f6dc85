"""SAR values as networks see them: in standard deviations from the mean of the scene."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from ...models.translation.planes import SAR_LIMIT

RENDERING_CURVE = 0.5
"""Exponent that 8-bit renderings are raised to: between those of amplitudes and those of decibels."""

FACTS = 3
"""How many numbers `SceneScale.facts` tells."""

CROSS_POLARISED = ("VH", "HV")

Values = TypeVar("Values", np.ndarray, torch.Tensor)


@dataclass(frozen=True)
class SceneScale:
    """Mean and standard deviation of a scene in dB, or, where `is_rendering`, of its curved 8-bit values.

    They take out calibration, gain and the rule of a rendering, which files do not tell, and leave the contrast.
    """

    mean: float
    deviation: float
    is_rendering: bool

    def standardised(self, values: Values) -> Values:
        """Return values in dB, or of the rendering, as standard deviations from the mean, within ± `SAR_LIMIT`."""
        curved = values.clip(0, None) ** RENDERING_CURVE if self.is_rendering else values
        return ((curved - self.mean) / self.deviation).clip(-SAR_LIMIT, SAR_LIMIT)

    def facts(self, is_cross_polarised: bool) -> tuple[float, float, float]:
        """Return what is told of a scene of one polarisation beside its values.

        1 where it is cross-polarised, else 0; of a rendering, its mean and deviation as parts of the largest ones: how
        bright a rendering is tells towns from deserts. Of decibels, whose calibration is not known, 0 and 0.
        """
        if not self.is_rendering:
            return float(is_cross_polarised), 0.0, 0.0
        brightest = 255**RENDERING_CURVE
        return float(is_cross_polarised), self.mean / brightest, 2 * self.deviation / brightest


def scene_scale(values: np.ndarray, is_rendering: bool) -> SceneScale:
    """Return the scale of a scene from some of its valid values, in dB or of an 8-bit rendering."""
    curved = np.maximum(values, 0) ** RENDERING_CURVE if is_rendering else values
    return SceneScale(float(curved.mean()), max(float(curved.std()), 1e-3), is_rendering)


def is_cross_polarised(polarisation: str) -> bool:
    """Return whether a polarisation, such as "VH", is a cross-polarised one; what is not known counts as not."""
    return polarisation.upper() in CROSS_POLARISED
