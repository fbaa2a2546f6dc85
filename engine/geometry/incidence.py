"""The incidence angle at the ground: one value, growing across an area, or given as a raster layer."""

import math
from typing import NamedTuple, Optional

import torch

from ...contract.errors import UserError
from ...contract.geometry_jobs import FLATTEST_INCIDENCE, STEEPEST_INCIDENCE, LineOfSight
from ...contract.sources import RasterSource
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from .grid_positions import positions
from .range_lattice import range_lattice

_CENTIMETRE = 0.01


class Swath(NamedTuple):
    """The area across which the incidence grows, in degrees, from `near` to `far`.

    lattice: `Grid` of range lines over the area; its columns begin at the edge that is nearest to the sensor.
    """

    lattice: Grid
    near: float
    far: float

    @classmethod
    def over(cls, grid: Grid, window: Window, view: LineOfSight) -> "Swath":
        """Return the swath of a `SarView` over a `Window` of a `Grid`."""
        # Fine, so that its length is that of the area; nothing is ever stored on it.
        return cls(range_lattice(grid, window, view.look_azimuth, _CENTIMETRE), view.near, view.far)

    def incidence(self, lattice: Grid, lines: Window, device: Optional[torch.device] = None) -> torch.Tensor:
        """Return radians, [1, 1] when near and far are equal, else [h, w], on `lines`, a `Window` of a range lattice.

        The tangent of the angle is linear in ground range, as for a sensor at a finite height over a flat Earth. That
        is exact for an aircraft. Under a satellite the Earth bends away, and mid-swath angles come out too large: by
        0.003° over 30 km (Stripmap), 0.2° over 250 km (Sentinel-1 IW), 0.6° over 500 km (ScanSAR).
        """
        near, far = math.tan(math.radians(self.near)), math.tan(math.radians(self.far))
        if near == far:
            return torch.full((1, 1), math.radians(self.near), device=device)
        share = positions(lattice, lines, self.lattice, device)[0] / self.lattice.width
        return within_bounds((near + (far - near) * share).clamp_min(0).atan())


def within_bounds(angle: torch.Tensor) -> torch.Tensor:
    """Return radians between the steepest and the flattest incidence that `SarView` allows."""
    return angle.clamp(math.radians(STEEPEST_INCIDENCE), math.radians(FLATTEST_INCIDENCE))


def incidence_range(source: RasterSource, surface: RasterSource) -> tuple[float, float]:
    """Return (smallest, largest) of a raster layer of incidence angles, degrees; source, surface: `RasterSource`s.

    Raises `UserError` when the layer does not overlap the layer `surface`, holds only no data, or angles that cannot be
    incidence angles in degrees.
    """
    footprint = footprint_of(source)
    overlap_of(footprint_of(surface), footprint)
    grid = Grid(footprint.crs.to_wkt(), footprint.transform, footprint.width, footprint.height)
    smallest, largest = math.inf, -math.inf
    with GridReader(source, grid) as reader:
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            angles, valid = reader.read(tile)
            smallest = min(smallest, float(angles.min(where=valid, initial=math.inf)))
            largest = max(largest, float(angles.max(where=valid, initial=-math.inf)))
    if smallest > largest:
        raise UserError(f"Layer '{source.name}' holds only no data: choose another layer of incidence angles.")
    if smallest < STEEPEST_INCIDENCE or largest > FLATTEST_INCIDENCE:
        remedy = (
            "they look like radians: multiply them by 57.2958 with the raster calculator"
            if smallest > 0 and largest < math.pi / 2
            else "choose the layer and band with the angle to the vertical, and declare its no-data value"
        )
        raise UserError(
            f"Layer '{source.name}' holds incidence angles from {smallest:.3g} to {largest:.3g}, where degrees from "
            f"{STEEPEST_INCIDENCE:g} to {FLATTEST_INCIDENCE:g} are expected; {remedy}."
        )
    return smallest, largest
