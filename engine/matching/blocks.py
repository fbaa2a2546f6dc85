"""Both images of the overlap, block by block, with the pixels around that matching needs.

The next block is read ahead.
"""

import math
from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...models.matching.bridge_match import LATTICE
from ...models.matching.goodness import STRIDE
from ..compute.read_ahead import read_ahead
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader

BLOCK = 1024
"""Side of a block in working pixels, at most: it bounds the memory, whatever the size of the images."""


class Area(NamedTuple):
    """A block with pixels around it: values [H, W] float (invalid pixels: mean of the others), valid [H, W] bool.

    The block begins at the area's column `left` and row `top`. Areas begin and end on the feature lattice, so that a
    place has the same features in every area that holds it.
    """

    values: Tensor
    valid: Tensor
    left: int
    top: int

    def around_block(self, side: int, margin: int) -> Tensor:
        """Return the values of the block, `side` pixels square, and `margin` pixels around it."""
        return self.values[self.top - margin : self.top + side + margin, self.left - margin : self.left + side + margin]

    def at(self, positions: Tensor) -> Tensor:
        """Return positions [N, 2] (col, row) within the block as positions within the area."""
        return positions + torch.tensor([self.left, self.top])

    def to(self, device: torch.device) -> "Area":
        """Return the area with its values, which the networks see, on a device."""
        return self._replace(values=self.values.to(device, non_blocking=device.type == "cuda"))


class Block(NamedTuple):
    """One step of the work: the `side` x `side` pixels from (`col`, `row`) of the grid on, in both images."""

    col: int
    row: int
    side: int
    sar: Area
    optical: Area


def block_side(spacing: int, grid: Grid) -> int:
    """Return the side of the blocks: a multiple of the spacing, so that no cell of candidates is cut.

    If it can be, also of the distance of the places that goodness is scored at, which then are the same wherever blocks
    begin. No larger than the grid needs: what lies beyond it would be computed for nothing.
    """
    step = math.lcm(spacing, STRIDE)
    step = step if step <= BLOCK else spacing
    needed = spacing * -(-max(grid.width, grid.height) // spacing)
    return min(needed, step * max(1, BLOCK // step))


def read_blocks(
    sar_reader: GridReader,
    optical_reader: GridReader,
    grid: Grid,
    side: int,
    sar_margin: int,
    optical_margin: int,
    pinned: bool = False,
) -> Generator[Block, None, None]:
    """Yield the `Block`s that cover the grid, row by row, their areas at least the margins wider on every side.

    One thread reads ahead while the caller computes. `pinned` puts values where a CUDA GPU fetches them by itself.
    """
    origins = [(col, row) for row in range(0, grid.height, side) for col in range(0, grid.width, side)]

    def read(origin):
        return Block(
            *origin,
            side,
            _read(sar_reader, origin, side, sar_margin, pinned),
            _read(optical_reader, origin, side, optical_margin, pinned),
        )

    return read_ahead(read, origins)


def count_blocks(grid: Grid, side: int) -> int:
    """Return how many blocks `read_blocks` yields."""
    return -(-grid.width // side) * -(-grid.height // side)


def filled(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return values float32 [h, w] with the mean of the valid ones in place of the others: no contrast where nothing is
    known."""
    if valid.all():
        return values
    return np.where(valid, values, values[valid].mean() if valid.any() else 0).astype(np.float32)


def _read(reader: GridReader, origin: tuple[int, int], side: int, margin: int, pinned: bool) -> Area:
    (col, right), (row, bottom) = (_on_lattice(start - margin, start + side + margin) for start in origin)
    values, valid = reader.read(Window(col, row, right - col, bottom - row))
    values = torch.from_numpy(filled(values, valid))
    values = values.pin_memory() if pinned else values
    return Area(values, torch.from_numpy(valid), origin[0] - col, origin[1] - row)


def _on_lattice(start: int, stop: int) -> tuple[int, int]:
    return start // LATTICE * LATTICE, -(-stop // LATTICE) * LATTICE
