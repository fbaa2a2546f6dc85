"""How the results of tiles that overlap become one raster, without ever holding it whole.

A blend is a generator: it takes (window, values [C, side, side]) of all windows of a `Tiling` over a `Grid`, in their
order, and yields (values [C, h, w], window) so that each pixel of the grid is in one of the windows. NaN is no data;
where one tile has none of a pixel, another one counts in full.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Optional

import numpy as np

from ..rasters.grid import Grid, Window
from .tiling import Tiling

Outputs = Iterable[tuple[Window, np.ndarray]]
Written = Iterator[tuple[np.ndarray, Window]]
Blend = Callable[[Outputs, Tiling, Grid], Written]


def core(outputs: Outputs, tiling: Tiling, grid: Grid) -> Written:
    """Blend by the cores: each pixel comes from the one tile whose core it lies in.

    Exact where the halo covers what a pixel of the result depends on: moving the tiles changes nothing.
    """
    inner = slice(tiling.halo, tiling.halo + tiling.core)
    for window, values in outputs:
        yield _within(grid, values[:, inner, inner], window.col + tiling.halo, window.row + tiling.halo)


class Seams:
    """How far tiles are apart where they overlap, over the first `bands` of what the network gives.

    `mean` is that of the absolute differences, None of no overlap, and `largest` the largest of them.
    """

    def __init__(self, bands: int) -> None:
        self.largest = 0.0
        self._bands, self._count, self._sum = bands, 0, 0.0

    def add(self, before: np.ndarray, after: np.ndarray) -> None:
        """Add values [C, h, w] that two tiles have of the same pixels; NaN is no data."""
        apart = np.abs(after[: self._bands] - before[: self._bands])
        apart = apart[np.isfinite(apart)]
        self.largest = max(self.largest, float(apart.max(initial=0)))
        self._count += apart.size
        self._sum += float(apart.sum(dtype=np.float64))

    @property
    def mean(self) -> Optional[float]:
        """Mean absolute difference."""
        return self._sum / self._count if self._count else None


def raised_cosine(outputs: Outputs, tiling: Tiling, grid: Grid, seams: Optional[Seams] = None) -> Written:
    """Blend over the whole overlap of two halos: from tile to tile the weight moves along a raised cosine.

    The weights of a pixel sum to one. At the rim of the raster a tile without a neighbour counts in full. Of the tiles
    above, only the rows that still overlap are kept. `seams` is told how far tiles are apart. Raises ValueError where
    more than two tiles overlap along a row or column: halos must be at most half a core.
    """
    overlap, spacing = 2 * tiling.halo, tiling.core
    first_col, first_row = (-tiling.halo - before for before in tiling.phase)
    if overlap > spacing:
        raise ValueError(f"The halos of tiles that are blended must be at most half their core: {tiling}")
    weight = np.sin(np.pi / 2 * (np.arange(overlap) + 0.5) / max(overlap, 1)).astype(np.float32) ** 2
    of_left, of_above = None, {}
    for window, values in outputs:
        values = np.array(values, np.float32)
        if window.col > first_col:
            values[:, :, :overlap] = _mixed(of_left, values[:, :, :overlap], weight, seams)
        of_left = values[:, :, spacing:]
        width = spacing if window.col + tiling.halo + spacing < grid.width else tiling.side
        height = spacing if window.row + tiling.halo + spacing < grid.height else tiling.side
        finished = values[:, :, :width].copy()  # what `of_left` shows must not be mixed with the tiles above yet
        if window.row > first_row:
            finished[:, :overlap] = _mixed(of_above[window.col], finished[:, :overlap], weight[:, None], seams)
        of_above[window.col] = finished[:, spacing:].copy()
        yield _within(grid, finished[:, :height], window.col, window.row)


def _mixed(before, after, weight, seams):
    if seams:
        seams.add(before, after)
    # In this form the mixture of two equal numbers is that number, to the last bit.
    mixture = before + weight * (after - before)
    return np.where(np.isnan(mixture), np.fmax(before, after), mixture)  # of a number and NaN the number is the larger


def _within(grid, values, col, row):
    """Return (values, window) of the part of values [C, h, w], which begin at (col, row), that lies in the grid."""
    left, top = max(0, -col), max(0, -row)
    inside = values[:, top : grid.height - row, left : grid.width - col]
    return inside, Window(col + left, row + top, inside.shape[2], inside.shape[1])
