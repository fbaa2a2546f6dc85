"""One block of a surface model with its range lines: what is measured on the lines, and decided at the cells."""

import math
from collections.abc import Sequence
from typing import Callable, NamedTuple

import torch

from ..rasters.grid import Window
from .gaps import fill_gaps
from .line_bands import bands, over_bands
from .line_metres import LineMetres
from .sheared_lines import ShearedLines


class Cells(NamedTuple):
    """What cells, [h, w], are judged by, in the order of the lines.

    height: metres. slope, aside: metres per metre, away from the sensor and square to that. incidence: radians, and
    step: metres from sample to sample on a line; these two broadcast to [h, w].
    """

    height: torch.Tensor
    slope: torch.Tensor
    aside: torch.Tensor
    incidence: torch.Tensor
    step: torch.Tensor


class LineBlock(NamedTuple):
    """A block of a surface model and its range lines.

    lines: over its `window`. metres: of its cells. heights: of the cells of the lines' area, metres, in the order of
    the lines, NaN where unknown; profiles: what the lines meet of them. wall: metres from which on steps stand upright.
    incidence: radians, of the samples of the lines, and cell_incidence: of the window's cells in the order of the
    lines; [1, 1] where all are the same. known: bool [h, w] on the map, cells that have a height and an incidence and
    are asked for.
    """

    lines: ShearedLines
    metres: LineMetres
    heights: torch.Tensor
    profiles: torch.Tensor
    wall: float
    incidence: torch.Tensor
    cell_incidence: torch.Tensor
    known: torch.Tensor

    @property
    def window(self) -> Window:
        """The block's cells in the surface model's `Grid`."""
        return self.lines.window

    @property
    def device(self) -> torch.device:
        """Where all of it is computed."""
        return self.heights.device

    def on_lines(self, band: Window) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return (heights, incidence, step) on a band of lines: [L, N] metres without gaps, the others broadcast to it.

        Incidence in radians, step in metres from sample to sample.
        """
        height = fill_gaps(self.on_band(self.profiles, band))
        step = self.metres.at(*self.lines.places(band, self.device))[0] / self.lines.per_row
        return height, _rows(self.incidence, band), step

    def profiles_of(self, values: torch.Tensor) -> torch.Tensor:
        """Return what the lines meet of another surface, values [h, w] of the cells of their area, for `on_band`."""
        return self.lines.profiles(self.lines.ordered(values), self.wall)

    def on_band(self, profiles: torch.Tensor, band: Window) -> torch.Tensor:
        """Return profiles [samples, lines] on a band of lines: [L, N], NaN where unknown."""
        return profiles[:, band.row : band.row + band.height].T.contiguous()

    def at_cells(
        self,
        measure: Callable[[Window], Sequence[torch.Tensor]],
        decide: Callable[[Window, torch.Tensor], Sequence[torch.Tensor]],
    ) -> list[torch.Tensor]:
        """Return at the block's cells, [h, w] each, what `decide(rows, values)` makes of what was measured.

        measure: of a band, a `Window` of the lines' lattice with a few whole lines, several numbers, [L, N] each, none
        of which may be NaN. values: these, [C, r, w], of a few rows of cells, a `Window`, in the order of the lines.
        """
        lines, cells = self.lines, self.lines.cells
        within = slice(lines.before, lines.before + lines.per_row * cells.height)
        first, *others = bands(lines.count, lines.samples, self.device)
        measured = measure(first)
        # One tensor from the start: pieces of it, kept between all that comes and goes, would fragment the memory.
        values = measured[0].new_empty((len(measured), within.stop - within.start, lines.count))

        def keep(band, measured):
            for every, of_band in zip(values, measured):
                every[:, band.row : band.row + band.height] = of_band[:, within].T

        keep(first, measured)
        over_bands(lambda band: keep(band, measure(band)), others, self.device)
        windows = bands(cells.height, cells.width, self.device)
        found = over_bands(lambda rows: decide(rows, lines.at_cells(values, rows)), windows, self.device)
        return [lines.on_map(torch.cat(each, -2)) for each in zip(*found)]

    def cells(self, rows: Window) -> Cells:
        """Return the `Cells` of a few rows of the block, in the order of the lines."""
        lines = self.lines
        top, left = lines.before // lines.per_row + rows.row, -lines.left
        around = self.heights[top - 1 : top + rows.height + 1, left - 1 : left + rows.width + 1]
        height = around[1:-1, 1:-1]
        # Within a cell a line meets the walls before and behind it, and none of those beside it.
        down = _slope(around[:-2, 1:-1], height, around[2:, 1:-1], math.inf)
        right = _slope(around[1:-1, :-2], height, around[1:-1, 2:], self.wall)
        col, row = (torch.arange(size, device=self.device) for size in (rows.width, rows.height))
        row = row[:, None] + rows.row
        step, along, across = self.metres.at(col - lines.shear * row, row)
        slope = (down + lines.shear * right) / step
        aside = (right - slope * along) / across
        return Cells(height, slope, aside, _rows(self.cell_incidence, rows), step / lines.per_row)


def _slope(before, here, after, steepest):
    """Metres per cell by central differences; of the one side that is known and not steeper, and 0 where neither is."""
    steps = here - before, after - here
    counts = [step.abs() <= steepest for step in steps]  # never what is NaN
    total = sum(torch.where(each, step, 0) for each, step in zip(counts, steps))
    return total / sum(each.to(total.dtype) for each in counts).clamp_min(1)


def _rows(values, band):
    """The rows of a `Window` of values that may be [1, 1], the same for all."""
    return values if values.numel() == 1 else values[band.row : band.row + band.height]
