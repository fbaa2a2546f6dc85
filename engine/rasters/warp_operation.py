"""Between two coordinate reference systems there may be several operations: which one a warp takes."""

from typing import Any, Optional

import numpy as np
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from .grid import Grid, Window, part
from .positions import apply_affine, transform_points

_WHOLE_EARTH = {"AREA_OF_INTEREST": "-180,-90,180,90"}
"""Left to itself GDAL's warper prefers operations that are for the area at hand, and `transform_points` does not."""

_TOLERANCE = 0.5
"""Grid pixels by which both may differ."""


def agreeing_options(source_crs: CRS, lattice: Affine, grid: Grid, steps: np.ndarray) -> Optional[dict[str, Any]]:
    """Return the options of `reproject` with which pixels come from where `transform_points` says that they lie.

    Looked at in the middle of the `grid`. lattice: of the source's pixels. steps [2, 2]: source pixels (cols, rows) per
    step along the grid's columns and rows. None where either way pixels come from elsewhere.
    """
    middle = Window(grid.width // 2, grid.height // 2, 1, 1)
    centre = grid.to_map(middle.col + 0.5, middle.row + 0.5)
    place = np.array(apply_affine(~lattice, *transform_points(*centre, grid.crs, source_crs)))
    if not np.isfinite(place).all():
        return {}
    side = max(64, 2 * int(np.ceil(np.abs(steps).max())))  # source pixels around the place
    first = np.floor(place) - side // 2
    rows, cols = np.mgrid[:side, :side].astype(np.float32) + 0.5
    warped = np.full((2, 1, 1), np.nan, np.float32)
    for options in ({}, _WHOLE_EARTH):
        reproject(
            np.stack((cols, rows)),
            warped,
            src_transform=lattice * Affine.translation(*first),
            src_crs=source_crs,
            dst_transform=part(grid, middle).transform,
            dst_crs=CRS.from_user_input(grid.crs),
            src_nodata=np.nan,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
            XSCALE=1,
            YSCALE=1,
            **options,
        )
        off = np.linalg.lstsq(steps, warped[:, 0, 0] + first - place, rcond=None)[0]
        if np.hypot(*off) <= _TOLERANCE:  # NaN where it comes from farther away than was looked at
            return options
    return None
