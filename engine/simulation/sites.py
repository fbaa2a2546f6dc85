"""The ground of a scene, piece by piece: invented, or read from a user's layers."""

import math
from contextlib import ExitStack
from dataclasses import replace
from typing import Optional, Union

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.footprint_lines import read_footprint_lines
from ...contract.simulation_jobs import FROM_SEED, LARGEST_SIDE, SimulateSceneJob
from ..geometry.bare_ground import BareGround
from ..geometry.height_unit import feet_of_map, in_metres
from ..geometry.surface_model import SurfaceModel
from ..rasters.grid import Window, part
from ..rasters.grid_reader import GridReader
from ..rasters.positions import transform_points
from ..reporting import Reporter
from .scene_grid import LARGEST_MARGIN, around, invented_grid, layer_grid, pixel_grid
from .surfaces.from_layers import surface_from_footprints, surface_from_heights
from .surfaces.surface import Surface
from .surfaces.world import world

_LEVEL = 0.005  # metres

_BUILDING = 100.0
"""Metres around a block in which buildings are looked at whole, so that they are the same in the block beside it."""

_HIGHEST_BUILDING = 850.0  # metres
_NO_BUILDING = 10_000.0  # metres: numbers, areas or millimetres instead of heights


def open_site(job: SimulateSceneJob, pixel_size: float, device: torch.device, reporter: Reporter) -> "Site":
    """Return the site of a `SimulateSceneJob`, a context manager, for pixels of `pixel_size` metres.

    A site has a `grid` of cells, `factor` cells along a pixel, and `cell`, metres along a cell; entered, a `relief` in
    metres, and `surface(window)`. Raises `UserError` for layers and extents that make no sense.
    """
    return LayerSite(job, pixel_size, device, reporter) if job.dsm else InventedSite(job, pixel_size, device)


class InventedSite:
    """A world from a seed, in memory."""

    def __init__(self, job: SimulateSceneJob, pixel_size: float, device: torch.device) -> None:
        self.grid, self.factor = invented_grid(pixel_size, job.size, job.extent, job.extent_crs)
        self.cell = pixel_size / self.factor
        pixels = pixel_grid(self.grid, self.factor)
        if max(pixels.width, pixels.height) > LARGEST_SIDE:
            raise UserError(
                f"The extent holds {pixels.width} × {pixels.height} pixels of {pixel_size:g} m, and an invented scene "
                f"has at most {LARGEST_SIDE} on a side: choose a smaller extent, or an elevation layer, whose scene "
                "may have any size."
            )
        self._job, self._device = job, device

    def __enter__(self):
        side = max(self.grid.width, self.grid.height)
        landscape = None if self._job.landscape == FROM_SEED else self._job.landscape
        self._world = world(side, self.cell, self._job.seed, landscape, self._device)
        self.relief = float(self._world.height.max() - self._world.height.min())
        return self

    def __exit__(self, *exception):
        pass

    def surface(self, window: Window) -> tuple[Surface, torch.Tensor]:
        """Return (`Surface`, bool [h, w]: all known) of a `Window` of the grid, beyond which its border goes on."""
        row = torch.arange(window.row, window.row + window.height).clamp(0, self.grid.height - 1)
        col = torch.arange(window.col, window.col + window.width).clamp(0, self.grid.width - 1)
        row, col = row.to(self._world.height.device), col.to(self._world.height.device)
        surface = self._world.at(row[:, None], col)
        return surface, torch.ones_like(surface.cover, dtype=torch.bool)


class LayerSite:
    """Height models, or footprints with heights on a terrain model."""

    def __init__(self, job: SimulateSceneJob, pixel_size: float, device: torch.device, reporter: Reporter) -> None:
        self._job, self._device = job, device
        surface = SurfaceModel.surveyed(job.dsm, job.extent, reporter)
        self.grid, self.factor = layer_grid(surface, pixel_size)
        self.cell = pixel_size / self.factor
        self._sources = surface.source, job.dtm and in_metres(job.dtm)
        self.relief, terrain_relief = surface.relief, surface.relief
        if job.dtm:
            with BareGround(surface, job.dtm, None, device) as ground:
                terrain_relief = ground.survey(reporter)
        self._is_plain = terrain_relief < _LEVEL
        self._footprints = job.footprints and _Footprints(job.footprints, self.grid, reporter)
        has_buildings = job.dtm or job.footprints
        self._reach = math.ceil(_BUILDING / self.cell) if has_buildings else 0
        if self._footprints:
            self.relief += max(self._footprints.heights)

    def __enter__(self):
        self._stack = ExitStack()
        # A reader knows nothing beyond its grid, but what lies around a scene shows in its images.
        self._wide = around(Window(0, 0, self.grid.width, self.grid.height), (LARGEST_MARGIN + self._reach,) * 4)
        grid = part(self.grid, self._wide)
        self._dsm, self._dtm = (
            source and self._stack.enter_context(GridReader(source, grid)) for source in self._sources
        )
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def surface(self, window: Window) -> tuple[Optional[Surface], torch.Tensor]:
        """Return (`Surface`, bool [h, w]: where its heights are known) of a `Window` of the grid, may reach beyond.

        The surface is None where nothing is known.
        """
        wide = around(window, (self._reach,) * 4)
        own = slice(self._reach, self._reach + window.height), slice(self._reach, self._reach + window.width)
        top, known = self._values(self._dsm, wide)
        ground = None
        if self._dtm:
            ground, ground_known = self._values(self._dtm, wide)
            known &= ground_known
        known_here = torch.from_numpy(known[own]).to(self._device)
        if not known_here.any():
            return None, known_here
        if self._footprints:
            surface = self._built(top, wide)
        else:
            names = self._job.dsm.name, self._job.dtm and self._job.dtm.name
            surface = surface_from_heights(top, ground, self.cell, names, self._is_plain)
            surface = replace(surface, scene_number=_first_cells(surface, wide))
        return surface.at(*own).to(self._device), known_here

    def _values(self, reader, window):
        values, known = reader.read(window.within(self._wide))
        return np.where(known, values, np.nan), known

    def _built(self, terrain, window):
        grid = part(self.grid, window)
        polygons, heights, numbers = self._footprints.within(grid)
        surface = surface_from_footprints(
            terrain, grid.transform, self.cell, polygons, heights, self._job.dsm.name, self._is_plain
        )
        return replace(surface, scene_number=torch.from_numpy(numbers)[surface.scene_number])


Site = Union[InventedSite, LayerSite]
"""What `open_site` returns."""


def _first_cells(surface, window):
    """The number of each building's first cell, counted over the scene: the same in all blocks that hold all of it."""
    numbers, first = np.unique(surface.building.numpy(), return_index=True)
    rows, cols = np.divmod(first, window.width)
    keys = np.zeros(len(surface.wall_azimuth), np.int64)
    keys[numbers] = (rows + window.row) * 2**31 + cols + window.col
    return torch.from_numpy(keys)


class _Footprints:
    """The polygons of a `FootprintSource` in the CRS of a `Grid`, and their `heights`."""

    def __init__(self, source, grid, reporter):
        footprints = list(read_footprint_lines(source.path))
        self.heights = np.array([each.height or np.nan for each in footprints], dtype=float)
        without = int((~((self.heights > 0) & np.isfinite(self.heights))).sum())
        if without:
            raise UserError(
                f"{without} of the {len(footprints)} footprints in layer '{source.name}' have no height above zero: "
                "choose the field that holds the heights of the buildings in metres, or leave these footprints out."
            )
        self._polygons = [
            [np.stack(transform_points(*np.array(ring).T, source.crs, grid.crs), 1) for ring in each.rings]
            for each in footprints
        ]
        outlines = [rings[0] for rings in self._polygons]
        self._low = np.array([ring.min(0) for ring in outlines]).reshape(-1, 2)
        self._high = np.array([ring.max(0) for ring in outlines]).reshape(-1, 2)
        if not len(self.within(grid)[0]):
            raise UserError(
                f"No footprint of layer '{source.name}' lies on the elevation layer: choose footprints of the same "
                "area, or correct the coordinate reference system of one of them."
            )
        highest = self.heights.max()
        if highest > _NO_BUILDING:
            raise UserError(
                f"The heights of layer '{source.name}' reach {highest:.3g} m, which nobody builds: choose the field "
                "that holds the heights of the buildings in metres."
            )
        if highest > _HIGHEST_BUILDING:
            reporter.warning(
                f"The heights of layer '{source.name}' reach {highest:,.0f} m, higher than any building: "
                "check that the field that was chosen holds heights in metres."
            )
        feet = feet_of_map(source.crs)
        if feet:
            reporter.warning(
                f"The heights of layer '{source.name}' state no unit on a map that counts in '{feet}', but are taken "
                "as metres: if they are feet, multiply them by 0.3048 with the field calculator first."
            )

    def within(self, grid):
        """Return (polygons, heights [n], numbers from 1, int64 [n + 1]) of what touches a `Grid`; 0 stays 0."""
        xs, ys = grid.to_map([0, grid.width], [0, grid.height])
        touches = (self._high > (xs.min(), ys.min())).all(1) & (self._low < (xs.max(), ys.max())).all(1)
        chosen = np.nonzero(touches)[0]
        return [self._polygons[i] for i in chosen], self.heights[chosen], np.append(0, chosen + 1).astype(np.int64)
