"""Touching buildings apart: what is left of a mask without the borders is one seed for each building."""

import numpy as np
from scipy import ndimage


def separated(mask: np.ndarray, border: np.ndarray, least_seed: float = 0.0) -> np.ndarray:
    """Return which building each pixel of a mask, bool [h, w], belongs to: int32 [h, w], from 1 on, 0 outside.

    border: bool [h, w], where borders are. What is connected without them is a seed, if it has `least_seed` pixels:
    ragged borders cut crumbs off, which are no buildings. In a connected part that holds several, all seeds grow back
    over the borders, one pixel a step over the pixels' sides, until they meet; a part with one or none stays whole.
    (scipy's watershed is no help: over even ground one of its seeds takes all.)
    """
    parts, _ = ndimage.label(mask)
    seeds, count = ndimage.label(mask & ~border)
    is_crumb = np.bincount(seeds.ravel(), minlength=count + 1) < least_seed
    seeds[is_crumb[seeds]] = 0
    part_of = np.zeros(count + 1, int)
    part_of[seeds] = parts  # of a seed all pixels lie in one part
    part_of[0] = 0
    shared = np.flatnonzero(np.bincount(part_of[part_of > 0], minlength=1) > 1)
    if not len(shared):
        return parts
    first = parts.max() + 1
    boxes = ndimage.find_objects(parts)
    for part in shared.tolist():
        box = boxes[part - 1]
        inside = parts[box] == part
        grown = _grown(np.where(inside, seeds[box], 0), inside)
        parts[box][inside] = first + grown[inside] - 1
    return parts


def _grown(seeds, inside):
    """Return seeds, int [h, w], grown within a connected bool [h, w] until it is full."""
    while True:
        around = ndimage.maximum_filter(seeds, footprint=ndimage.generate_binary_structure(2, 1))
        grown = np.where(inside & (seeds == 0), around, seeds)
        if (grown == seeds).all():
            return seeds
        seeds = grown
