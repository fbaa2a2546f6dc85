"""Matches as the rows of the tie-point table, in the coordinates of both layers, and their summary."""

from collections.abc import Iterator, Sequence
from typing import Any, Optional

import numpy as np
from rasterio.transform import Affine

from ...contract.sources import RasterSource
from ..rasters.grid import Grid
from ..rasters.ground import ground_vectors
from ..rasters.positions import pixel_of, transform_points
from ..rasters.source_file import open_source
from .matches import Matches

SHARE_WINDOW = 64
"""Side in working pixels of the windows that the share kept is counted against, whatever the method and its spacing."""

_NOT_MOVED = Affine.identity()


def rows_of(
    matches: Matches,
    residual: np.ndarray,
    grid: Grid,
    sar: RasterSource,
    optical: RasterSource,
    moved: Affine = _NOT_MOVED,
) -> list[dict[str, Any]]:
    """Return the rows (`tie_points.FIELDS`) of matches; `residual` [N] in metres, NaN where there is none.

    moved: where pixels (col, row) of the optical image were looked for, which is where those lie in the SAR image of
    which nothing was found.
    """
    found, expected = np.isfinite(matches.dx), moved * (matches.col, matches.row)
    optical_map = grid.to_map(matches.col, matches.row)
    sar_map = grid.to_map(
        np.where(found, matches.col + matches.dx, expected[0]), np.where(found, matches.row + matches.dy, expected[1])
    )
    shift = ground_vectors(grid.crs, np.column_stack(optical_map), np.column_stack(sar_map))
    opt_x, opt_y, opt_col, opt_row = _in_layer(optical, *optical_map, grid.crs)
    sar_x, sar_y, sar_col, sar_row = _in_layer(sar, *sar_map, grid.crs)
    east, north = np.where(found, shift.T, np.nan)
    columns = {
        "id": np.arange(1, len(found) + 1),
        "sar_x": sar_x,
        "sar_y": sar_y,
        "sar_col": sar_col,
        "sar_row": sar_row,
        "opt_x": opt_x,
        "opt_y": opt_y,
        "opt_col": opt_col,
        "opt_row": opt_row,
        "dx_px": matches.dx,
        "dy_px": matches.dy,
        "dx_m": east,
        "dy_m": north,
        "length_m": np.hypot(east, north),
        "azimuth": np.degrees(np.arctan2(east, north)) % 360,
        "score": matches.score,
        "peak_ratio": matches.peak_ratio,
        "sigma_px": matches.sigma,
        "residual_m": residual,
        "accepted": matches.reason == "",
        "reason": matches.reason,
    }
    listed = [_without_nan(values) for values in columns.values()]
    return [dict(zip(columns, values)) for values in zip(*listed)]


def numbers_of(
    rows: Sequence[dict[str, Any]], residual_px: np.ndarray, sigma_scale: Optional[float] = None
) -> dict[str, Optional[float]]:
    """Return the declared numbers; means, deviations and RMSE of the accepted rows, None when there are none.

    residual_px: residuals of all rows in working pixels [N]. sigma_scale: what predicted errors were multiplied by.
    """
    accepted = [row for row in rows if row["accepted"]]
    numbers = {"POINT_COUNT": len(rows), "ACCEPTED_COUNT": len(accepted)}
    known = len(accepted) > 0
    residual_px = residual_px[[row["accepted"] for row in rows]] if known else residual_px
    residual_m = np.array([row["residual_m"] for row in accepted], float)
    for suffix, x, y, residual in (("", "dx_m", "dy_m", residual_m), ("_PX", "dx_px", "dy_px", residual_px)):
        shifts = np.array([(row[x], row[y]) for row in accepted], float).reshape(-1, 2)
        mean = shifts.mean(0).tolist() if known else (None, None)
        deviation = shifts.std(0).tolist() if known else (None, None)
        numbers |= {
            f"MEAN_SHIFT_X{suffix}": mean[0],
            f"MEAN_SHIFT_Y{suffix}": mean[1],
            f"STD_X{suffix}": deviation[0],
            f"STD_Y{suffix}": deviation[1],
            f"RMSE{suffix}": float(np.sqrt(np.square(residual).mean())) if known else None,
        }
    return {**numbers, "SIGMA_SCALE": sigma_scale}


def control_points_of(rows: Sequence[dict[str, Any]], sar_crs: str, optical_crs: str) -> Iterator[tuple]:
    """Return (map_x, map_y, source_x, source_y, enable), in the optical CRS: where points belong and where they lie."""
    rows = [row for row in rows if row["dx_px"] is not None]  # that were matched
    sar_x, sar_y, opt_x, opt_y = (
        np.array([[row[key] for key in ("sar_x", "sar_y", "opt_x", "opt_y")] for row in rows], float).reshape(-1, 4).T
    )
    map_x, map_y = transform_points(sar_x, sar_y, sar_crs, optical_crs)
    return zip(map_x, map_y, opt_x, opt_y, [row["accepted"] for row in rows])


def share_kept(accepted: int, grid: Grid) -> tuple[Optional[float], int]:
    """Return (accepted points over all windows of the overlap, None without windows; the number of windows)."""
    windows = (grid.width // SHARE_WINDOW) * (grid.height // SHARE_WINDOW)
    return (accepted / windows if windows else None), windows


def _in_layer(source: RasterSource, xs: np.ndarray, ys: np.ndarray, crs: str) -> tuple[np.ndarray, ...]:
    """Return map and pixel positions (x, y, col, row) in a source's own CRS and raster."""
    with open_source(source) as dataset:
        x, y = transform_points(xs, ys, crs, source.crs)
        return x, y, *pixel_of(dataset, x, y)


def _without_nan(values: np.ndarray) -> list:
    if values.dtype.kind != "f":
        return values.tolist()
    return [None if np.isnan(value) else value for value in values.tolist()]
