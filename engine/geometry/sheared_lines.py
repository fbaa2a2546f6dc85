"""Range lines under a part of a map, sheared rather than turned.

A line takes its samples in every row of cells (or in every column, when it runs nearer to those), at a place that moves
by the same part of a cell from row to row. So a row of cells becomes samples of all lines, and the other way round, by
weighing two neighbours with weights that the whole row shares: nothing is looked up cell by cell, nothing is rotated.

All arrays lie as the lines do: rows one behind the other along the line of sight, away from the sensor.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from rasterio.transform import Affine

from ..rasters.grid import Grid, Window, part
from .line_bands import bands, over_bands
from .walls import beside, halved

LINES_PER_CELL = 2
"""Lines that start beside each other within a cell. With one, ridges that run askew to the rows lie between lines."""


class ShearedLines(NamedTuple):
    """The range lines over a `Window` of a map `Grid`: straight lines of the map, half a cell apart.

    area: `Window` of the cells under the lines. sideways: rows are columns of the map. backwards: the last one comes
    first. per_row: samples in each row, 1 or 2. count: lines, and samples: in each of them, `before` of which lie
    before the window. start: where the first line passes the first row of the window, and left: where the area begins,
    in cells from the centre of the row's first cell; shear: by how many cells lines move from row to row.
    """

    grid: Grid
    window: Window
    area: Window
    sideways: bool
    backwards: bool
    per_row: int
    count: int
    samples: int
    before: int
    start: int
    left: int
    shear: float

    @classmethod
    def over(
        cls, grid: Grid, window: Window, look_azimuth: float, reach: tuple[float, float], per_row: int
    ) -> "ShearedLines":
        """Return the lines over a window that reach so many metres, or a cell more, before it and behind it.

        look_azimuth: degrees clockwise from true north, from the sensor towards the ground, in the window's middle.
        """
        azimuth, sides = math.radians(look_azimuth), part(grid, window).pixel_sides()
        # Cells to the right and down, for one metre along the line of sight.
        right, down = np.linalg.solve(sides.T, (math.sin(azimuth), math.cos(azimuth))).tolist()
        sideways = abs(right) > abs(down)
        along, across = (right, down) if sideways else (down, right)
        shear = across / abs(along)
        inner = _turned(window, sideways)
        # A row more at either end, so that no cell lies at the end of a line.
        before, behind = (math.ceil(metres * abs(along)) + 1 for metres in reach)
        moved = shear * (inner.height - 1)
        start = math.floor(min(0.0, -moved)) - 1
        width = math.ceil(inner.width + max(0.0, -moved)) + 1 - start
        ends = -shear * (before + 1), shear * (inner.height + behind)
        left, end = math.floor(start + min(ends)), math.ceil(start + width + max(ends)) + 1
        top = inner.row - (behind if along < 0 else before)
        around = Window(inner.col + left, top, end - left, before + inner.height + behind)
        return cls(
            grid,
            window,
            area=_turned(around, sideways),
            sideways=sideways,
            backwards=along < 0,
            per_row=per_row,
            count=LINES_PER_CELL * width,
            samples=per_row * around.height,
            before=per_row * before,
            start=start,
            left=left,
            shear=shear,
        )

    @property
    def cells(self) -> Grid:
        """The `Grid` of the window's cells in the order of the lines."""
        width, height = _turned(self.window, self.sideways)[2:]
        order = Affine(0, 1, 0, 1, 0, 0) if self.sideways else Affine.identity()
        if self.backwards:
            order *= Affine(1, 0, 0, 0, -1, height)
        return Grid(self.grid.crs, part(self.grid, self.window).transform * order, width, height)

    @property
    def lattice(self) -> Grid:
        """The `Grid` of the samples: rows are lines, columns lead away from the sensor."""
        # Columns and rows of the cells, of the corner that the first sample of the first line begins with.
        line, sample = 1 / LINES_PER_CELL, 1 / self.per_row
        row = -self.before * sample
        col = self.start + 0.5 + self.shear * (row - 0.5) - line / 2
        place = Affine(self.shear * sample, line, col, sample, 0, row)
        return Grid(self.grid.crs, self.cells.transform * place, self.samples, self.count)

    def inner(self, values: torch.Tensor) -> torch.Tensor:
        """Return the window's part of values [h, w] of the area, both as they lie on the map."""
        left, top, width, height = self.window.within(self.area)
        return values[top : top + height, left : left + width]

    def ordered(self, values: torch.Tensor) -> torch.Tensor:
        """Return values [..., h, w] of cells of the map in the order of the lines."""
        values = values.mT if self.sideways else values
        return (values.flip(-2) if self.backwards else values).contiguous()

    def on_map(self, values: torch.Tensor) -> torch.Tensor:
        """Return values [..., h, w] in the order of the lines as they lie on the map."""
        values = values.flip(-2) if self.backwards else values
        return values.mT if self.sideways else values

    def places(self, lines: Window, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the (columns [L, 1] of lines in the first row, rows [N]) of samples, from the first cell's centre.

        A line has moved by `shear` columns for each row. lines: `Window` of the lattice.
        """
        line, sample = (
            torch.arange(first, first + count, device=device, dtype=torch.float64)
            for first, count in ((lines.row, lines.height), (lines.col, lines.width))
        )
        return (self.start + line / LINES_PER_CELL)[:, None], (sample - self.before + 0.5) / self.per_row - 0.5

    def profiles(self, values: torch.Tensor, wall: float) -> torch.Tensor:
        """Return what all lines meet, [samples, lines], of values [h, w] of the area's cells in order.

        Steps above `wall` stand upright. NaN where the nearer one of two cells is unknown.
        """
        rows = values if self.per_row == 1 else halved(values, wall)
        windows = bands(self.samples, self.count, values.device)
        return torch.cat(over_bands(lambda samples: self._met(rows, samples, wall), windows, values.device))

    def _met(self, values, samples, wall):
        """A few samples of all lines, given values in rows of samples."""
        cols, rows = self.places(Window(samples.row, 0, samples.height, LINES_PER_CELL), values.device)
        places = cols + self.shear * rows - self.left
        cells = places.floor()
        shares = (places - cells).to(values.dtype)[..., None]
        # Every so many lines lie alike between cells.
        windows = values.unfold(1, self.count // LINES_PER_CELL + 1, 1)
        row = torch.arange(samples.row, samples.row + samples.height, device=values.device)
        alike = [beside(*_neighbours(windows[row, cell.long()]), share, wall) for cell, share in zip(cells, shares)]
        return torch.stack(alike, 2).flatten(1)

    def at_cells(self, values: torch.Tensor, rows: Window) -> torch.Tensor:
        """Return a few rows of the window's cells, in order, [C, r, w], of numbers that samples within the window have.

        values: [C, samples in the window, lines]. Between lines they are interpolated; where there may be walls, which
        have nothing between them, those of the nearest line count. Of two samples in a row it is the mean.
        """
        values = values[:, self.per_row * rows.row : self.per_row * (rows.row + rows.height)]
        row = torch.arange(rows.height, device=values.device)
        place = -LINES_PER_CELL * (self.start + self.shear * (row.double() + rows.row))
        line, length = place.floor(), LINES_PER_CELL * (rows.width - 1) + 2
        share = (place - line)[:, None].to(values.dtype)
        if self.per_row > 1:
            values, share = (values[:, ::2] + values[:, 1::2]) / 2, share.round()
        both = values.unfold(-1, length, 1)[:, row, line.long()]
        return torch.lerp(*(each[..., ::LINES_PER_CELL] for each in _neighbours(both)), share)


def _neighbours(values):
    return values[..., :-1], values[..., 1:]


def _turned(window, sideways):
    """The `Window`, columns for rows when `sideways`."""
    return Window(window.row, window.col, window.height, window.width) if sideways else window
