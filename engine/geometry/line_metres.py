"""Metres on the ground along range lines that are straight on a map, whose scale may change from place to place."""

from typing import NamedTuple

import numpy as np
import torch

from ..rasters.grid import Grid

_SAME = 1e-3
"""Share by which metres may differ within a block and count as the same: maps in metres change less, degrees more."""


class LineMetres(NamedTuple):
    """Metres of the cells of a `Grid` in the order of `ShearedLines`, linear in lines and rows: float64 [3] each.

    In this order: along a line, from row to row; from column to column, away from the sensor; and square to that.
    `origin`: of the first cell. `per_col`: what is added from one line to that which passes the first row a column
    further; `per_row`: from row to row on the same line.
    """

    origin: np.ndarray
    per_col: np.ndarray
    per_row: np.ndarray

    @classmethod
    def of(cls, cells: Grid, shear: float) -> "LineMetres":
        """Return those of a `Grid`, whose lines move by `shear` columns from row to row."""
        corners = np.array([(0, 0), (cells.width, 0), (0, cells.height), (cells.width, cells.height)], float)
        lines, aside = (cells.metres(corners - half, corners + half) for half in (np.array([shear, 1]) / 2, (0.5, 0)))
        step = np.linalg.norm(lines, axis=1)
        away = lines / step[:, None]
        square = np.abs(away[:, 0] * aside[:, 1] - away[:, 1] * aside[:, 0])
        found = np.stack((step, (away * aside).sum(1), square), 1)
        if np.ptp(found, axis=0).max() < _SAME * step.min():
            return cls(found.mean(0), np.zeros(3), np.zeros(3))
        per_col, per_row = ((found[3] + found[one] - found[two] - found[0]) / 2 for one, two in ((1, 2), (2, 1)))
        per_col, per_row = per_col / cells.width, per_row / cells.height
        origin = found.mean(0) - (cells.width - 1) / 2 * per_col - (cells.height - 1) / 2 * per_row
        return cls(origin, per_col, per_row + shear * per_col)

    def at(self, cols: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return float32 [3, h, w] where lines have these columns in the first row, in these rows, as they broadcast.

        Both count from the centre of the first cell. [3, 1, 1] where all are the same.
        """
        origin, per_col, per_row = (torch.from_numpy(each).float().to(cols.device)[:, None, None] for each in self)
        if not per_col.any() and not per_row.any():
            return origin
        return origin + per_col * cols.float() + per_row * rows.float()
