"""Power as the despeckling networks see it: decibels from the scene's level, clipped, in steps of their deviation."""

import math

from torch import Tensor

LOWEST, HIGHEST = -50.0, 60.0
"""dB from the level of the scene: what networks tell apart. On their cards as the range of the input."""

_STEP = 10.0
"""dB: about the standard deviation of the squared part of a complex image, speckle and scene together."""


NEPERS = math.log(10) / 10
"""Natural logarithm of a decibel of power."""


def as_plane(power: Tensor) -> Tensor:
    """Return linear power, relative to the level of the scene, as a plane of about unit variance."""
    decibels = 10 * power.clamp(10 ** (LOWEST / 10), 10 ** (HIGHEST / 10)).log10()
    return decibels / _STEP


def from_plane(plane: Tensor) -> Tensor:
    """Return decibels of a plane, float32 whatever the precision of what made it."""
    return plane.float() * _STEP


def mean_power(one: Tensor, other: Tensor) -> Tensor:
    """Return the mean of two powers in dB, in dB."""
    return (one * NEPERS).logaddexp(other * NEPERS) / NEPERS - 10 * math.log10(2)
