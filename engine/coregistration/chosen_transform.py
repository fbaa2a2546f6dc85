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
"""Times as many points as a transform needs, below which its errors are chance."""

_WORTHWHILE_PX = 0.05
"""Pixels that must be corrected for new pixels to pay: a shift keeps those of the image."""


def chosen_transform(
    source: np.ndarray, destination: np.ndarray, weights: Optional[np.ndarray], image: Grid
) -> tuple[Transform, str]:
    """Return the `Transform` of points float [n, 2] that suits them, and a sentence that says why.

    weights: see `fit`. image: the `Grid` of the image that `destination` lies on, on its map.

    A more flexible transform is taken where it corrects, by the leave-one-out errors, more than it may do wrong: what
    it takes from their mean square against the largest error that it may have. That is looked for among the points, and
    for a polynomial, which runs away where there are none, all over the image. Raises `UserError` without points.
    """
    best = fit("shift", source, destination, weights)
    tried = [best]
    for kind in ("affine", "polynomial2"):
        flexible = _fitted(kind, source, destination, weights)
        if flexible is None:
            continue
        tried.append(flexible)
        corrected = _mean_square(best, image) - _mean_square(flexible, image)
        if corrected > max(_may_do_wrong(flexible, image), _WORTHWHILE_PX) ** 2:
            best = flexible
    errors = ", ".join(_told(each, image) for each in tried)
    return best, (
        f"Transform chosen: {TRANSFORMS[best.kind]}; a more flexible one would correct less than the {len(source)} "
        f"points leave uncertain of it. Leave-one-out errors in pixels: {errors}."
    )


def _fitted(
    kind: str, source: np.ndarray, destination: np.ndarray, weights: Optional[np.ndarray]
) -> Optional[Transform]:
    """Return the transform, None where the points are too few or do not determine it well."""
    if len(source) < _MORE_THAN_NEEDED * FEWEST_POINTS[kind]:
        return None
    try:
        found = fit(kind, source, destination, weights)
    except UserError:
        return None
    return found if np.isfinite(found.leave_one_out).all() else None


def _may_do_wrong(transform: Transform, image: Grid) -> float:
    """Return the pixels by which a transform may be off somewhere."""
    places = transform.inverse(places_all_over(image)) if transform.kind == "polynomial2" else transform.source
    errors = possible_errors(transform, places) if np.isfinite(places).all() else None
    return np.inf if errors is None else largest_error(errors @ to_pixels(image))


def _mean_square(transform: Transform, image: Grid) -> float:
    """Return that of the leave-one-out errors in pixels, weighted as the points are."""
    squares = ((transform.leave_one_out @ to_pixels(image)) ** 2).sum(axis=1)
    return float(np.average(squares, weights=transform.weights))


def _told(transform, image):
    error = root_mean_square(transform.leave_one_out @ to_pixels(image))
    return f"{TRANSFORMS[transform.kind]} {f'{error:.3g}' if np.isfinite(error) else 'not defined'}"
