"""Footprints: where on the ground two images, and the user's extent, overlap.

Coordinates of most systems jump at the 180° meridian; those of UTM do not. An overlap is refused where an image's own
coordinates jump inside it, or run on beyond 180° where PROJ's would jump.
"""

import re
from typing import NamedTuple, Optional, Union

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .grid import Grid
from .ground import unit_steps
from .place import misfit
from .positions import LONGITUDE_LATITUDE, apply_affine, box_outline, transform_points
from .source_file import open_source, parse_crs

_EARTH_RADIUS_KM = 6371.0
_POINTS_PER_EDGE = 8
_NEARLY_SQUARE = 1.1
_DATUMS_APART = 1000.0  # metres by which PROJ's ways from one system to another may differ, by way of degrees or not
_INSIDE = 1 - 1e-6  # takes places off the very edge


class Ring(NamedTuple):
    """A closed outline on the ground: float64 arrays `xs`, `ys` of its corners, in `crs`."""

    xs: np.ndarray
    ys: np.ndarray
    crs: CRS

    def to(self, crs: CRS) -> "Ring":
        """Return the ring in another CRS, its edges followed densely, without the points that have no place there.

        Its longitudes run on where it crosses the 180° meridian: 179.9, 180.1 instead of -179.9.
        """
        weights = np.arange(_POINTS_PER_EDGE) / _POINTS_PER_EDGE
        dense = [(corner[:, None] + (np.roll(corner, -1) - corner)[:, None] * weights).ravel() for corner in self[:2]]
        xs, ys = transform_points(*dense, self.crs, crs)
        known = np.isfinite(xs)
        xs = np.unwrap(xs[known], period=_full_turn(crs)) if crs.is_geographic else xs[known]
        return Ring(xs, ys[known], crs)

    def places(self, crs: CRS) -> tuple[np.ndarray, np.ndarray]:
        """Return (xs, ys) in another CRS as PROJ counts them, from -180° to 180°, where the ring may run on beyond.

        The ring is taken a hair smaller: on the meridian itself both signs are right.
        """
        middle = np.array(self.centre())[:, None]
        inner = middle + (np.stack(self[:2]) - middle) * _INSIDE
        longitudes, latitudes, _ = Ring(*inner, self.crs).to(LONGITUDE_LATITUDE)
        return transform_points((longitudes + 180) % 360 - 180, latitudes, LONGITUDE_LATITUDE, crs)

    def centre(self, crs: Optional[CRS] = None) -> tuple[float, float]:
        """Return (x, y), the middle of the ring's bounds, in its own or another CRS."""
        ring = self if crs is None else self.to(crs)
        return (ring.xs.min() + ring.xs.max()) / 2, (ring.ys.min() + ring.ys.max()) / 2

    def within(self, left: float, top: float, right: float, bottom: float) -> "Ring":
        """Return the part inside a box with left < right and top < bottom (Sutherland and Hodgman, 1974)."""
        points = np.column_stack([self.xs, self.ys])
        for axis, bound, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
            points = _half_plane(points, sign * (points[:, axis] - bound))
        return Ring(points[:, 0], points[:, 1], self.crs)


class Footprint(NamedTuple):
    """An image on the ground: its layer's `name`, `crs` (rasterio), pixel-to-map `transform`, size in pixels."""

    name: str
    crs: CRS
    transform: Affine
    width: int
    height: int

    def ring(self) -> Ring:
        """Return the outline as a `Ring` in the image's CRS."""
        return Ring(*apply_affine(self.transform, *box_outline(0, 0, self.width, self.height)), self.crs)

    def covers(self, ring: Ring) -> Ring:
        """Return the part of a `Ring` that lies in the image, as a `Ring` in the image's CRS."""
        xs, ys, _ = ring.to(self.crs)
        in_pixels = Ring(*apply_affine(~self.transform, xs, ys), self.crs).within(0, 0, self.width, self.height)
        return Ring(*apply_affine(self.transform, *in_pixels[:2]), self.crs)

    def misplaces(self, ring: Ring) -> bool:
        """Return whether PROJ puts places of a `Ring` that lies in the image outside it, which runs on beyond 180°."""
        cols, rows = apply_affine(~self.transform, *ring.places(self.crs))
        sides = Grid(self.crs.to_wkt(), self.transform, self.width, self.height).pixel_sides()
        right, down = np.maximum(1, _DATUMS_APART / np.linalg.norm(sides, axis=1))
        beyond = (cols < -right) | (cols > self.width + right) | (rows < -down) | (rows > self.height + down)
        return bool(beyond.any())

    def covers_a_turn_away(self, ring: Ring) -> bool:
        """Return whether part of a `Ring` lies in the image once 360° are added to its longitudes or taken away."""
        if not self.crs.is_geographic:
            return False
        ring, turn = ring.to(self.crs), _full_turn(self.crs)
        return any(len(self.covers(ring._replace(xs=ring.xs + way)).xs) >= 3 for way in (-turn, turn))

    def pixel_side(self, ring: Ring, crs: CRS) -> float:
        """Return the longer side of a pixel at the centre of a ring, in units of `crs`."""
        col, row = apply_affine(~self.transform, *ring.centre(self.crs))
        corners = apply_affine(self.transform, col + np.array([0, 1, 0]), row + np.array([0, 0, 1]))
        xs, ys = transform_points(*corners, self.crs, crs)
        return float(np.hypot(xs[1:] - xs[0], ys[1:] - ys[0]).max())


def footprint_of(source: RasterSource) -> Footprint:
    """Return the `Footprint` of a `RasterSource`; raises `UserError` for what `open_source` refuses."""
    with open_source(source) as dataset:
        return Footprint(source.name, parse_crs(source), dataset.transform, dataset.width, dataset.height)


def is_metric(crs: CRS) -> bool:
    """Return whether a rasterio CRS is projected, in metres, and does not count them westwards (as in South Africa)."""
    counts_west = re.search(r",\s*west\b", crs.to_wkt(), re.IGNORECASE)
    return crs.is_projected and crs.linear_units_factor[1] == 1.0 and not counts_west


def metric_crs_at(crs: CRS, place: tuple[float, float]) -> CRS:
    """Return the rasterio CRS for a grid of square pixels at a `place` (x, y) in `crs`.

    It is that CRS where it is metric (`is_metric`) and what is square on the map is nearly square on the ground, else
    UTM or UPS: in a plate carrée of metres squares at 60° N are half as wide as they are high.
    """
    if is_metric(crs):
        longest, shortest = np.linalg.svd(unit_steps(crs, place), compute_uv=False)
        if longest < _NEARLY_SQUARE * shortest:
            return crs
    return utm_at(*(float(value) for value in transform_points(*place, crs, LONGITUDE_LATITUDE)))


def overlap_of(sar: Footprint, optical: Footprint) -> Ring:
    """Return the `Ring` that two `Footprint`s share.

    Raises `UserError` where there is none, with the distance between the two, and where an image's coordinates jump.
    """
    centres, areas = [], []
    for footprint in (sar, optical):
        on_globe = footprint.ring().to(LONGITUDE_LATITUDE)
        if not len(on_globe.xs):
            raise misfit(footprint.name)
        centres.append(on_globe.centre())
        areas.append(np.ptp(on_globe.xs) * np.ptp(on_globe.ys))
    # The smaller one is sought in the larger: a world map's outline makes no sense in a national grid.
    smaller, larger = (sar, optical) if areas[0] <= areas[1] else (optical, sar)
    overlap = larger.covers(smaller.ring())
    jumping = _jumping(smaller, larger, overlap)
    if jumping:
        code = utm_at(*smaller.ring().centre(LONGITUDE_LATITUDE)).to_epsg()
        raise UserError(
            f"Layers '{sar.name}' and '{optical.name}' cannot be compared across the 180° meridian in the coordinates "
            f"of layer '{jumping[0].name}': reproject that layer to EPSG:{code} and run again."
        )
    if len(overlap.xs) < 3:
        apart = _kilometres(*centres)
        raise UserError(
            f"Layers '{sar.name}' and '{optical.name}' do not overlap (their centres lie {apart:.3g} km apart): "
            "choose layers of the same area or correct their coordinate reference systems."
        )
    return overlap


def utm_at(longitude: float, latitude: float) -> CRS:
    """Return the rasterio CRS of the UTM zone (WGS 84) at a place in degrees; UPS beyond 84° N and 80° S."""
    north = latitude >= 0
    if not -80 <= latitude <= 84:
        return CRS.from_epsg(32661 if north else 32761)
    zone = int((longitude + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if north else 32700) + zone)


def same_turn(xs: np.ndarray, near: Union[float, np.ndarray], crs: CRS) -> np.ndarray:
    """Return longitudes `xs` of a geographic CRS counted so that they lie next to `near`; other coordinates stay."""
    if not crs.is_geographic:
        return xs
    turn = _full_turn(crs)
    return xs + turn * np.round((near - xs) / turn)


def _full_turn(crs):
    """360° in the units of a geographic CRS."""
    return 2 * np.pi / crs.units_factor[1]


def _jumping(smaller, larger, overlap):
    """Return the `Footprint`s whose coordinates jump where the two meet, or run on where PROJ's jump."""
    places = smaller.ring().places(larger.crs)[0]
    steps = np.abs(np.diff(places[np.isfinite(places)]))
    if (steps > steps.sum() / 4).any():  # along so dense a ring, only a jump is as long
        return [larger]
    if len(overlap.xs) >= 3:
        return [image for image in (smaller, larger) if image.misplaces(overlap)]
    if larger.covers_a_turn_away(smaller.ring()):
        return [image for image in (smaller, larger) if image.misplaces(image.ring())]
    return []


def _half_plane(points, heights):
    """Return the polygon [n, 2] cut to where `heights` [n], linear along its edges, is not negative."""
    kept = []
    for i, (point, height) in enumerate(zip(points, heights)):
        previous, previous_height = points[i - 1], heights[i - 1]
        if (height >= 0) != (previous_height >= 0):
            kept.append(previous + (point - previous) * (previous_height / (previous_height - height)))
        if height >= 0:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def _kilometres(place, other):
    """Great-circle distance between two (longitude, latitude) places in degrees."""
    (longitude, latitude), (other_longitude, other_latitude) = np.radians(place), np.radians(other)
    half_chord = (
        np.sin((latitude - other_latitude) / 2) ** 2
        + np.cos(latitude) * np.cos(other_latitude) * np.sin((longitude - other_longitude) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord))
