"""A surface model block by block, each with the range lines that decide what its cells look like to the radar.

Blocks are rectangles of the surface model's own cells. The lines of a block begin so far before it, and end so far
behind it, that everything which can shade its cells or be laid over them is on them. So no line is ever needed whole,
and memory depends on the block and on the relief, not on the size of the surface model.
"""

import functools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Callable, NamedTuple, Optional, TypeVar

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.geometry_jobs import LineOfSight
from ..compute.device import choose_device
from ..compute.memory import give_back_freed_memory
from ..compute.read_ahead import read_ahead
from ..rasters.grid import TILE, Grid, Tiles, Window, part
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .facades import lowest_wall
from .grid_positions import Interpolator, between, nearest, positions, window_around
from .incidence import Swath, incidence_range, within_bounds
from .range_lattice import range_lattice
from .range_lines import fill_gaps
from .surface_model import SurfaceModel, cell_size

Worked = TypeVar("Worked")

SAMPLES_PER_CELL = 2
"""Samples of a range line per cell of the surface model. Lines run askew to the cells; with two, every cell holds a
sample, so that nothing between walls is lost. Where cells are interpolated, an object of one cell is a tent: lines meet
57 % of its height on average with one sample per cell, 77 % with two, 84 % with three at more than twice the cost."""

_LARGEST_BLOCK = 100_000.0
"""Metres; over larger blocks north turns (by 1° at 60° of latitude), and the lines with it."""

_MOST_CELLS = 2**28
"""Samples, and cells, of a block with all that may shade it: a gigabyte for each quantity that is computed."""

_SAMPLES_AT_ONCE = {"cpu": 2**15, "cuda": 2**24}
"""On a CPU what stays in the cache, which is four times as fast as millions, and what torch leaves to one thread."""


def line_device(text: str, reporter: Reporter) -> torch.device:
    """Return the `torch.device` for range lines, as `choose_device` does."""
    device = choose_device(text, reporter)
    if device.type == "mps":
        reporter.info("Range lines need numbers of 64 bits, which mps does not have: they are computed on the CPU.")
        return torch.device("cpu")
    return device


def bands(lines: int, samples: int, device: torch.device) -> list[Window]:
    """Return `Window`s that cover `lines` of so many `samples`: bands of whole lines to be worked on at once."""
    at_once = max(1, _SAMPLES_AT_ONCE[device.type] // samples)
    return [Window(0, first, samples, min(at_once, lines - first)) for first in range(0, lines, at_once)]


def over_bands(work: Callable[[Window], Worked], windows: Sequence[Window], device: torch.device) -> list[Worked]:
    """Return [work(window) for window in windows], on a CPU as many at once as torch has threads."""
    if device.type != "cpu":
        return list(map(work, windows))
    without_gradients = torch.inference_mode()(work)  # which threads do not take over from who starts them
    return list(_threads(torch.get_num_threads()).map(without_gradients, windows))


@functools.cache
def _threads(count):
    """Threads that stay: what one allocates and frees is not used again by others."""
    return ThreadPoolExecutor(count)


class LineBlock(NamedTuple):
    """A block of a surface model and its range lines.

    window: the block's cells in `grid`, the surface model's `Grid`. lattice: `Grid` of its range lines. area: `Window`
    of the cells that lie on the lines; there, `height` (metres) and `angle` (incidence, radians; None without a layer).
    swath: tells the incidence where there is no layer. inside: bool [h, w], where a result is asked for; None: in all
    of the window.
    """

    window: Window
    grid: Grid
    lattice: Grid
    area: Window
    height: Interpolator
    angle: Optional[Interpolator]
    swath: Swath
    device: torch.device
    inside: Optional[torch.Tensor] = None

    @property
    def step(self) -> float:
        """Metres from sample to sample and from line to line."""
        return self.lattice.step

    def on_lines(self, band: Window) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (heights, incidence) on a band of lines: [L, N] metres without gaps, radians that broadcast to it."""
        where = self._cells_under(band)
        height = fill_gaps(self.height.at(*where))
        if self.angle is None:
            return height, self.swath.incidence(self.lattice, band, self.device)
        return height, within_bounds(fill_gaps(self.angle.at(*where)))

    def interpolated(self, surface: Interpolator, band: Window) -> torch.Tensor:
        """Return another surface, an `Interpolator` on `area`, on a band of lines: [L, N], NaN where unknown."""
        return surface.at(*self._cells_under(band))

    def _cells_under(self, band):
        return positions(self.lattice, band, part(self.grid, self.area), self.device)

    def at_cells(self, measure: Callable[[Window], torch.Tensor]) -> torch.Tensor:
        """Return at the block's cells, [..., h, w], what `measure(band)` gives on bands of the lines, [..., L, N].

        band: `Window` of the lattice with a few whole lines. Integers are labels and stay such; numbers, none of which
        may be NaN, are interpolated.
        """
        under = window_around(self.lattice, part(self.grid, self.window))
        left, right = max(under.col, 0), min(under.col + under.width, self.lattice.width)

        first, *others = bands(self.lattice.height, self.lattice.width, self.device)
        top = measure(first)[..., left:right]
        # One tensor from the start: pieces of it, kept between all that comes and goes, would fragment the memory.
        values = top.new_empty((*top.shape[:-2], self.lattice.height, right - left))
        values[..., : first.height, :] = top

        def keep(band):
            values[..., band.row : band.row + band.height, :] = measure(band)[..., left:right]

        over_bands(keep, others, self.device)
        sample = between if values.is_floating_point() else nearest
        measured = part(self.lattice, Window(left, 0, right - left, self.lattice.height))

        def at_rows(rows):
            cells = Window(self.window.col, self.window.row + rows.row, rows.width, rows.height)
            return sample(values, *positions(self.grid, cells, measured, self.device))

        windows = bands(self.window.height, self.window.width, self.device)
        return torch.cat(over_bands(at_rows, windows, self.device), -2)

    def known(self) -> torch.Tensor:
        """Return bool [h, w]: the block's cells whose height and incidence are known, and which are asked for."""
        left, top, width, height = self.window.within(self.area)
        cells = (slice(top, top + height), slice(left, left + width))
        known = self.height.known[cells]
        known = known if self.angle is None else known & self.angle.known[cells]
        return known if self.inside is None else known & self.inside


class LineBlocks:
    """The blocks of a `SurfaceModel` along a `LineOfSight`; iterating reads one block ahead.

    Steps between cells from `lowest_wall` on are upright walls, others slopes. The blocks of one surface model are the
    same for all lines of sight. Raises `UserError` for a layer of incidence angles that makes no sense, and for cells
    that are so small, or so far from square, that memory could not hold what decides about a block.
    """

    def __init__(self, surface: SurfaceModel, view: LineOfSight, device: torch.device) -> None:
        self._surface, self._view, self._device = surface, view, device
        cell = cell_size(surface.grid, surface.window)
        self._wall = lowest_wall(cell)
        bounds = view.near, view.far
        if view.incidence is not None:
            bounds = incidence_range(view.incidence, surface.source)
        self._nearer, self._farther = view.reach(surface.relief, *bounds)
        self._swath = Swath.over(surface.grid, surface.window, view)
        cells = int(_LARGEST_BLOCK / max(cell))
        self._windows = Tiles(surface.window, max(1, min(TILE, cells)))

    def __len__(self):
        return len(self._windows)

    def __iter__(self):
        with ExitStack() as stack:
            sources = (self._surface.source, self._view.incidence, self._surface.area)
            readers = [source and stack.enter_context(GridReader(source, self._surface.grid)) for source in sources]
            blocks = read_ahead(functools.partial(self._read, readers), self._windows)
            for block in stack.enter_context(closing(blocks)):
                yield block
                give_back_freed_memory()

    def _read(self, readers, window):
        grid = self._surface.grid
        step = math.sqrt(math.prod(cell_size(grid, window))) / SAMPLES_PER_CELL
        # A step more on either side, so that the cells at the rim lie between samples.
        reach = self._nearer + step, self._farther + step
        lattice = range_lattice(grid, window, self._view.look_azimuth, step, *reach)
        area = window_around(grid, lattice)
        if max(lattice.width * lattice.height, area.width * area.height) > _MOST_CELLS:
            raise UserError(
                f"Each part of layer '{self._surface.source.name}' would be judged by {area.width:,} × {area.height:,} "
                "cells around it, as its cells are too small for its relief, or too far from square: resample it to "
                "larger, square cells."
            )
        height = self._values(readers[0], area)
        angle = None if readers[1] is None else self._values(readers[1], area).deg2rad()
        surfaces = Interpolator(height, self._wall), None if angle is None else Interpolator(angle)
        inside = None if readers[2] is None else self._values(readers[2], window) == 1
        return LineBlock(window, grid, lattice, area, *surfaces, self._swath, self._device, inside)

    def _values(self, reader, area):
        values, valid = reader.read(area)
        return torch.from_numpy(np.where(valid, values, np.float32(np.nan))).to(self._device)
