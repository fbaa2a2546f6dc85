"""Tie points as the arrays that a report draws and fits."""

from dataclasses import dataclass

import numpy as np

from ..rasters.positions import transform_points


@dataclass(frozen=True)
class PlottedPoints:
    """Candidates as arrays [n], positions [n, 2] in pixels of the working grid (column, row).

    `shift` [n, 2] in working pixels (right, down), `score` and `residual` (metres) are NaN where unknown.
    """

    optical: np.ndarray
    sar: np.ndarray
    shift: np.ndarray
    score: np.ndarray
    residual: np.ndarray
    accepted: np.ndarray
    reason: np.ndarray

    @staticmethod
    def of(rows, grid, sar_crs, optical_crs):
        """Return the `PlottedPoints` of tie-point rows (`tie_points.FIELDS`); the CRS (WKT) are those of the layers."""

        def columns(*keys):
            return np.array([[row[key] for key in keys] for row in rows], float).reshape(-1, len(keys)).T

        return PlottedPoints(
            optical=_on_grid(grid, *columns("opt_x", "opt_y"), optical_crs),
            sar=_on_grid(grid, *columns("sar_x", "sar_y"), sar_crs),
            shift=columns("dx_px", "dy_px").T,
            score=columns("score")[0],
            residual=columns("residual_m")[0],
            accepted=np.array([row["accepted"] for row in rows], bool),
            reason=np.array([row["reason"] for row in rows], dtype="U16"),
        )

    def take(self, mask):
        """Return the points that a mask [n] or an index array selects."""
        return PlottedPoints(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def __len__(self):
        return len(self.accepted)


def _on_grid(grid, xs, ys, crs):
    return np.column_stack(grid.to_pixel(*transform_points(xs, ys, crs, grid.crs)))
