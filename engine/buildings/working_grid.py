"""The lattice on which a network sees a layer: its pixel size, and its direction to the line of sight."""

import math
from typing import NamedTuple, Optional

import numpy as np
from rasterio.transform import Affine

from ..rasters.grid import Grid, Window, check_size, part

_SAME = 0.01
"""Lattices whose steps differ by no more than this share of a pixel count as the same: nothing is resampled then."""

_MARGIN = 2
"""Working pixels around a part, from which results are brought back to the pixels at its edge."""


class WorkingGrid(NamedTuple):
    """A `grid`, and its `window` on the working lattice of the whole layer: parts of a layer lie on the same one."""

    grid: Grid
    window: Window


def working_grid(whole: Grid, window: Window, pixel: float, look_azimuth: Optional[float]) -> WorkingGrid:
    """Return the `working_lattice` of a `Window` of a layer; raises `UserError` where it is too large to work on."""
    working = working_lattice(whole, window, pixel, look_azimuth)
    check_size(working.grid, "What the network sees of the layer")
    return working


def working_lattice(whole: Grid, window: Window, pixel: float, look_azimuth: Optional[float]) -> WorkingGrid:
    """Return the `WorkingGrid` of a `Window` of a layer with the grid `whole`, in the layer's CRS, however large.

    pixel: side of its pixels in metres, 0 for that of the layer. look_azimuth: degrees clockwise from true north,
    from the sensor towards the ground, which becomes the direction down its columns; None: that of the layer's own
    columns. Both are exact in the middle of the layer; across 20 km at 60 degrees of latitude directions turn by up to
    a third of a degree, and in a geographic CRS sizes change by half a percent.
    """
    if not pixel and look_azimuth is None:
        return WorkingGrid(part(whole, window), window)
    steps = _steps(whole, pixel or whole.pixel_size, look_azimuth)
    if np.abs(steps - np.eye(2)).max() < _SAME:
        return WorkingGrid(part(whole, window), window)
    to_layer = Affine.translation(whole.width / 2, whole.height / 2) * Affine(*steps[0], 0, *steps[1], 0)
    lattice = Grid(whole.crs, whole.transform * to_layer, 1, 1)
    ends = ((col, row) for col in (0, window.width) for row in (0, window.height))
    cols, rows = zip(*(~to_layer * (window.col + col, window.row + row) for col, row in ends))
    left, top = (math.floor(min(each)) - _MARGIN for each in (cols, rows))
    right, bottom = (math.ceil(max(each)) + _MARGIN for each in (cols, rows))
    around = Window(left, top, right - left, bottom - top)
    return WorkingGrid(part(lattice, around), around)


def _steps(whole, pixel, look_azimuth):
    """Return pixels of the layer (columns, rows) per working pixel to the right (first column) and down (second)."""
    metres = whole.pixel_sides().T  # (east, north) of a pixel to the right, and of one down, as columns
    if look_azimuth is None:
        look_azimuth = math.degrees(math.atan2(*metres[:, 1]))
    azimuth = math.radians(look_azimuth)
    down = math.sin(azimuth), math.cos(azimuth)
    right = -down[1], down[0]
    return np.linalg.solve(metres, pixel * np.array([right, down]).T)
