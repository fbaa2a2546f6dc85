"""How smooth homogeneous ground is before and after despeckling, on the same blocks of the finished rasters."""

from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import rasterio

from ..rasters.grid import Grid, Window
from ..rasters.radiometry import to_power
from .despeckled_files import RENDERING
from .homogeneous_blocks import BLOCK_SIDE, equivalent_looks, homogeneous_blocks
from .speckled_scene import SpeckledScene

_WINDOW, _PER_SIDE = 8 * BLOCK_SIDE, 4
_BLOCKS = 20


class Looks(NamedTuple):
    """Equivalent numbers of looks of the median homogeneous block."""

    before: float
    after: float


def looks_before_and_after(scene: SpeckledScene, grid: Grid, path: Path, unit: str) -> Optional[Looks]:
    """Return the `Looks` of the first band of a scene that was despeckled into the file `path`, on the same `grid`.

    unit: of the file. None where no block is known throughout.
    """
    before, after = [], []
    with scene.power_reader(grid) as reader, rasterio.open(path) as clean:
        for window in _windows(grid):
            values, valid = reader.read_bands(window)
            before.append(np.where(valid[0] if valid.ndim == 3 else valid, values[0], np.nan))
            after.append(_as_power(clean.read(1, window=window.to_rasterio()), unit))
    speckle = scene.bands[0].speckle
    if speckle is None:
        return None
    blocks = homogeneous_blocks(np.stack(before), speckle, _BLOCKS)
    if not len(blocks):
        return None
    return Looks(*(float(np.median(equivalent_looks(np.stack(each), blocks))) for each in (before, after)))


def _as_power(values: np.ndarray, unit: str) -> np.ndarray:
    if unit == RENDERING:
        return np.where(values > 0, values.astype(np.float32) ** 2, np.nan)
    return to_power(values, unit)


def _windows(grid: Grid) -> list[Window]:
    """Return windows of one size spread over a grid, which do not overlap."""
    width, height = min(_WINDOW, grid.width), min(_WINDOW, grid.height)
    cols, rows = (
        np.linspace(0, length - side, min(length // side, _PER_SIDE)).round().astype(int).tolist()
        for length, side in ((grid.width, width), (grid.height, height))
    )
    return [Window(col, row, width, height) for row in rows for col in cols]
