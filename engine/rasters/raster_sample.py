"""A sparse sample of a raster: enough to know its unit and range without reading it all."""

from dataclasses import dataclass, field
from typing import Optional

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


@dataclass
class _Found:
    """What windows hold: `values` and `valid` of those that are neither empty nor constant, and what the others are."""

    values: list[np.ndarray] = field(default_factory=list)
    valid: list[np.ndarray] = field(default_factory=list)
    constants: set[float] = field(default_factory=set)
    black: int = 0

    def look(self, reader: GridReader, area: Window) -> None:
        """Look at windows that are spread over an area, until there are enough of them."""
        for window in _spread_windows(area):
            values, valid = reader.read(window)
            if not valid.any():
                continue
            content = values[valid]
            if content.min() == content.max():
                self.constants.add(float(content[0]))
                self.black += len(content) if not content[0] else 0
                continue
            self.values.append(values)
            self.valid.append(valid)
            if len(self.values) == MOST_WINDOWS:
                break


def sample_raster(
    reader: GridReader, where: str = "where the images overlap", asked: Optional[Window] = None
) -> RasterSample:
    """Return the `RasterSample` of an open `GridReader`: up to 32 windows, neither empty nor constant, spread evenly.

    where: what the reader's grid is, as sentences end. asked: the part of it that is asked for, which is looked at if
    all windows are empty or constant, as in a wide mosaic of few images. Raises `UserError` when no window holds valid
    data, or when all valid data are one constant.
    """
    found = _Found()
    found.look(reader, Window(0, 0, reader.grid.width, reader.grid.height))
    if asked and not found.values:
        found.look(reader, asked)
    if not found.values:
        _refuse(reader.source.name, found.constants, where)
    values, valid = np.stack(found.values), np.stack(found.valid)
    return RasterSample(reader.source.name, reader.dtype, reader.is_colour, values, valid, found.black)


def _refuse(name, constants, where):
    if not constants:
        raise UserError(
            f"Layer '{name}' holds only no data {where}: choose another layer or extent, or correct its no-data value."
        )
    example = f"the one value {next(iter(constants)):g}" if len(constants) == 1 else "constant areas"
    raise UserError(f"Layer '{name}' holds only {example} {where}: choose another layer, band or extent.")


def _spread_windows(area):
    """Windows on a lattice of at most 20 × 20 over an area, in a mixed order."""
    per_side = round(MOST_TRIES**0.5)
    windows = [
        Window(area.col + col, area.row + row, WINDOW_SIDE, WINDOW_SIDE)
        for row in _starts(area.height, per_side)
        for col in _starts(area.width, per_side)
    ]
    order = np.random.default_rng(0).permutation(len(windows))
    return [windows[i] for i in order]


def _starts(length, count):
    """Window starts that cover the length, or `count` of them evenly over it."""
    needed = min(count, -(-length // WINDOW_SIDE))
    last = max(length - WINDOW_SIDE, 0)
    return [round(start) for start in np.linspace(0, last, needed)]
