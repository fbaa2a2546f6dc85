"""How far a fitted transform may be off, as far as the scatter of its points tells."""

from typing import Optional, Union

import numpy as np

from ...contract.errors import UserError
from .transforms import Transform, fit

CONFIDENCE = 0.95

_DRAWS = 400
_CELLS = 4
"""Along each side of the points' bounding box: relief and the look of a place move neighbours alike."""


def possible_errors(transform: Transform, places: np.ndarray) -> Optional[np.ndarray]:
    """Return errors float [draws, m, 2] that a transform may have at `places` [m, 2], in units of its destination.

    A wild bootstrap (Wu, The Annals of Statistics 14, 1986) in clusters (Cameron, Gelbach and Miller, The Review of
    Economics and Statistics 90, 2008): the transform is fitted again to points that lie off it as far as they do when
    it is fitted without their cell, with signs that change from cell to cell by chance. Where the points of a cell are
    needed, each point is a cell. What all points are off by in common no scatter tells. None for a thin plate spline,
    which follows its points wherever they are, and where each point is needed.
    """
    if transform.kind == "tps":
        return None
    for cells in (_cells(transform.source), np.arange(len(transform.source))):
        errors = _left_out_by_cells(transform, cells)
        if errors is not None:
            break
    else:
        return None
    signs = np.random.default_rng(0).choice((-1.0, 1.0), (_DRAWS, cells.max() + 1))[:, cells]
    fitted, expected = transform.transform(transform.source), transform.transform(places)
    again = (_refitted(transform, destination=fitted + sign[:, None] * errors) for sign in signs)
    return np.stack([each.transform(places) for each in again]) - expected


def largest_error(errors: np.ndarray) -> float:
    """Return what the largest length among the m places stays below in `CONFIDENCE` of the draws [draws, m, 2]."""
    return float(np.quantile(np.linalg.norm(errors, axis=2).max(axis=1), CONFIDENCE))


def _cells(points: np.ndarray) -> np.ndarray:
    """Return the number [n] of the cell in which each point lies."""
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    col, row = np.minimum((points - low) / np.where(extent > 0, extent, 1) * _CELLS, _CELLS - 1).astype(int).T
    return row * _CELLS + col


def _left_out_by_cells(transform: Transform, cells: np.ndarray) -> Optional[np.ndarray]:
    """Return what each point [n, 2] is off by under the transform that is fitted without the points of its cell.

    None where the others do not determine it.
    """
    errors = np.empty_like(transform.destination)
    for cell in np.unique(cells):
        left_out = cells == cell
        try:
            others = _refitted(transform, ~left_out)
        except UserError:
            return None
        errors[left_out] = transform.destination[left_out] - others.transform(transform.source[left_out])
    return errors


def _refitted(
    transform: Transform, chosen: Union[slice, np.ndarray] = slice(None), destination: Optional[np.ndarray] = None
) -> Transform:
    """Return the transform of the points that were chosen, or of another destination."""
    destination = transform.destination if destination is None else destination
    return fit(transform.kind, transform.source[chosen], destination[chosen], transform.weights[chosen])
