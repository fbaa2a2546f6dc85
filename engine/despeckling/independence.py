"""Whether the real part of a complex image tells nothing of its imaginary part, in figures."""

from dataclasses import dataclass
from math import nan, pi, sqrt
from typing import Optional

import numpy as np
from scipy.special import spence

from ..rasters.complex_reader import ComplexReader
from ..rasters.grid import Window
from .coherence import from_phases, phasors

_BLOCK, _PER_SIDE = 32, 32
_NEAR, _FAR = 2, 8  # pixels between which correlation is measured: all around, and along the axes
_ENOUGH = 0.5  # share of a block's pixels that must be known
_ALIKE = 1e-9  # steps of log intensity below which there are none
_SURE = 3  # standard errors that chance does not exceed

_LAGS = tuple(
    [(down, across) for down in range(_NEAR + 1) for across in range(-_NEAR, _NEAR + 1) if (down, across) > (0, 0)]
    + [(0, lag) for lag in range(_NEAR + 1, _FAR + 1)]
    + [(lag, 0) for lag in range(_NEAR + 1, _FAR + 1)]
)


@dataclass(frozen=True)
class Independence:
    """How far real part a and imaginary part b of a complex image are from independent, over `blocks` of 32 × 32.

    correlation: of a and b some pixels apart, E[a(x) b(x + d)] / E[a²], 0..1, the largest of all d that are near: the
    root mean square over blocks, without what noise adds; `chance` is what independent parts would give at most.
    noncircularity: 0 where a and b have the same power and are uncorrelated at the same pixel, 1 where one tells the
    other (|E[exp(2 i phase)]|; with standard deviations s and t it is (s - t) / (s + t)). roughness: mean square of
    the steps of log intensity between neighbours, over what single-look speckle of the same correlation has: 1 for an
    image of one look, more for texture, less for what was filtered or averaged. bandwidth: (across, down), shares of
    the sampling frequency that a flat spectrum of the same correlation would fill; 1 are independent pixels.

    All are NaN where nothing is known (`blocks` is 0).
    """

    blocks: int
    correlation: float
    chance: float
    noncircularity: float
    roughness: float
    bandwidth: tuple[float, float]

    @property
    def known_correlation(self) -> Optional[float]:
        """The correlation as numbers of tasks have it: None where nothing is known."""
        return self.correlation if self.blocks else None


def independence(reader: ComplexReader) -> Independence:
    """Return the `Independence` of an open `ComplexReader`, from up to 32 × 32 blocks spread over its grid."""
    blocks = _sample(reader)
    if not len(blocks):
        return Independence(0, nan, nan, nan, nan, (nan, nan))
    found = phasors(blocks, np.isfinite(blocks).all(-3)).reshape(-1, *blocks.shape[-2:])
    halves = np.stack([_coefficients(found, down, across) for down, across in _LAGS], -1)
    crossed = halves.imag.prod(0)  # of both halves, whose errors are independent: they add nothing to the mean
    mean = crossed.mean(0)
    error = (np.diff(halves.imag, axis=0)[0] ** 2).mean(0) / 2 / sqrt(len(crossed))  # of the mean of what is all noise
    alike = (halves[0] * halves[1].conj()).real.mean(0).clip(0, 1)
    return Independence(
        len(blocks),
        sqrt(max(mean.max(), 0)),
        sqrt(_SURE * error.max()),
        float(abs(np.mean(found[found != 0] ** 2))),
        _roughness(blocks, alike),
        (_bandwidth(alike, across=True), _bandwidth(alike, across=False)),
    )


def _sample(reader):
    """Return real and imaginary parts of blocks, float32 [K, 2 · C, side, side], NaN where not known."""
    width, height = reader.grid.width, reader.grid.height
    side = min(_BLOCK, max(min(width, height) // 2, 2))
    blocks = [np.empty((0, 2 * len(reader.source.bands), side, side), np.float32)]
    for row in _starts(height, side):
        values, valid = reader.read_bands(Window(0, row, width, side))  # at once: a read takes longer than its pixels
        known = valid & values.any(0)
        values = np.where(known, values, np.float32(np.nan))
        for block in (slice(col, col + side) for col in _starts(width, side)):
            if known[:, block].mean() >= _ENOUGH:
                blocks.append(values[None, ..., block].copy())  # a view would keep all of the row
    return np.concatenate(blocks)


def _starts(length, side):
    return np.linspace(0, length - side, min(length // side, _PER_SIDE)).astype(int).tolist()


def _pairs(images, down, across):
    """Return each pixel's value, and that of the one so far down and across: two [..., h, w]."""
    rows, cols = max(images.shape[-2] - down, 0), max(images.shape[-1] - abs(across), 0)
    left = max(-across, 0)
    here = images[..., :rows, left : left + cols]
    return here, images[..., down:, left + across : left + across + cols]


def _coefficients(found, down, across):
    """Return correlation coefficients, complex [2, K], of the left and right halves of blocks of phasors [K, h, w]."""
    here, there = _pairs(found, down, across)
    products = there * here.conj()
    middle = products.shape[-1] // 2
    halves = products[..., :middle], products[..., -middle:]
    return from_phases(np.stack([half.sum((1, 2)) / np.maximum((half != 0).sum((1, 2)), 1) for half in halves]))


def _roughness(blocks, alike):
    """Steps of log intensity; those of speckle have the variance π²/3 - 2 Li2(|g|²), of samples that correlate by g."""
    power = blocks[:, 0::2] ** 2 + blocks[:, 1::2] ** 2
    log = np.log(np.where(power > 0, power, np.nan))
    measured = expected = 0
    for down, across in ((0, 1), (1, 0)):
        here, there = _pairs(log, down, across)
        steps = (there - here) ** 2
        measured += np.nansum(steps) / max(np.isfinite(steps).sum(), 1)
        expected += pi**2 / 3 - 2 * spence(1 - alike[_LAGS.index((down, across))])
    return float(measured / max(expected, _ALIKE))


def _bandwidth(alike, across):
    lags = [_LAGS.index((0, lag) if across else (lag, 0)) for lag in range(1, _FAR + 1)]
    return float(1 / (1 + 2 * alike[lags].sum()))
