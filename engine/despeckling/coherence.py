"""How alike the neighbours of a complex image are, whatever they reflect: correlation told from phases alone."""

from functools import lru_cache

import numpy as np
from scipy.special import hyp2f1


def phasors(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return z / |z|, complex64 [..., C, h, w], of real and imaginary parts [..., 2 · C, h, w] and where valid [h, w].

    0 stands where a pixel is not valid or holds exactly 0, which has no phase: a gap between bursts, a black border.
    """
    samples = values[..., 0::2, :, :] + 1j * values[..., 1::2, :, :]
    size = np.abs(samples)
    known = (size > 0) & valid[..., None, :, :]
    return np.divide(samples, size, out=np.zeros_like(samples), where=known)


def from_phases(means: np.ndarray) -> np.ndarray:
    """Return the correlation coefficients, complex, |.| <= 1, of which the mean products of phasors are given.

    Speckle is a circular complex Gaussian: two samples whose coefficient is g have phases with E[exp(i (p1 - p2))] =
    π/4 g F(1/2, 1/2; 2; |g|²), whatever the power of each (Tough et al., Proc. R. Soc. A 449, 1995, multi-look phase
    statistics, for one look). So bright targets and edges count no more than any other pixel.
    """
    size = np.abs(means)
    factor = np.interp(size, *_inverse())
    return means * factor


@lru_cache
def _inverse():
    coefficients = np.linspace(0, 1, 2049)[1:]
    means = np.pi / 4 * coefficients * hyp2f1(0.5, 0.5, 2, coefficients**2)
    return means, coefficients / means
