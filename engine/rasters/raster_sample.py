"""A sparse sample of a raster: enough to know its unit and range without reading it all."""

from dataclasses import dataclass

import numpy as np

from ...contract.errors import UserError
from .grid import Window
from .grid_reader import GridReader

WINDOW_SIDE = 128
MOST_WINDOWS = 32  # windows with content that a sample holds: half a million pixels
MOST_TRIES = 400  # windows looked at, 20 × 20 over the grid, before an image is called empty


@dataclass(frozen=True)
class RasterSample:
    """Windows of a raster: `values` float32, `valid` bool, both [n, side, side]; the layer's name, type, colour.

    `black`: valid pixels of the windows that were looked at and left out, as they hold nothing but 0.
    What comes from a `GridReader` without radiometry is a raw sample.
    """

    name: str
    dtype: str
    is_colour: bool
    values: np.ndarray
    valid: np.ndarray
    black: int = 0

    def valid_values(self) -> np.ndarray:
        """Return the valid values as one float32 array [k]."""
        return self.values[self.valid]


def sample_raster(reader: GridReader, where: str = "where the images overlap") -> RasterSample:
    """Return the `RasterSample` of an open `GridReader`: up to 32 windows, neither empty nor constant, spread evenly.

    where: what the reader's grid is, as sentences end. Raises `UserError` when no window holds valid data, or when all
    valid data are one constant.
    """
    values, valid = [], []
    constants, black = set(), 0
    for window in _spread_windows(reader.grid):
        window_values, window_valid = reader.read(window)
        if not window_valid.any():
            continue
        content = window_values[window_valid]
        if content.min() == content.max():
            constants.add(float(content[0]))
            black += len(content) if not content[0] else 0
            continue
        values.append(window_values)
        valid.append(window_valid)
        if len(values) == MOST_WINDOWS:
            break
    if not values:
        _refuse(reader.source.name, constants, where)
    values, valid = np.stack(values), np.stack(valid)
    return RasterSample(reader.source.name, reader.dtype, reader.is_colour, values, valid, black)


def _refuse(name, constants, where):
    if not constants:
        raise UserError(
            f"Layer '{name}' holds only no data {where}: choose another layer or extent, or correct its no-data value."
        )
    example = f"the one value {next(iter(constants)):g}" if len(constants) == 1 else "constant areas"
    raise UserError(f"Layer '{name}' holds only {example} {where}: choose another layer, band or extent.")


def _spread_windows(grid):
    """Windows on a lattice of at most 20 × 20 over the grid, in a mixed order."""
    per_side = round(MOST_TRIES**0.5)
    windows = [
        Window(col, row, WINDOW_SIDE, WINDOW_SIDE)
        for row in _starts(grid.height, per_side)
        for col in _starts(grid.width, per_side)
    ]
    order = np.random.default_rng(0).permutation(len(windows))
    return [windows[i] for i in order]


def _starts(length, count):
    """Window starts that cover the length, or `count` of them evenly over it."""
    needed = min(count, -(-length // WINDOW_SIDE))
    last = max(length - WINDOW_SIDE, 0)
    return [round(start) for start in np.linspace(0, last, needed)]
