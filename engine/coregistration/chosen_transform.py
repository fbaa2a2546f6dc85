"""The transform that tie points ask for, where the user leaves the choice to them."""

from typing import Optional

import numpy as np

from ...contract.coregistration_jobs import TRANSFORMS
from ...contract.errors import UserError
from ..rasters.grid import Grid
from ..tie_points.transforms import FEWEST_POINTS, Transform, fit, root_mean_square
from ..tie_points.uncertainty import largest_error, possible_errors
from .image_pixels import places_all_over, to_pixels

_MORE_THAN_NEEDED = 2
"""Times as many points as a transform needs, below which its leave-one-out error is chance."""

_WORTHWHILE_PX = 0.05
"""Pixels that a simpler transform must miss for a change of the pixels themselves to pay."""


def chosen_transform(source: np.ndarray, destination: np.ndarray, image: Grid) -> tuple[Transform, str]:
    """Return the `Transform` of points float [n, 2] that suits them, and a sentence that says why.

    image: the `Grid` of the image that `destination` lies on, on its map.

    A more flexible transform is taken where it lowers the mean square of the leave-one-out errors by more than the
    standard error of that difference, point by point (the one-standard-error rule of Breiman, Friedman, Olshen and
    Stone, "Classification and Regression Trees", 1984, section 3.4.3). A polynomial, which runs away where there are no
    points, must besides be sure to a smaller error all over the image than what it corrects. Raises `UserError` without
    points.
    """
    best = fit("shift", source, destination)
    best_errors = best.leave_one_out @ to_pixels(image)
    tried = [_told("shift", best_errors)]
    for kind in ("affine", "polynomial2"):
        flexible = _fitted(kind, source, destination)
        if flexible is None:
            continue
        errors = flexible.leave_one_out @ to_pixels(image)
        tried.append(_told(kind, errors))
        gain = (best_errors**2).sum(axis=1) - (errors**2).sum(axis=1)
        is_better = gain.mean() > max(gain.std() / np.sqrt(len(gain)), _WORTHWHILE_PX**2)
        if is_better and (kind == "affine" or _bound(flexible, image) < root_mean_square(best_errors)):
            best, best_errors = flexible, errors
    return best, (
        f"Transform chosen: {TRANSFORMS[best.kind]}, the simplest that predicts points left out as well as any. Of "
        f"{len(source)} points, leave-one-out errors in pixels are: {', '.join(tried)}."
    )


def _fitted(kind: str, source: np.ndarray, destination: np.ndarray) -> Optional[Transform]:
    """Return the transform, None where the points are too few or do not determine it well."""
    if len(source) < _MORE_THAN_NEEDED * FEWEST_POINTS[kind]:
        return None
    try:
        found = fit(kind, source, destination)
    except UserError:
        return None
    return found if np.isfinite(found.leave_one_out).all() else None


def _bound(transform: Transform, image: Grid) -> float:
    """Return the pixels by which a transform may be off somewhere in the image."""
    places = transform.inverse(places_all_over(image))
    if not np.isfinite(places).all():
        return np.inf
    return largest_error(possible_errors(transform, places) @ to_pixels(image))


def _told(kind, errors):
    error = root_mean_square(errors)
    return f"{TRANSFORMS[kind]} {f'{error:.3g}' if np.isfinite(error) else 'not defined'}"
