"""Tie points as the arrays that a report draws and fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rasters.grid import Grid
from ..rasters.positions import transform_points


@dataclass(frozen=True)
class PlottedPoints:
    """Candidates as arrays [n], positions [n, 2] in pixels of the working grid (column, row).

    `shift` [n, 2] and `sigma`, the predicted error, in working pixels, `score` and `residual` (metres) are NaN where
    unknown.
    """

    optical: np.ndarray
    sar: np.ndarray
    shift: np.ndarray
    score: np.ndarray
    sigma: np.ndarray
    residual: np.ndarray
    accepted: np.ndarray
    reason: np.ndarray

    @staticmethod
    def of(rows: Sequence[dict[str, Any]], grid: Grid, sar_crs: str, optical_crs: str) -> "PlottedPoints":
        """Return the `PlottedPoints` of tie-point rows (`tie_points.FIELDS`); the CRS (WKT) are those of the layers."""

        def columns(*keys: str) -> np.ndarray:
            return np.array([[row[key] for key in keys] for row in rows], float).reshape(-1, len(keys)).T

        return PlottedPoints(
            optical=_on_grid(grid, *columns("opt_x", "opt_y"), optical_crs),
            sar=_on_grid(grid, *columns("sar_x", "sar_y"), sar_crs),
            shift=columns("dx_px", "dy_px").T,
            score=columns("score")[0],
            sigma=columns("sigma_px")[0],
            residual=columns("residual_m")[0],
            accepted=np.array([row["accepted"] for row in rows], bool),
            reason=np.array([row["reason"] for row in rows], dtype="U16"),
        )

    def take(self, mask: np.ndarray) -> "PlottedPoints":
        """Return the points that a mask [n] or an index array selects."""
        return PlottedPoints(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.accepted)


def _on_grid(grid: Grid, xs: np.ndarray, ys: np.ndarray, crs: str) -> np.ndarray:
    return np.column_stack(grid.to_pixel(*transform_points(xs, ys, crs, grid.crs)))
