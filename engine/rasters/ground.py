"""Metres on the ground: the one home of distances, whatever the units and the scale of a coordinate reference system.

A unit of a map is a metre on the ground only near the lines where its projection is true: at 60° N two units of Web
Mercator are one metre, a degree of longitude is 56 km, and a foot is a foot. What is called metres anywhere in the
engine is measured here, on the ellipsoid of WGS 84 and at the place itself, east and north being the true ones.
"""

import math
from typing import Union

import numpy as np
from numpy.typing import ArrayLike
from rasterio.crs import CRS

from .positions import LONGITUDE_LATITUDE, transform_points

_TRUE_SCALE = 0.01
_SEMI_MAJOR, _FLATTENING = 6_378_137.0, 1 / 298.257223563  # of WGS 84
_ECCENTRICITY_SQUARED = _FLATTENING * (2 - _FLATTENING)


def ground_vectors(crs: Union[str, CRS], starts: ArrayLike, ends: ArrayLike) -> np.ndarray:
    """Return metres on the ground (true east, true north) from places to others: float64 [n, 2].

    `starts` and `ends` [n, 2] are positions (x, y) in `crs` (WKT or rasterio CRS), not farther apart than some hundred
    kilometres. NaN where a position is no place on the Earth. North is that midway between the two.
    """
    (start, start_up), (end, end_up) = (_on_ellipsoid(crs, places) for places in (starts, ends))
    x, y, z = (start_up + end_up).T
    longitude, latitude = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    sine, cosine = np.sin(longitude), np.cos(longitude)
    east = np.stack([-sine, cosine, np.zeros_like(sine)], axis=1)
    north = np.stack([-np.sin(latitude) * cosine, -np.sin(latitude) * sine, np.cos(latitude)], axis=1)
    return np.stack([((end - start) * direction).sum(axis=1) for direction in (east, north)], axis=1)


def ground_lengths(crs: Union[str, CRS], starts: ArrayLike, ends: ArrayLike) -> np.ndarray:
    """Return the lengths, metres [n], of `ground_vectors`."""
    return np.linalg.norm(ground_vectors(crs, starts, ends), axis=1)


def unit_steps(crs: Union[str, CRS], place: ArrayLike) -> np.ndarray:
    """Return metres (true east, true north) on the ground of one unit along x, and of one along y: [2, 2].

    They are those at a `place` (x, y) of a projected CRS, and of a geographic one, whose units are large, around it.
    """
    centre, half = np.asarray(place, float), np.eye(2) / 2
    return ground_vectors(crs, centre - half, centre + half)


def map_units(crs: Union[str, CRS], place: ArrayLike, metres: float) -> float:
    """Return how many units of a projected CRS that many `metres` on the ground are at a `place` (x, y).

    Where a unit is a metre to a hundredth, as everywhere in UTM, it is taken for one: lattices of whole metres stay so.
    """
    scale = math.sqrt(abs(np.linalg.det(unit_steps(crs, place))))
    return metres if abs(scale - 1) < _TRUE_SCALE else metres / scale


def _on_ellipsoid(crs, places):
    """Return (metres from the Earth's centre, upright unit vectors) of places, float64 [n, 3] each."""
    xs, ys = np.asarray(places, float).reshape(-1, 2).T
    longitude, latitude = np.radians(transform_points(xs, ys, crs, LONGITUDE_LATITUDE))
    up = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], 1)
    curvature = _SEMI_MAJOR / np.sqrt(1 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2)  # radius across the meridian
    return curvature[:, None] * up * (1, 1, 1 - _ECCENTRICITY_SQUARED), up
