"""The lattice of range lines under a part of a map: rows along the flight, columns away from the sensor."""

import math

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from ..rasters.grid import Grid, Window
from ..rasters.positions import LONGITUDE_LATITUDE, box_outline, transform_points


def range_lattice(grid: Grid, window: Window, look_azimuth: float, step: float) -> Grid:
    """Return the `Grid` of range lines over a `Window` of a map `grid`, `step` metres from sample to sample.

    look_azimuth: degrees clockwise from true north, from the sensor towards the ground. The lattice lies in an
    azimuthal equidistant projection of its own, centred on the window: there, true north is up (no grid convergence),
    a metre is a metre whatever the map's CRS, and 100 km from the centre scale is off by 0.004 %.
    """
    crs = _local_crs(grid, window)
    east, north = transform_points(*grid.to_map(*_outline(window)), grid.crs, crs)
    azimuth = math.radians(look_azimuth)
    away, along = (math.sin(azimuth), math.cos(azimuth)), (math.cos(azimuth), -math.sin(azimuth))
    ranges, lines = east * away[0] + north * away[1], east * along[0] + north * along[1]
    width, height = (math.ceil(np.ptp(each) / step) for each in (ranges, lines))
    left = ranges.min() * away[0] + lines.min() * along[0]
    top = ranges.min() * away[1] + lines.min() * along[1]
    transform = Affine(step * away[0], step * along[0], left, step * away[1], step * along[1], top)
    return Grid(crs.to_wkt(), transform, max(width, 1), max(height, 1))


def _local_crs(grid: Grid, window: Window) -> CRS:
    """Return the azimuthal equidistant CRS, in metres, around the middle of a `Window` of a `Grid`."""
    centre = grid.to_map([window.col + window.width / 2], [window.row + window.height / 2])
    longitude, latitude = (float(value[0]) for value in transform_points(*centre, grid.crs, LONGITUDE_LATITUDE))
    return CRS.from_dict(proj="aeqd", lat_0=latitude, lon_0=longitude, datum="WGS84", units="m")


def _outline(window):
    return box_outline(window.col, window.row, window.col + window.width, window.row + window.height)
