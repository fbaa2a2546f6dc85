"""How smooth homogeneous ground is before and after despeckling, on the same blocks of the finished rasters."""

from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..rasters.grid import Grid, Window
from .despeckled_files import despeckled_power
from .homogeneous_blocks import BLOCK_SIDE, equivalent_looks, homogeneous_blocks
from .speckled_scene import SpeckledScene

_WINDOW, _PER_SIDE = 8 * BLOCK_SIDE, 4
_BLOCKS = 20


class Looks(NamedTuple):
    """Equivalent numbers of looks of the median homogeneous block, and the `blocks`, the most homogeneous one first.

    After may be None: a rendering may be constant there, and has no finite number then.
    """

    before: float
    after: Optional[float]
    blocks: tuple[Window, ...]


def looks_before_and_after(scene: SpeckledScene, grid: Grid, path: Path, unit: str) -> Optional[Looks]:
    """Return the `Looks` of the first band of a scene that was despeckled into the file `path`, on the same `grid`.

    unit: of the file. None where no block is known throughout and homogeneous.
    """
    speckle = scene.bands[0].speckle
    if speckle is None:
        return None
    windows = _windows(grid)
    with scene.first_band(grid) as reader, despeckled_power(path, grid, unit) as clean:
        before, after = (np.stack([_known(*each.read(window)) for window in windows]) for each in (reader, clean))
    before[np.isnan(after)] = np.nan  # another band has no data there
    blocks = homogeneous_blocks(before, speckle, _BLOCKS)
    if not len(blocks):
        return None
    places = [
        Window(windows[number].col + col, windows[number].row + row, BLOCK_SIDE, BLOCK_SIDE)
        for number, row, col in blocks.tolist()
    ]
    looks = (float(np.median(equivalent_looks(each, blocks))) for each in (before, after))
    return Looks(*(each if np.isfinite(each) else None for each in looks), tuple(places))


def _known(values, valid):
    return np.where(valid, values, np.nan)


def _windows(grid: Grid) -> list[Window]:
    """Return windows of one size spread over a grid, which do not overlap."""
    width, height = min(_WINDOW, grid.width), min(_WINDOW, grid.height)
    cols, rows = (
        np.linspace(0, length - side, min(length // side, _PER_SIDE)).round().astype(int).tolist()
        for length, side in ((grid.width, width), (grid.height, height))
    )
    return [Window(col, row, width, height) for row in rows for col in cols]
