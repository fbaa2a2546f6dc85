"""Offsets that are planted in aligned images, so that it is known what a matcher must find."""

import torch
from torch import Tensor

from ..rasters.grid import Grid


class PlantedOffsets:
    """A whole-pixel offset for each square of `spacing` pixels a side of a working grid, drawn from ±largest.

    `largest`: of each axis, in pixels.
    """

    def __init__(self, grid: Grid, spacing: int, largest: int, seed: int = 0) -> None:
        self.largest = largest
        self._spacing = spacing
        squares = -(-grid.height // spacing), -(-grid.width // spacing)
        generator = torch.Generator().manual_seed(seed)
        self._offsets = torch.randint(-largest, largest + 1, (*squares, 2), generator=generator, dtype=torch.int16)

    def at(self, positions: Tensor) -> Tensor:
        """Return the offsets, int64 [N, 2] (right, down), of positions [N, 2] (col, row) in pixels of the grid."""
        col, row = (positions // self._spacing).T
        return self._offsets[row, col].long()
