"""A small picture of a large image on its own pixels: the mean power of those that fall together."""

import numpy as np
from scipy.ndimage import uniform_filter

from ..rasters.grid import Tiles, Window
from ..rasters.own_pixels import PowerReader
from ..reports.pictures import OVERVIEW_SIDE

_KNOWN = 0.8
"""Share of a place that must be known."""


def power_overview(reader: PowerReader) -> tuple[np.ndarray, int]:
    """Return (mean power float64 [h, w], factor) of an open `PowerReader`'s whole grid; NaN where nothing is known.

    `factor` is the number of grid pixels along a side of one overview pixel, 1 for images up to `OVERVIEW_SIDE`. The
    image is read piece by piece.
    """
    grid = reader.grid
    factor = max(1, -(-max(grid.width, grid.height) // OVERVIEW_SIDE))
    sums, counts = np.zeros((2, -(-grid.height // factor), -(-grid.width // factor)))
    for window in Tiles(Window(0, 0, grid.width, grid.height)):
        values, valid = reader.read(window)
        (rows, tops), (cols, lefts) = (
            _cells(first, count, factor) for first, count in ((window.row, window.height), (window.col, window.width))
        )
        for total, each in ((sums, values), (counts, valid)):
            total[rows, cols] += np.add.reduceat(np.add.reduceat(each, tops, 0, float), lefts, 1)
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0), factor


def roughest(power: np.ndarray, side: int) -> tuple[float, float]:
    """Return the (column, row) round which an overview [h, w] varies most, within squares of a side in its pixels."""
    known = power > 0
    decibels = np.log(np.where(known, power, 1))
    share, mean, square = (uniform_filter(each, side) for each in (known.astype(float), decibels, decibels**2))
    share = np.maximum(share, 1e-9)
    variance = np.where(share > _KNOWN, square / share - (mean / share) ** 2, 0)
    row, col = np.unravel_index(np.argmax(variance), variance.shape)
    return float(col) + 0.5, float(row) + 0.5


def _cells(first, count, factor):
    """Return which cells of `factor` pixels some pixels lie in, as a slice, and where each begins among them."""
    cells = slice(first // factor, (first + count - 1) // factor + 1)
    return cells, np.maximum(np.arange(cells.start, cells.stop) * factor - first, 0)
