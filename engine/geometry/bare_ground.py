"""The ground without the buildings: it tells façades, and the layover of façades, from slopes and trees."""

from contextlib import ExitStack
from typing import Optional

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Tiles, Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .facades import STOREY
from .height_unit import in_metres
from .surface_model import SurfaceModel, survey

_TOO_LOW = 1.0  # metres that a surface model may lie below the terrain: errors of both
_MOST_TOO_LOW = 0.05  # share of the cells: beyond it, one of the models is not what it is called
_LEAST_GROUND = 0.02  # share of the cells that show the ground even in dense cities and forests


class BareGround:
    """What stands on the ground of a `SurfaceModel` and what does not; a context manager, as it reads from files.

    dtm: `RasterSource` of heights, in the unit that it states; footprints: of a raster that is 1 in buildings; both may
    be None.
    """

    def __init__(
        self,
        surface: SurfaceModel,
        dtm: Optional[RasterSource],
        footprints: Optional[RasterSource],
        device: torch.device,
    ) -> None:
        self._surface, self._device = surface, device
        self._sources = surface.source, dtm and in_metres(dtm), footprints

    def __enter__(self):
        self._stack = ExitStack()
        grid = self._surface.grid
        self._dsm, self._dtm, self._footprints = (
            source and self._stack.enter_context(GridReader(source, grid)) for source in self._sources
        )
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def survey(self, reporter: Reporter) -> float:
        """Look at the terrain model, if there is one, and return its relief in metres (0 without).

        Warns when the surface hardly touches it anywhere, as if all were built upon.
        Raises `UserError` when it does not overlap the surface, lies above it in the part asked for, or holds what are
        no heights (`surface_model.survey`).
        """
        dsm, dtm, _ = self._sources
        if dtm is None:
            return 0.0
        overlap_of(footprint_of(dsm), footprint_of(dtm))
        too_low = built = compared = 0
        for tile in Tiles(self._surface.window):
            (top, top_known), (ground, ground_known) = self._dsm.read(tile), self._dtm.read(tile)
            both = top_known & ground_known
            compared += int(both.sum())
            too_low += int((top < ground - _TOO_LOW).sum(where=both))
            built += int((top > ground + STOREY).sum(where=both))
        if too_low > _MOST_TOO_LOW * compared:
            raise UserError(
                f"The surface model '{dsm.name}' lies more than {_TOO_LOW:g} m below the terrain model '{dtm.name}' in "
                f"{100 * too_low / compared:.0f} % of the cells: check that the two are not swapped and count heights "
                "in the same unit from the same level."
            )
        if compared and built > (1 - _LEAST_GROUND) * compared:
            reporter.warning(
                f"The surface model '{dsm.name}' lies more than {STOREY:g} m above the terrain model '{dtm.name}' in "
                f"{100 * built / compared:.0f} % of the cells, as if all were built upon: check that both count "
                "heights in the same unit from the same level."
            )
        return survey(dtm, self._surface.grid, reporter)

    def heights(self, window: Window) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
        """Return the heights of the surface, and of the terrain (None without), in a `Window`: [h, w], NaN unknown."""
        return self._values(self._dsm, window), self._dtm and self._values(self._dtm, window)

    def bare(self, window: Window) -> Optional[torch.Tensor]:
        """Return the heights without the buildings in a `Window`, [h, w], NaN where unknown; None where nothing tells.

        With footprints, what stands outside of them belongs to the ground, trees too.
        """
        height, terrain = self.heights(window)
        if self._footprints is None:
            return terrain
        return torch.where(self._in_building(window), torch.nan if terrain is None else terrain, height)

    def objects(self, window: Window) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (heights, is_object), [h, w], of a `Window`: what can have façades.

        Buildings by their footprints; without them what stands more than a `STOREY` above the terrain; everything where
        neither is known.
        """
        height, terrain = self.heights(window)
        if self._footprints is not None:
            return height, self._in_building(window)
        if terrain is not None:
            return height, (height - terrain > STOREY) | terrain.isnan()
        return height, torch.ones_like(height, dtype=torch.bool)

    def _in_building(self, window):
        return self._values(self._footprints, window) > 0.5

    def _values(self, reader, window):
        values, valid = reader.read(window)
        return torch.from_numpy(np.where(valid, values, np.float32(np.nan))).to(self._device)
