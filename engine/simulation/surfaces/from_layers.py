"""A surface made of a user's layers: height models, or building footprints on a terrain model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

import numpy as np
import rasterio.features
import torch
from numpy.typing import ArrayLike
from rasterio.transform import Affine
from scipy import ndimage
from scipy.spatial import ConvexHull

from ....contract.errors import UserError
from ...geometry.facades import STOREY
from ...geometry.gaps import fill_gaps
from .surface import Cover, Surface

_UNEVEN = 0.5  # metres by which a roof deviates from a plane over 3 × 3 cells, at most
_SMALLEST_ROOF = 12.0  # square metres
_LEVEL, _LEVEL_CELLS = 0.005, 7  # metres within so many cells: what is so level is water
_ROCK_SLOPE = 0.85


def surface_from_heights(
    dsm: np.ndarray,
    dtm: Optional[np.ndarray],
    pixel_size: float,
    names: tuple[str, Optional[str]] = ("DSM", "DTM"),
    is_plain: Optional[bool] = None,
) -> Surface:
    """Return the `Surface` of heights in metres, float arrays [H, W], NaN where there is no data.

    dtm: the bare ground; None when only a terrain model is known, which `dsm` then is. Covers are guessed: what is
    more than 2.5 m above ground is roof where it is even, else forest; what is perfectly level is water; very steep
    ground is bare; the rest is grass. Gaps are filled along the rows; where the DSM lies below the DTM, that is raised
    to it. `names`: of the layers, for the user. is_plain: whether level ground is just that, not water; by default when
    there is no other. Raises `UserError` when there are no heights.
    """
    height = _filled(dsm, names[0])
    terrain = height if dtm is None else _filled(dtm, names[1])
    height = np.maximum(height, terrain)
    above = height - terrain
    roof = _roofs(height, above > STOREY, pixel_size)
    building, count = ndimage.label(roof)
    cover = _open_ground(terrain, pixel_size, is_plain)
    cover[above > STOREY] = Cover.FOREST
    cover[roof] = Cover.ROOF
    walls = [0.0]
    for number, part in enumerate(ndimage.find_objects(building), 1):
        row, col = np.nonzero(building[part] == number)
        walls.append(_wall_azimuth(_cell_corners(col, -row)))
    return _surface(pixel_size, terrain, height, cover, building, walls)


def surface_from_footprints(
    dem: np.ndarray,
    transform: Affine,
    pixel_size: float,
    footprints: Sequence[Sequence[np.ndarray]],
    heights: ArrayLike,
    name: str = "DEM",
    is_plain: Optional[bool] = None,
) -> Surface:
    """Return the `Surface` of buildings with flat roofs on terrain heights `dem` [H, W] in metres (NaN: no data).

    transform: affine of the DEM, north up, square cells; pixel_size: their side in metres. footprints: polygons in the
    DEM's CRS, each a list of rings [n, 2] (x, y; the first is the outline, others are holes). heights: of each
    above the ground in metres. Roofs are level, above the mean terrain under them. The `scene_number` of a building
    is that of its footprint, from 1. `name`: of the DEM, for the user; `is_plain` as for `surface_from_heights`.
    Raises `UserError` when there are no heights in the DEM.
    """
    terrain = _filled(dem, name)
    shapes = [({"type": "Polygon", "coordinates": rings}, number) for number, rings in enumerate(footprints, 1)]
    building = np.zeros(terrain.shape, dtype=np.int32)
    if shapes:
        rasterio.features.rasterize(shapes, out=building, transform=transform)
    present = np.unique(building[building > 0])
    base = ndimage.mean(terrain, building, present) if len(present) else np.zeros(0)
    number = np.searchsorted(present, building) + 1
    number[building == 0] = 0
    height = np.where(building > 0, np.append(0, base + np.asarray(heights, float)[present - 1])[number], terrain)
    cover = _open_ground(terrain, pixel_size, is_plain)
    cover[building > 0] = Cover.ROOF
    walls = [0.0] + [_wall_azimuth(np.asarray(footprints[index - 1][0])[:, :2]) for index in present]
    surface = _surface(pixel_size, terrain, height, cover, number, walls)
    return replace(surface, scene_number=torch.from_numpy(np.append(0, present).astype(np.int64)))


def _surface(pixel_size, terrain, height, cover, building, walls):
    heights = (torch.tensor(values, dtype=torch.float32) for values in (terrain, height))
    labels = torch.tensor(cover, dtype=torch.uint8), torch.tensor(building, dtype=torch.int32)
    return Surface(float(pixel_size), *heights, *labels, torch.tensor(walls, dtype=torch.float32))


def _filled(heights, name):
    heights = torch.as_tensor(np.asarray(heights, dtype=np.float32))
    if not torch.isfinite(heights).any():
        raise UserError(f"The layer '{name}' has no heights in this area: choose another extent or layer.")
    return fill_gaps(heights).numpy()


def _open_ground(terrain, pixel_size, is_plain):
    level = ndimage.maximum_filter(terrain, _LEVEL_CELLS) - ndimage.minimum_filter(terrain, _LEVEL_CELLS) < _LEVEL
    level = ndimage.binary_dilation(level, iterations=_LEVEL_CELLS // 2)
    slope = np.hypot(*np.gradient(terrain, pixel_size))
    cover = np.where(slope > _ROCK_SLOPE, Cover.BARE, Cover.GRASS)
    if is_plain is None:
        is_plain = level.all()  # somebody drew a plain, not a sea
    return cover if is_plain else np.where(level, Cover.WATER, cover)


def _roofs(height, raised, pixel_size):
    """Where raised ground is even: at most cells, the mean of two opposite neighbours is about its own height."""
    padded = np.pad(height, 1, mode="edge")
    lines = [(padded[1:-1, :-2], padded[1:-1, 2:]), (padded[:-2, 1:-1], padded[2:, 1:-1])]
    lines += [(padded[:-2, :-2], padded[2:, 2:]), (padded[:-2, 2:], padded[2:, :-2])]
    bends = np.sort([np.abs((one + other) / 2 - height) for one, other in lines], axis=0)
    # At an edge only the lines along it are even: two of four will do.
    even = raised & (bends[1] < _UNEVEN)
    even = ndimage.median_filter(even.astype(np.uint8), 3).astype(bool) & raised
    label, count = ndimage.label(even)
    size = np.bincount(label.ravel(), minlength=count + 1) * pixel_size**2
    size[0] = 0
    # The rim of a roof is lost among the edges: it comes back.
    return ndimage.binary_dilation((size >= _SMALLEST_ROOF)[label], np.ones((3, 3))) & raised


def _cell_corners(col, row):
    """The corners of cells, [4 n, 2]."""
    centre = np.stack((col, row), -1)
    return np.concatenate([centre + (dx, dy) for dx in (-0.5, 0.5) for dy in (-0.5, 0.5)])


def _wall_azimuth(points):
    """The azimuth, degrees in [0, 90), of one side of the smallest rectangle around points (east, north) [n, 2].

    A smallest rectangle has a side along one of the sides of the convex hull (rotating calipers).
    """
    hull = points[ConvexHull(points).vertices]
    east, north = (np.roll(hull, -1, axis=0) - hull).T
    angles = np.arctan2(east, north)
    along = hull @ np.stack((np.sin(angles), np.cos(angles)))
    across = hull @ np.stack((np.cos(angles), -np.sin(angles)))
    return float(np.degrees(angles[np.argmin(np.ptp(along, axis=0) * np.ptp(across, axis=0))]) % 90)
