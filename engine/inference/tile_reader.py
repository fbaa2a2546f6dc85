"""What tiles show of an input, each pixel of which is read once although tiles overlap."""

from typing import Protocol

import numpy as np

from ..rasters.grid import Window
from .mirroring import REACH, mirrored, reach
from .tiling import Tiling


class BandReader(Protocol):
    """What reads an input of a network, such as an open `MirroredReader` or `ComplexReader`."""

    def read_mirrored(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [C, h, w], valid bool [h, w]) of a `Window`, which may reach beyond the raster.

        Valid is what the raster knows. What lies beyond its image is the image mirrored at its edge; NaN, in all
        bands, is what is not known otherwise.
        """


class TileReader:
    """Reads the windows of a `Tiling` in their order.

    What a tile shares with the one before it and with those above, two halos wide, is kept: without that each pixel of
    tiles whose halos are half their cores would be read four times.
    """

    def __init__(self, reader: BandReader, tiling: Tiling) -> None:
        self._reader, self._overlap, self._around = reader, 2 * tiling.halo, REACH * tiling.halo
        self._before, self._above = None, {}

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values [C, side, side], valid [side, side]) as the reader gives them; they must not be changed."""
        is_next = self._before is not None and self._before[0].row == window.row
        left, above = self._overlap * is_next, self._above.get(window.col)
        top = self._overlap * (above is not None)
        rest = Window(window.col + left, window.row + top, window.width - left, window.height - top)
        tile = []
        for number, part in enumerate(self._reader.read_mirrored(rest)):
            whole = np.empty((*part.shape[:-2], window.height, window.width), part.dtype)
            whole[..., top:, left:] = part
            if top:
                whole[..., :top, left:] = above[number]
            if left:
                whole[..., :left] = self._before[1][number][..., -left:]
            tile.append(whole)
        self._before = window, tile
        bottom = window.height - self._overlap
        self._above[window.col] = [whole[..., bottom:, left:].copy() for whole in tile]
        return tuple(tile)

    def without_gaps(self, window: Window, values: np.ndarray) -> np.ndarray:
        """Return the values of a window that was read with what is not known mirrored, some of it from outside."""
        known = ~np.isnan(values[0])
        if known.all():
            return values
        around = min(reach(known), self._around)  # what is farther away than halos are wide counts for nothing
        col, row, more = window.col - around, window.row - around, 2 * around
        wide, _ = self._reader.read_mirrored(Window(col, row, window.width + more, window.height + more))
        return mirrored(wide, ~np.isnan(wide[0]), around)
