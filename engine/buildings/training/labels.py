"""Footprints as labels of pixels: which building, or how much of a pixel is built, and where that is known."""

from typing import Optional

import numpy as np
import rasterio.features
import shapely
from rasterio.transform import Affine

from ...rasters.grid import Window
from ..burnt_polygons import BurntPolygons, window_box

_FINER = 8
"""Cells along a side of a pixel by which its built share is counted."""


class Labels:
    """Labels of any window of a grid.

    footprints: valid polygons in pixels of the grid, object [n]. area: such polygons within which all buildings are
    known; None: the convex hull of the footprints. as_shares: labels are shares of pixels that are built, and not the
    numbers of buildings.
    """

    def __init__(self, footprints: np.ndarray, area: Optional[np.ndarray], as_shares: bool) -> None:
        self._footprints, self._tree = footprints, shapely.STRtree(footprints)
        if area is None:
            area = np.array([shapely.convex_hull(shapely.GeometryCollection(list(footprints)))], object)
        self._area = BurntPolygons(area)
        self._as_shares = as_shares

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (labels float32 [h, w], known bool [h, w]); buildings are numbered from 1 on in each window."""
        found = self._footprints[self._tree.query(window_box(window))]
        return self._shares(found, window) if self._as_shares else _numbers(found, window), self._area.read(window)

    def _shares(self, footprints, window):
        shape = window.height, _FINER, window.width, _FINER
        fine = _burnt([(each, 1) for each in footprints], window, _FINER)
        return fine.reshape(shape).mean((1, 3), dtype=np.float32)


def _numbers(footprints, window):
    return _burnt([(each, number) for number, each in enumerate(footprints, 1)], window, 1).astype(np.float32)


def _burnt(shapes, window, finer):
    """Return values of shapes, those of the last where several are, on cells of a window: int32 [h·finer, w·finer]."""
    shape = window.height * finer, window.width * finer
    if not shapes:
        return np.zeros(shape, np.int32)
    transform = Affine.translation(window.col, window.row) * Affine.scale(1 / finer)
    return rasterio.features.rasterize(shapes, shape, transform=transform, dtype=np.int32)
