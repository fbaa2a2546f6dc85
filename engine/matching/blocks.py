"""Both images of the overlap, block by block, with the pixels around that matching needs; the next block is read ahead."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch

from ..working_grid import Window

BLOCK = 1024
"""Side of a block in working pixels, at most: it bounds the memory, whatever the size of the images."""


class Area(NamedTuple):
    """A block with `margin` pixels around it: values [H, W] float (invalid pixels: mean of the others), valid [H, W] bool."""

    values: torch.Tensor
    valid: torch.Tensor
    margin: int


class Block(NamedTuple):
    """One step of the work: the `side` x `side` pixels from (`col`, `row`) of the grid on, in both images."""

    col: int
    row: int
    side: int
    sar: Area
    optical: Area


def block_side(spacing):
    """Return the side of the blocks: a multiple of the spacing, so that no cell of candidates is cut."""
    return spacing * max(1, BLOCK // spacing)


def read_blocks(sar_reader, optical_reader, grid, side, sar_margin, optical_margin):
    """Yield the `Block`s that cover the grid, row by row; one thread reads ahead while the caller computes."""
    origins = [(col, row) for row in range(0, grid.height, side) for col in range(0, grid.width, side)]

    def read(origin):
        return Block(
            *origin,
            side,
            _read(sar_reader, origin, side, sar_margin),
            _read(optical_reader, origin, side, optical_margin),
        )

    with ThreadPoolExecutor(1) as ahead:
        upcoming = ahead.submit(read, origins[0])
        for following in (*origins[1:], None):
            block = upcoming.result()
            if following is not None:
                upcoming = ahead.submit(read, following)
            yield block


def count_blocks(grid, side):
    """Return how many blocks `read_blocks` yields."""
    return -(-grid.width // side) * -(-grid.height // side)


def _read(reader, origin, side, margin):
    window = Window(origin[0] - margin, origin[1] - margin, side + 2 * margin, side + 2 * margin)
    values, valid = reader.read(window)
    if not valid.all():
        # No contrast where nothing is known.
        values = np.where(valid, values, values[valid].mean() if valid.any() else 0).astype(np.float32)
    return Area(torch.from_numpy(values), torch.from_numpy(valid), margin)
