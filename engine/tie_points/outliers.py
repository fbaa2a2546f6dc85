"""Robust outlier test: which tie points agree with one transform."""

import math

import numpy as np
from numpy.typing import ArrayLike

from ...contract.errors import UserError
from .transforms import Transform, fit

FEWEST_POINTS_FOR_AFFINE = 6
"""Below this, three points that fit exactly say nothing about the others; the test falls back to a shift."""

SURE = math.log(1e-4)
"""Log of how many sets of points as good as theirs may be expected by chance, where nothing else speaks for them."""

_HYPOTHESES = 1000  # 99.9 % sure to draw three inliers at 80 % outliers
_SCORED_POINTS = 2000  # enough to rank hypotheses; the refit uses all points
_REFINED = 10  # best hypotheses that are refitted to convergence
_AT_ONCE = 50  # hypotheses scored together, which bounds the memory


def robust_inliers(
    kind: str, source: ArrayLike, destination: ArrayLike, tolerance: float
) -> tuple[np.ndarray, np.ndarray, Transform]:
    """Return (inliers bool [n], residual float [n], transform): the points that agree with one robust transform.

    `kind` is none, shift or affine; `source` and `destination` are [n, 2] in metres; inliers lie within `tolerance`
    (metres) of the transform, `residual` is every point's distance from it. The transform is fitted to the inliers.
    `none` accepts all points and measures them against their mean shift. An affine test of fewer than
    `FEWEST_POINTS_FOR_AFFINE` points, or of points on one line, becomes a test of a shift: `transform.kind` tells.

    MSAC (Torr and Zisserman, Computer Vision and Image Understanding 78, 2000) with a fixed seed; the best hypotheses
    are refitted to their inliers until these no longer change. Raises `UserError` without points.
    """
    source, destination = np.asarray(source, float).reshape(-1, 2), np.asarray(destination, float).reshape(-1, 2)
    if len(source) == 0:
        raise UserError("There are no tie points to test: lower the thresholds or search a larger area.")
    if kind == "none":
        transform = fit("shift", source, destination)
        return np.ones(len(source), bool), _distances(transform, source, destination), transform
    if kind == "affine":
        found = _best(kind, source, destination, tolerance) if len(source) >= FEWEST_POINTS_FOR_AFFINE else None
        if found is not None:
            return found
    return _best("shift", source, destination, tolerance)


def is_by_chance(kind: str, agreeing: int, tested: int, share: float, expected: float = 0.0) -> bool:
    """Return whether as many points agree with one shift or affine transform where all are wrong.

    agreeing: of the points that were `tested`. share: see `expected_by_chance`. expected: log of how many sets of so
    many points may be expected by chance; by default one.
    """
    needed = 3 if kind == "affine" else 1
    return agreeing <= needed or expected_by_chance(needed, agreeing, tested, share) > expected


def expected_by_chance(needed: int, agreeing: int, tested: int, share: float) -> float:
    """Return the log of how many sets of `agreeing` points of those `tested` share a transform where all are wrong.

    needed: points that determine a transform. share: of the displacements that a wrong point may have, how many agree
    with a transform. An a-contrario test (Moisan and Stival, "A Probabilistic Criterion to Detect Rigid Point Matches
    Between Two Images and Estimate the Fundamental Matrix", International Journal of Computer Vision 57, 2004).
    Infinite where no point agrees but those that determine the transform.
    """
    if agreeing <= needed:
        return math.inf
    sets = _log_combinations(tested, agreeing) + _log_combinations(agreeing, needed)
    return math.log(max(tested - needed, 1)) + sets + (agreeing - needed) * math.log(min(share, 1))


def _log_combinations(of, chosen):
    return math.lgamma(of + 1) - math.lgamma(chosen + 1) - math.lgamma(of - chosen + 1)


def _best(kind, source, destination, tolerance):
    """`robust_inliers` of shift or affine; None when no inliers determine an affine transform."""
    random = np.random.default_rng(0)
    scored = random.permutation(len(source))[:_SCORED_POINTS]
    centre = source.mean(axis=0)
    scale = np.abs(source - centre).max() or 1.0
    positions = np.column_stack([np.ones(len(source)), (source - centre) / scale])
    displacement = destination - source
    hypotheses = _affine_hypotheses if kind == "affine" else _shift_hypotheses
    coefficients = hypotheses(positions, displacement, random)
    costs = _costs(coefficients, positions[scored], displacement[scored], tolerance)
    refined = []
    for best in np.argsort(costs, kind="stable")[:_REFINED]:
        distance = np.linalg.norm(displacement - positions @ coefficients[best], axis=1)
        candidate = _refit(kind, source, destination, distance <= tolerance, tolerance)
        if candidate is not None:
            refined.append(candidate)
    return min(refined, key=lambda found: (np.minimum(found[1], tolerance) ** 2).sum(), default=None)


def _shift_hypotheses(positions, displacement, random):
    """Displacements of single points as coefficients [k, 3, 2] over (1, x, y)."""
    chosen = random.permutation(len(positions))[:_HYPOTHESES]
    coefficients = np.zeros((len(chosen), 3, 2))
    coefficients[:, 0] = displacement[chosen]
    return coefficients


def _affine_hypotheses(positions, displacement, random):
    """Displacement fields through three points each as coefficients [k, 3, 2] over (1, x, y)."""
    triples = random.integers(0, len(positions), (4 * _HYPOTHESES, 3))
    areas = np.abs(np.linalg.det(positions[triples]))
    # The slimmest triangles amplify the noise of their corners most.
    triples = triples[np.argsort(-areas, kind="stable")[: _HYPOTHESES * 2]]
    triples = triples[np.abs(np.linalg.det(positions[triples])) > 1e-9]
    return np.linalg.solve(positions[triples], displacement[triples])


def _costs(coefficients, positions, displacement, tolerance):
    """MSAC cost [k] of each hypothesis: squared distances, cut at the tolerance."""
    costs = []
    for start in range(0, len(coefficients), _AT_ONCE):
        squares = ((positions @ coefficients[start : start + _AT_ONCE] - displacement) ** 2).sum(axis=2)
        costs.append(np.minimum(squares, tolerance**2).sum(axis=1))
    return np.concatenate(costs) if costs else np.empty(0)


def _refit(kind, source, destination, inliers, tolerance):
    """Fit to the inliers, find the inliers of the fit, until they stay; None when they determine no transform."""
    for _ in range(50):
        try:
            transform = fit(kind, source[inliers], destination[inliers])
        except UserError:
            return None
        distances = _distances(transform, source, destination)
        agreeing = distances <= tolerance
        if (agreeing == inliers).all():
            break
        inliers = agreeing
    return agreeing, distances, transform


def _distances(transform, source, destination):
    return np.linalg.norm(destination - transform.transform(source), axis=1)
