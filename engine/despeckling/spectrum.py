"""Where the spectrum of a complex image lies, and the phase that brings it to the middle.

Real and imaginary parts are independent where the spectrum of the impulse response is symmetric about frequency 0. It
is not where the radar looked ahead (Doppler centroid), where its beam was steered within a burst (TOPS: the centroid
runs through several times the sampling frequency), or after resampling.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..rasters.complex_reader import ComplexReader
from ..rasters.grid import Window
from .coherence import phasors

_STRIPS, _STRIP, _NARROWEST = 16, 64, 16
"""Strips along which an axis is surveyed, their width and the least one: work grows with a side, not with the area."""

_CHUNK = 256
_CELL = 8
"""Pixels along an axis that count as one frequency; over so many that of Sentinel-1's bursts changes by 0.05."""

_WIDTHS = 256, 64, 16, 4, 1, 0.5
"""Cells (standard deviation) that are averaged where frequencies change along an axis, from the smoothest on."""

_SURE = 4
"""Standard deviations of independent products by which a less simple answer must be better; neighbours are alike."""


@dataclass(frozen=True, eq=False)
class Axis:
    """Centre of the spectrum along an axis: `frequencies`, float64 [n], cycles per pixel from each pixel to the next.

    Beyond both ends the frequency is that of the end.
    """

    frequencies: np.ndarray

    @property
    def is_centred(self) -> bool:
        """Whether nothing need be done."""
        return not self.frequencies.any()

    @cached_property
    def _cycles(self):
        return np.concatenate([[0], np.cumsum(self.frequencies)])

    def cycles(self, first: int, end: int) -> np.ndarray:
        """Return the phase, float64 [end - first], in cycles, of pixels `first`..`end` - 1."""
        places = np.arange(first, end)
        inside = places.clip(0, len(self.frequencies))
        beyond = np.where(places < 0, self.frequencies[0], self.frequencies[-1])
        return self._cycles[inside] + (places - inside) * beyond


@dataclass(frozen=True, eq=False)
class Centring:
    """The phase to take from an image so that its spectrum is centred: of its column plus of its row.

    It is a function of the pixel, so that windows agree, and goes on smoothly, so that there are no seams. That is why
    the frequency along an axis changes along that axis only: no smooth phase has a frequency down the image that
    changes across it, unless the one across changes down the image alike.
    """

    across: Axis
    down: Axis

    @property
    def is_identity(self) -> bool:
        """Whether the image was centred already, within what noise lets be told."""
        return self.across.is_centred and self.down.is_centred

    def apply(self, values: np.ndarray, window: Window) -> np.ndarray:
        """Return real and imaginary parts, float32 [2 · C, h, w], of a `Window` of the surveyed grid, turned."""
        if self.is_identity:
            return values
        cycles = self.across.cycles(window.col, window.col + window.width)
        col = np.exp(-2j * np.pi * cycles)
        row = np.exp(-2j * np.pi * self.down.cycles(window.row, window.row + window.height))[:, None]
        # In real numbers: products of complex ones may be rounded otherwise, in windows of another size.
        cosine, sine = row.real * col.real - row.imag * col.imag, row.real * col.imag + row.imag * col.real
        turned = np.empty_like(values)
        real, imaginary = values[0::2], values[1::2]
        turned[0::2] = real * cosine - imaginary * sine
        turned[1::2] = real * sine + imaginary * cosine
        return turned


def centring(reader: ComplexReader) -> Centring:
    """Return the `Centring` of an open `ComplexReader` on its grid, one for all its bands, from strips along both axes.

    The frequency is the phase between neighbours (Madsen, IEEE Trans. Aerosp. Electron. Syst. 25, 1989, correlation
    Doppler estimation), of samples of one size. How it changes along an axis is found without being told: half of the
    strips must show that it makes the other half alike.
    """
    return Centring(Axis(_frequencies(*_products(reader, False))), Axis(_frequencies(*_products(reader, True))))


def _products(reader, down):
    """Sums of products of neighbours (complex) in the cells of two halves of the strips, and their numbers: [2, cells].

    And how many products there are along the axis.
    """
    sides = reader.grid.height, reader.grid.width
    along, across = sides if down else sides[::-1]
    count = along - 1
    number = int(np.clip(across // _NARROWEST, 2, _STRIPS))
    width = max(min(across // number, _STRIP), 1)
    strips = np.linspace(0, across - width, number).round().astype(int).tolist()
    sums = np.zeros((2, -(-count // _CELL)), complex)
    numbers = np.zeros(sums.shape)
    windows = [
        (strip % 2, start, _window(down, first, start, width, min(_CHUNK, count - start)))
        for (strip, first), start in product(enumerate(strips), range(0, count, _CHUNK))
    ]
    for half, start, window in sorted(windows, key=lambda each: (each[2].row, each[2].col)):  # as files are read
        found = phasors(*reader.read_bands(window))
        if not down:
            found = found.swapaxes(1, 2)
        each = found[:, 1:] * found[:, :-1].conj()
        starts = np.arange(0, each.shape[1], _CELL)
        cells = slice(start // _CELL, start // _CELL + len(starts))
        sums[half, cells] += np.add.reduceat(each.sum((0, 2), dtype=complex), starts)
        numbers[half, cells] += np.add.reduceat(np.count_nonzero(each, (0, 2)), starts)
    return sums, numbers, count


def _window(down, first, start, width, count):
    return Window(first, start, width, count + 1) if down else Window(start, first, count + 1, width)


def _frequencies(sums, numbers, count):
    """Return the frequencies [count], 0 where none can be told from 0."""
    chosen = np.ones_like(sums)
    smooth = None
    for each in (_overall, *(_blurred(width) for width in _WIDTHS)):
        turns = _unit(each(sums))
        change = turns - chosen
        gain = (sums[::-1] * change.conj()).real.sum()  # of each half, with what the other one says
        if gain > _SURE * np.sqrt((numbers[::-1] * np.abs(change) ** 2).sum()):
            chosen, smooth = turns, each
    if smooth is None:
        return np.zeros(max(count, 1))
    total = smooth(sums.sum(0))
    known = np.flatnonzero(total)
    found = np.unwrap(np.angle(total[known]) / (2 * np.pi), period=1)
    return np.interp(np.arange(count), known * _CELL + (_CELL - 1) / 2, found)


def _overall(sums):
    return np.broadcast_to(sums.sum(-1, keepdims=True), sums.shape)


def _blurred(width):
    return lambda sums: gaussian_filter1d(sums, width, mode="constant")


def _unit(sums):
    size = np.abs(sums)
    return np.divide(sums, size, out=np.ones_like(sums), where=size > 0)
