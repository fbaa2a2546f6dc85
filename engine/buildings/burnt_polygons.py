"""Polygons in pixels of a grid → which of its pixels they cover."""

import numpy as np
import rasterio.features
import shapely
from rasterio.transform import Affine

from ..rasters.grid import Window


class BurntPolygons:
    """Polygons, in pixels of a grid, of which any window can be had as pixels: those whose centres they hold."""

    def __init__(self, polygons: np.ndarray) -> None:
        self._polygons, self._tree = polygons, shapely.STRtree(polygons)

    def read(self, window: Window) -> np.ndarray:
        """Return which pixels of a window are covered: bool [h, w]."""
        return burnt(self._polygons[self._tree.query(window_box(window))], window)


def burnt(polygons: np.ndarray, window: Window, factor: int = 1, all_touched: bool = False) -> np.ndarray:
    """Return which pixels of a window polygons cover, bool [h, w]: those whose centres they hold, or all they touch.

    polygons: shapely, in pixels of a grid. factor: how many of these are along a side of a pixel of the window.
    """
    shape = window.height, window.width
    if not len(polygons):
        return np.zeros(shape, bool)
    transform = Affine.scale(factor) * Affine.translation(window.col, window.row)
    return rasterio.features.rasterize(polygons, shape, transform=transform, all_touched=all_touched).astype(bool)


def window_box(window: Window) -> shapely.Polygon:
    """Return a window as a polygon in pixels of its grid."""
    return shapely.box(window.col, window.row, window.col + window.width, window.row + window.height)
