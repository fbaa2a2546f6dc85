"""Transforms fitted to tie points: shift, affine, second-order polynomial, thin plate spline."""

import math
from typing import Optional

import numpy as np
from numpy.typing import ArrayLike
from rasterio.transform import Affine
from scipy.interpolate import RBFInterpolator

from ...contract.errors import UserError

FEWEST_POINTS = {"shift": 1, "affine": 3, "polynomial2": 6, "tps": 4}
"""Points that each kind needs; a leave-one-out error needs one more."""

MOST_CONTROL_POINTS = 1000
"""A thin plate spline costs n³ to fit and n per pixel to apply; beyond this, points are averaged cell by cell."""

_NARROWEST = 0.01  # width over length of the point cloud: below, nothing is known across the line
_LARGEST_CONDITION = 1e4  # of the whitened design matrix; above, the points lie on one conic section
_NAMES = {"shift": "shift", "affine": "affine", "polynomial2": "polynomial 2", "tps": "thin plate"}


def fit(kind: str, source: ArrayLike, destination: ArrayLike, weights: Optional[ArrayLike] = None) -> "Transform":
    """Return the `Transform` of a kind that takes `source` to `destination`, both float [n, 2], by least squares.

    weights: of the squares, positive [n], the inverse variances of the points; all alike without. A thin plate spline
    passes through its control points exactly, whatever they weigh: the points themselves, or their means where several
    share one position or where there are more than `MOST_CONTROL_POINTS`. Raises `UserError` when the points are too
    few, almost on one line, or placed so that they do not determine the transform.
    """
    source, destination = np.asarray(source, float).reshape(-1, 2), np.asarray(destination, float).reshape(-1, 2)
    if len(source) < FEWEST_POINTS[kind]:
        raise UserError(
            f"The transform '{_NAMES[kind]}' needs at least {FEWEST_POINTS[kind]} tie points, there are "
            f"{len(source)}: find more points or choose a simpler transform."
        )
    if kind != "shift":
        _refuse_undetermined(kind, source)
    weights = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    return Transform(kind, source, destination, weights)


class Transform:
    """A fitted transform; `fit` makes it.

    `source` and `destination` are the points [n, 2] it was fitted to, `weights` [n] theirs, `control_source` and
    `control_destination` those that a thin plate spline passes through (of the other kinds: the same points).
    """

    def __init__(self, kind: str, source: np.ndarray, destination: np.ndarray, weights: np.ndarray) -> None:
        self.kind = kind
        self.source, self.destination, self.weights = source, destination, weights
        self.control_source, self.control_destination = source, destination
        if kind == "tps":
            self.control_source, self.control_destination = _control_points(source, destination, weights)
        # What is fitted is the displacement over centred, scaled positions: map coordinates of 10⁶ m would cost
        # all digits in their squares.
        self._centre = self.control_source.mean(axis=0)
        self._scale = float(np.abs(self.control_source - self._centre).max()) or 1.0
        positions = self._normalised(self.control_source)
        displacement = self.control_destination - self.control_source
        if kind == "tps":
            self._displacement = RBFInterpolator(positions, displacement, kernel="thin_plate_spline", degree=1)
        else:
            root = np.sqrt(weights / weights.max())[:, None]
            self._coefficients = np.linalg.lstsq(root * _design(kind, positions), root * displacement, rcond=None)[0]
            self._displacement = lambda positions: _design(kind, positions) @ self._coefficients

    def transform(self, points: ArrayLike) -> np.ndarray:
        """Return the images [n, 2] of points [n, 2]."""
        points = np.asarray(points, float)
        return points + self._displacement(self._normalised(points))

    def inverse(self, points: ArrayLike) -> np.ndarray:
        """Return the points [n, 2] that the transform takes to `points` [n, 2]; NaN where it has no inverse.

        Newton's method with the Jacobian of the best affine transform, which is exact for shift and affine.
        """
        points = np.asarray(points, float)
        linear = (
            self if self.kind in ("shift", "affine") else fit("affine", self.source, self.destination, self.weights)
        )
        to_source = ~linear.affine
        jacobian = np.array([[to_source.a, to_source.b], [to_source.d, to_source.e]])
        found = points @ jacobian.T + [to_source.c, to_source.f]
        for _ in range(100):
            error = points - self.transform(found)
            if np.abs(error).max() < 1e-10 * self._scale:
                break
            found = found + np.clip(error @ jacobian.T, -self._scale, self._scale)
        found[np.abs(points - self.transform(found)).max(axis=1) > 1e-6 * self._scale] = np.nan
        return found

    @property
    def affine(self) -> Affine:
        """The transform as an `affine.Affine` (shift and affine only)."""
        linear = np.zeros((2, 2)) if self.kind == "shift" else self._coefficients[1:].T / self._scale
        offset = self._coefficients[0] - linear @ self._centre
        return Affine(1 + linear[0, 0], linear[0, 1], offset[0], linear[1, 0], 1 + linear[1, 1], offset[1])

    @property
    def residuals(self) -> np.ndarray:
        """`destination` minus the transformed `source`, float [n, 2]."""
        return self.destination - self.transform(self.source)

    @property
    def leave_one_out(self) -> np.ndarray:
        """The residual [m, 2] of each control point under the transform fitted to all the others, in closed form.

        NaN where the others do not determine the transform.
        """
        positions = self._normalised(self.control_source)
        if self.kind == "tps":
            kernel, diagonal = _spline_weights(positions, self.control_destination - self.control_source)
            # Rippa, Advances in Computational Mathematics 11 (1999), section 2; it holds with the affine part as well.
            return kernel / diagonal[:, None]
        root = np.sqrt(self.weights / self.weights.max())[:, None]
        orthonormal = np.linalg.qr(root * _design(self.kind, positions))[0]
        freedom = 1 - (orthonormal**2).sum(axis=1)  # 1 - leverage: the diagonal of I - hat matrix
        freedom[freedom < 1e-9] = np.nan
        return self.residuals / freedom[:, None]

    @property
    def leave_one_out_rmse(self) -> float:
        """Root mean square length of `leave_one_out`; NaN when a point is indispensable."""
        return root_mean_square(self.leave_one_out)

    def _normalised(self, points):
        return (points - self._centre) / self._scale


def root_mean_square(vectors: ArrayLike) -> float:
    """Return the root mean square length of vectors [n, 2]."""
    return float(np.sqrt((np.asarray(vectors) ** 2).sum(axis=1).mean()))


def _design(kind, positions):
    """Basis functions [n, k] of the displacement."""
    x, y = positions.T
    columns = {
        "shift": [np.ones_like(x)],
        "affine": [np.ones_like(x), x, y],
        "polynomial2": [np.ones_like(x), x, y, x * x, x * y, y * y],
    }
    return np.stack(columns[kind], axis=1)


def _refuse_undetermined(kind, source):
    centred = source - source.mean(axis=0)
    spread, axes = np.linalg.svd(centred, full_matrices=False)[1:]
    if spread[1] <= _NARROWEST * spread[0]:
        raise UserError(
            f"The tie points lie almost on one line, which does not determine the transform '{_NAMES[kind]}': "
            "add points beside the line or choose the transform 'shift'."
        )
    if kind == "polynomial2":
        whitened = centred @ axes.T / spread * math.sqrt(len(source))
        if np.linalg.cond(_design(kind, whitened)) > _LARGEST_CONDITION:
            raise UserError(
                "The tie points lie on too few places to determine the transform 'polynomial 2': "
                "add points elsewhere or choose the transform 'affine'."
            )


def _control_points(source, destination, weights):
    """Weighted means of the points [m, 2] that share a position, or a cell where there are too many for a spline."""
    cells = _numbered(source)
    if cells.max() >= MOST_CONTROL_POINTS:
        per_side = math.isqrt(MOST_CONTROL_POINTS)
        low, high = source.min(axis=0), source.max(axis=0)
        cells = _numbered(np.minimum((source - low) / (high - low) * per_side, per_side - 1).astype(int))
    both = np.hstack([source, destination])
    sums = np.stack([np.bincount(cells, weights=weights * column) for column in both.T], axis=1)
    means = sums / np.bincount(cells, weights=weights)[:, None]
    return means[:, :2], means[:, 2:]


def _numbered(rows):
    """The number [n] of each row [n, 2] among the distinct ones, in order of their first appearance."""
    _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.reshape(-1)]


def _spline_weights(positions, values):
    """Kernel weights [n, 2] of the thin plate spline and the diagonal [n] of its inverse system matrix."""
    n = len(positions)
    squares = ((positions[:, None] - positions[None]) ** 2).sum(axis=2)
    polynomial = _design("affine", positions)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = 0.5 * squares * np.log(np.where(squares > 0, squares, 1))
    system[:n, n:], system[n:, :n] = polynomial, polynomial.T
    inverse = np.linalg.inv(system)
    diagonal = np.diag(inverse)[:n].copy()
    diagonal[np.abs(diagonal) < 1e-9] = np.nan
    return inverse[:n, :n] @ values, diagonal
