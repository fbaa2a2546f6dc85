"""The table of cells: where each cell of a surface model lies in both images, and what hides it.

After table 1 of L. H. Hughes, S. Auer and M. Schmitt, "Investigation of Joint Visibility between SAR and Optical Images
of Urban Environments", 2018, reprinted as §4.1 of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and
Optical Imagery", dissertation, Technische Universität München, 2020.

Positions are given as the radar measures them, and on the map: a cell that stands above the ground to which an image
was rectified appears beside its place, in a SAR image towards the sensor, in an optical image away from the satellite.
"""

import math
from pathlib import Path

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.geometry_jobs import JointVisibilityJob
from ..rasters.grid import Window
from ..rasters.grid_reader import GridReader
from ..rasters.positions import transform_points
from .bare_ground import BareGround
from .gaps import fill_gaps
from .grid_positions import Interpolator
from .incidence import Swath, within_bounds
from .range_lattice import range_lattice
from .range_lines import sight
from .surface_model import SurfaceModel
from .visibility_classes import JOINT_MAP, Cause

MOST_CELLS = 2_000_000
"""Cells beyond which a table is of no use, and too large for most programs that would open it."""

_FLAGS = {
    "radar_shadow": Cause.RADAR_SHADOW,
    "facade_layover": Cause.FACADE_LAYOVER,
    "other_layover": Cause.OTHER_LAYOVER,
    "occlusion": Cause.OCCLUSION,
    "sun_shadow": Cause.SUN_SHADOW,
    "facade": Cause.FACADE,
}
FIELDS = {
    **dict.fromkeys(("id", "col", "row"), "%d"),
    **dict.fromkeys(("x", "y"), "%.10g"),
    **dict.fromkeys(("height", "slant_range", "azimuth"), "%.2f"),
    **dict.fromkeys(("sar_x", "sar_y", "opt_x", "opt_y"), "%.10g"),
    **dict.fromkeys((*_FLAGS, "visibility"), "%d"),
}
"""Columns and their formats. `col` and `row` count cells from 0, `id` counts them row by row. `x`, `y` and the places
in the images, `sar_x`, `sar_y`, `opt_x`, `opt_y`, are in the CRS of the surface model. `slant_range` and `azimuth` are
metres away from the sensor and along the lines, from the corner of the area that is nearest to the sensor (of the
box around it along the line of sight), at height 0. Flags are 0 or 1, `visibility` is a class of the joint map."""

_SAMPLES = 1000  # along the longest side of the area, for the incidence, which changes slowly
_ROWS_AT_ONCE = 20_000


def check_size(surface: SurfaceModel) -> None:
    """Raise `UserError` when a `SurfaceModel` has too many cells for a table."""
    count = surface.window.width * surface.window.height
    if count > MOST_CELLS:
        raise UserError(
            f"A table of {count:,} cells of layer '{surface.source.name}' is too large (at most {MOST_CELLS:,}): "
            "choose a smaller extent, or run without the table."
        )


def write_cells(
    path: Path, job: JointVisibilityJob, surface: SurfaceModel, ground: BareGround, causes: np.ndarray
) -> None:
    """Write the known cells of a `SurfaceModel` as CSV; causes: their `Cause` bits, uint8 [h, w].

    The images are taken to be rectified to the terrain model of `ground` (a `BareGround`), or, where there is none, to
    the mean height of the cells.
    """
    height, terrain = ground.heights(surface.window)
    known = causes != Cause.NO_DATA
    height = height.cpu().numpy().astype(float)
    level = height[known].mean()
    if terrain is not None:
        terrain = terrain.cpu().numpy()
        level = np.where(np.isfinite(terrain), terrain, level)
    rows, cols = np.nonzero(known)
    bits = causes[known].astype(int)
    places = _places(job, surface, rows, cols, height[known], (height - level)[known])
    flags = [(bits & cause) > 0 for cause in _FLAGS.values()]
    columns = (rows * known.shape[1] + cols, cols, rows, *places, *flags, JOINT_MAP.of(bits))
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(FIELDS) + "\r\n")
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = np.column_stack([column[start : start + _ROWS_AT_ONCE] for column in columns])
            np.savetxt(file, part, ",".join(FIELDS.values()), newline="\r\n")


def _places(job, surface, rows, cols, height, above):
    """Return x, y, height, slant_range, azimuth, sar_x, sar_y, opt_x, opt_y of cells, float64 [n] each.

    height: metres; above: metres above the ground to which the images were rectified.
    """
    grid, part = surface.grid, surface.part
    lattice, slant_range, incidence = _slant_range_at_level_0(job.sar, grid, surface.window)
    x, y = part.to_map(cols + 0.5, rows + 0.5)
    east, north = transform_points(x, y, grid.crs, lattice.crs)
    samples, lines = lattice.to_pixel(east, north)
    # Without the margin of the lattice: where its own lines would begin.
    own = range_lattice(grid, surface.window, job.sar.look_azimuth, lattice.step).transform
    first_sample, first_line = lattice.to_pixel(own.c, own.f)
    edge = np.full_like(samples, first_sample)
    angle = _at(incidence, samples, lines)
    flat = _at(slant_range, samples, lines) - _at(slant_range, edge, lines)
    nearer = above / np.tan(angle) / lattice.step
    in_sar = lattice.to_map(samples - nearer, lines)
    azimuth, lean = math.radians(job.optical.azimuth), above * math.tan(math.radians(job.optical.off_nadir))
    in_optical = east - lean * math.sin(azimuth), north - lean * math.cos(azimuth)
    sar, optical = (transform_points(*place, lattice.crs, grid.crs) for place in (in_sar, in_optical))
    along = (lines - first_line) * lattice.step
    return x, y, height, flat - height * np.cos(angle), along, *sar, *optical


def _at(values, samples, lines):
    return values.at(*(torch.from_numpy(each).float()[None] for each in (samples, lines)))[0].numpy().astype(float)


def _slant_range_at_level_0(view, grid, window):
    """Return (lattice, slant range in metres, incidence in radians), the last two as `Interpolator`s on the lattice."""
    side = max(window.width, window.height)
    margin = -(-side // _SAMPLES) + 1  # so that no cell lies at the rim of the lattice
    around = Window(window.col - margin, window.row - margin, window.width + 2 * margin, window.height + 2 * margin)
    metres = range_lattice(grid, around, view.look_azimuth, step=1.0)
    lattice = range_lattice(grid, around, view.look_azimuth, max(metres.width, metres.height) / _SAMPLES)
    whole = Window(0, 0, lattice.width, lattice.height)
    if view.incidence is None:
        angle = Swath.over(grid, window, view).incidence(lattice, whole).expand(lattice.height, lattice.width)
    else:
        with GridReader(view.incidence, lattice) as reader:
            degrees, valid = reader.read(whole)
        angle = within_bounds(fill_gaps(torch.from_numpy(np.where(valid, degrees, np.float32(np.nan))).deg2rad()))
    level = sight(torch.zeros_like(angle), angle, lattice.step).slant_range
    return lattice, Interpolator(level), Interpolator(angle)
