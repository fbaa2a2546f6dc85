"""The moving image as transforms on its map see it: how large its pixels are, and where it lies."""

import numpy as np
from rasterio.transform import Affine

from ..rasters.grid import Grid


def linear(transform: Affine) -> np.ndarray:
    """Return what an affine transform does to vectors, [2, 2]."""
    return np.array([[transform.a, transform.b], [transform.d, transform.e]])


def to_pixels(image: Grid) -> np.ndarray:
    """Return the matrix [2, 2] by which vectors [n, 2] on the map of an image's `Grid` are multiplied to be pixels."""
    return np.linalg.inv(linear(image.transform)).T


def places_all_over(image: Grid) -> np.ndarray:
    """Return places [81, 2] from corner to corner of an image's `Grid`, on its map."""
    cols, rows = np.meshgrid(np.linspace(0, image.width, 9), np.linspace(0, image.height, 9))
    return np.column_stack(image.to_map(cols.ravel(), rows.ravel()))
