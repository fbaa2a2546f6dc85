"""A surface model block by block, each with the range lines that decide what its cells look like to the radar.

Blocks are rectangles of the surface model's own cells. The lines of a block begin so far before it, and end so far
behind it, that everything which can shade its cells or be laid over them is on them. So no line is ever needed whole,
and memory depends on the block and on the relief, not on the size of the surface model.
"""

import functools
import math
from contextlib import ExitStack, closing

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.geometry_jobs import LineOfSight
from ..compute.device import choose_device
from ..compute.memory import give_back_freed_memory
from ..compute.read_ahead import read_ahead
from ..rasters.grid import TILE, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .facades import lowest_wall
from .gaps import fill_gaps
from .incidence import Swath, incidence_range, within_bounds
from .line_block import LineBlock
from .line_metres import LineMetres
from .sheared_lines import ShearedLines
from .surface_model import SurfaceModel, cell_size

_PER_ROW_AT_WALLS = 2
"""Samples of a line in each row of cells, where there may be walls: lines meet those askew within a quarter of a cell
of their place. One is enough for slopes, as each cell is judged by its own height."""

_LARGEST_BLOCK = 100_000.0
"""Metres; over larger blocks north turns (by 1° at 60° of latitude), and the lines with it."""

_MOST_CELLS = 2**28
"""Samples, and cells, of a block with all that may shade it: a gigabyte for each quantity that is computed."""


def line_device(text: str, reporter: Reporter) -> torch.device:
    """Return the `torch.device` for range lines, as `choose_device` does."""
    device = choose_device(text, reporter)
    if device.type == "mps":
        reporter.info("Range lines need numbers of 64 bits, which mps does not have: they are computed on the CPU.")
        return torch.device("cpu")
    return device


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
        heights, angles, area = readers
        lines = ShearedLines.over(
            self._surface.grid,
            window,
            self._view.look_azimuth,
            (self._nearer, self._farther),
            1 if math.isinf(self._wall) else _PER_ROW_AT_WALLS,
        )
        around = lines.area
        if max(lines.count * lines.samples, around.width * around.height * lines.per_row) > _MOST_CELLS:
            raise UserError(
                f"Each part of layer '{self._surface.source.name}' would be judged by {around.width:,} × "
                f"{around.height:,} cells around it, as its cells are too small for its relief, or too far from "
                "square: resample it to larger, square cells."
            )
        height = self._values(heights, around)
        angle = None if angles is None else self._values(angles, around).deg2rad()
        known = torch.isfinite(lines.inner(height))
        if angle is not None:
            known &= torch.isfinite(lines.inner(angle))
        if area is not None:
            known &= self._values(area, window) == 1
        ordered = lines.ordered(height)
        profiles = lines.profiles(ordered, self._wall)
        metres = LineMetres.of(lines.cells, lines.shear)
        return LineBlock(lines, metres, ordered, profiles, self._wall, *self._incidence(lines, angle), known)

    def _incidence(self, lines, angle):
        """Return radians of the lines' samples, and of the cells in their order; angle: of the area, None without."""
        if angle is None:
            grids = lines.lattice, lines.cells
            return [self._swath.incidence(grid, Window(0, 0, grid.width, grid.height), self._device) for grid in grids]
        on_lines = lines.profiles(lines.ordered(angle), math.inf).T
        return [within_bounds(each) for each in (fill_gaps(on_lines), lines.ordered(lines.inner(angle)))]

    def _values(self, reader, area):
        values, valid = reader.read(area)
        return torch.from_numpy(np.where(valid, values, np.float32(np.nan))).to(self._device)
