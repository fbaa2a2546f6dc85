"""A surface model as the geometry needs it: its own grid, the part that is asked for, and heights that make sense."""

import math
from typing import NamedTuple, Optional

import numpy as np
from rasterio.crs import CRS

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.grid import Grid, Tiles, Window, check_size, part
from ..rasters.grid_reader import GridReader
from ..rasters.positions import LONGITUDE_LATITUDE, transform_points
from ..rasters.source_file import open_source, parse_crs
from ..reporting import Reporter
from .height_unit import feet_of_map, in_metres, stated_unit, unit_of_parts

HIGHEST, LOWEST = 9_000.0, -500.0
"""Metres; what is higher above the sea are other units, and lower lies nothing that a radar or a camera sees: it is no
data that is not declared (-9999 most often), or the sea floor."""

TERRAIN_CELL = 10.0
"""Metres; models with smaller cells show walls and trees, on which slopes have no limit."""

_FINEST_CELL = 0.002
"""Metres; PROJ's projection around a place does not tell apart what lies within 0.6 mm of it."""

_DARK, _MEAN, _BRIGHT = -18.0, -26.0, 40.0
"""Decibels: radar images have pixels darker than the first, means between the second and 0, and hardly any pixel
brighter than the third. Lowlands do not reach so far down, and what does lies deeper as a whole."""

_MOST_FEET = 31_000.0
_POLE = 89.0


class SurfaceModel(NamedTuple):
    """A surface model that was looked at: `source`, its `grid`, the `window` of it that is asked for, and its relief.

    source: read in metres, whatever unit it states. relief: metres from its lowest to its highest cell. area: on the
    same grid, 1 where a result is asked for; None: in all of the window.
    """

    source: RasterSource
    grid: Grid
    window: Window
    relief: float
    area: Optional[RasterSource] = None

    @classmethod
    def surveyed(
        cls,
        source: RasterSource,
        extent: tuple[float, ...],
        reporter: Reporter,
        area: Optional[RasterSource] = None,
    ) -> "SurfaceModel":
        """Return the surface model of a `RasterSource`; extent: (xmin, ymin, xmax, ymax) in its CRS, empty for all.

        Raises `UserError` for what makes no sense: see `surface_grid`, `part_of` and `survey`; and
        for cells of less than 2 mm.
        """
        grid = surface_grid(source)
        cell = cell_size(grid, Window(0, 0, grid.width, grid.height))
        if min(cell) < _FINEST_CELL:
            raise UserError(
                f"Layer '{source.name}' has cells of {cell[0]:.3g} × {cell[1]:.3g} m, which no surface has: correct its"
                " geotransform, or resample it to cells of a centimetre or more."
            )
        source = in_metres(source)
        return cls(source, grid, part_of(grid, extent, source.name), survey(source, grid, reporter), area)

    @property
    def part(self) -> Grid:
        """The `Grid` of the window."""
        return part(self.grid, self.window)


def surface_grid(source: RasterSource) -> Grid:
    """Return the `layer_grid` of a `RasterSource` that is read all over; raises `UserError` where it is too large."""
    grid = layer_grid(source)
    check_size(grid, f"Layer '{source.name}'")
    return grid


def layer_grid(source: RasterSource) -> Grid:
    """Return the `Grid` of a `RasterSource` in its own CRS, whose units may be degrees, however large it is.

    Raises `UserError` for what `open_source` refuses, and for cells so near to a pole that degrees have no width there.
    """
    with open_source(source) as dataset:
        grid = Grid(parse_crs(source).to_wkt(), dataset.transform, dataset.width, dataset.height)
    if CRS.from_user_input(grid.crs).is_geographic:
        ends = grid.to_map([0, grid.width, 0, grid.width], [0, 0, grid.height, grid.height])
        farthest = np.abs(transform_points(*ends, grid.crs, LONGITUDE_LATITUDE)[1])
        if not (farthest <= _POLE).all():
            raise UserError(
                f"Layer '{source.name}' reaches beyond {_POLE:g} degrees of latitude with cells in degrees, which have "
                "no width there: reproject it to a polar stereographic CRS in metres, or clip it."
            )
    return grid


def part_of(grid: Grid, extent: tuple[float, ...], name: str) -> Window:
    """Return the `Window` of the cells of a `Grid` whose centres lie in `extent`; all when it is empty.

    extent: (xmin, ymin, xmax, ymax) in the grid's CRS. Raises `UserError`, naming the layer, when no cell lies in it,
    or more than can be worked on.
    """
    if not extent:
        check_size(grid, f"Layer '{name}'")
        return Window(0, 0, grid.width, grid.height)
    xmin, ymin, xmax, ymax = extent
    cols, rows = grid.to_pixel([xmin, xmax, xmax, xmin], [ymin, ymin, ymax, ymax])
    left, top = (max(0, math.ceil(values.min() - 0.5)) for values in (cols, rows))
    right, bottom = (
        min(size, math.ceil(values.max() - 0.5)) for values, size in ((cols, grid.width), (rows, grid.height))
    )
    if left >= right or top >= bottom:
        raise UserError(f"The extent holds no cell of layer '{name}': draw it larger, within the layer.")
    window = Window(left, top, right - left, bottom - top)
    check_size(part(grid, window), f"The extent of layer '{name}'")
    return window


def nothing_known(source: RasterSource, incidence: Optional[RasterSource]) -> UserError:
    """Return the `UserError` for a surface model without valid cells in the part asked for.

    incidence: `RasterSource` of incidence angles, without which a cell is not valid either; None where there is none.
    """
    if incidence is None:
        return UserError(
            f"Layer '{source.name}' holds only no data in the extent and area: choose a part with heights."
        )
    return UserError(
        f"No cell that is asked for has both a height in layer '{source.name}' and an angle in layer "
        f"'{incidence.name}': draw the extent over cells that have both, or leave the incidence layer out."
    )


def cell_size(grid: Grid, window: Window) -> tuple[float, float]:
    """Return (width, height) of a cell in metres, in the middle of a `Window` of a `Grid`."""
    width, height = np.linalg.norm(part(grid, window).pixel_sides(), axis=1).tolist()
    return width, height


def survey(source: RasterSource, grid: Grid, reporter: Reporter) -> float:
    """Read a surface model once and return its relief in metres; warn when its heights are hardly metres.

    Raises `UserError` when it holds no data, or heights that no unit explains.
    """
    lowest, highest, rise, steps, total, count = math.inf, -math.inf, 0.0, 0, 0.0, 0
    with GridReader(source, grid) as reader:
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            heights, valid = reader.read(tile)
            if valid.any():
                lowest = min(lowest, float(heights.min(where=valid, initial=math.inf)))
                highest = max(highest, float(heights.max(where=valid, initial=-math.inf)))
            total += float(heights.sum(where=valid, dtype=np.float64))
            count += int(valid.sum())
            both = valid[:, 1:] & valid[:, :-1]
            rise += float(np.abs(np.diff(heights, axis=1)).sum(where=both, dtype=np.float64))
            steps += int(both.sum())
    if lowest > highest:
        raise UserError(
            f"Layer '{source.name}' holds only no data: choose another layer, or correct its no-data value."
        )
    if lowest < LOWEST or highest > _MOST_FEET:
        raise UserError(
            f"Layer '{source.name}' holds heights from {lowest:g} to {highest:g} in its band {source.bands[0]}, which "
            "nobody sees on Earth: declare its no-data value in the layer's properties, raise the sea floor to 0, or "
            "save the band that holds heights as a layer of its own."
        )
    width, _ = cell_size(grid, Window(0, 0, grid.width, grid.height))
    unit = stated_unit(source)
    if source.factor != 1:
        reporter.info(f"The heights of layer '{source.name}' are stated in '{unit.name}' and are converted to metres.")
    reason = _not_metres(source, unit, highest, rise / max(steps, 1) / width, width)
    if reason:
        reporter.warning(
            f"The heights of layer '{source.name}' {reason}, but are taken as metres: if they are feet, multiply them "
            "by 0.3048 with the raster calculator first."
        )
    if lowest < _DARK and highest < _BRIGHT and _MEAN < total / count < 0:
        reporter.warning(
            f"The heights of layer '{source.name}' lie between {lowest:.0f} and {highest:.0f} m, most of them below "
            "the sea, as backscatter in decibels does: make sure that it is no radar image."
        )
    return highest - lowest


def _not_metres(source, unit, highest, slope, width):
    """Return why heights can hardly be metres, to be read after 'The heights ...'; empty when they can."""
    if unit is not None and unit.metres is None:
        return f"are declared as '{unit.name}', which is no unit that is known here"
    parts = unit_of_parts(source) if unit is None else None
    if parts is not None and parts.metres != 1:
        return f"state no unit, while those of the files that it refers to are in '{parts.name}'"
    feet = feet_of_map(source.crs)
    if unit is None and feet:
        return f"state no unit on a map that counts in '{feet}'"
    if highest > HIGHEST:
        return f"reach {highest:,.0f}"
    if width >= TERRAIN_CELL and slope > 1:
        return f"rise by {slope:.1f} metres per metre on average, more steeply than any landscape"
    return ""
