"""What a network sees where nothing is known: what is known, mirrored at its edge.

Networks of convolutions learn on images that go on. Measured on the features of the shipped matcher along the cut edge
of real images, mirrored pixels bring in half the error of the mean of what is known in the first 8 pixels, and a
quarter further in.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

REACH = 3
"""Mirrored pixels `n` columns and rows from what is known follow from pixels no more than REACH · n columns and rows
away: the nearest known one is within √2 · n, and its mirror image as far behind."""


def mirrored(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return values [C, h, w] with what is not known, by known bool [h, w], mirrored at the nearest pixel that is.

    Where the mirror image is unknown as well, or outside, that nearest pixel is repeated. At least one pixel must be
    known. A pixel depends on what is near to it only, not on where the array ends.
    """
    if _is_rectangle(known):
        return _mirrored_rectangle(values, known)
    unknown = np.nonzero(~known)
    to_nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
    nearest = to_nearest[:, unknown[0], unknown[1]]
    image = 2 * nearest - unknown
    inside = ((image >= 0) & (image < np.array(known.shape)[:, None])).all(0)
    image = np.where(inside, image, nearest)
    rows, cols = np.where(known[tuple(image)], image, nearest)
    whole = values.copy()
    whole[:, unknown[0], unknown[1]] = values[:, rows, cols]
    return whole


def _is_rectangle(known):
    """Tell whether all that is known is one rectangle, as where images end: no search is needed then."""
    rows, cols = _ends(known.any(1)), _ends(known.any(0))
    return known.sum() == (rows[1] - rows[0]) * (cols[1] - cols[0])


def _ends(known):
    """Return (first, end) of a line of what is known."""
    places = np.flatnonzero(known)
    return places[0], places[-1] + 1


def _mirrored_rectangle(values, known):
    nearest, image, inside = zip(*(_along(*_ends(known.any(1 - axis)), known.shape[axis]) for axis in (0, 1)))
    has_image = inside[0][:, None] & inside[1]
    of_image, of_nearest = (values[:, rows[:, None], cols] for rows, cols in (image, nearest))
    return np.where(has_image, of_image, of_nearest)


def _along(first, end, length):
    """Return, for all places of an axis: the nearest known one, the mirror image, and whether that is known."""
    places = np.arange(length)
    nearest = places.clip(first, end - 1)
    image = 2 * nearest - places
    inside = (image >= first) & (image < end)
    return nearest, np.where(inside, image, nearest), inside
