"""Tie points beside what is true: how far each is off, and in which direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from scipy.spatial import cKDTree

from ...contract.errors import UserError
from ...contract.match_evaluation_jobs import PointSource
from ..rasters.footprint import metric_crs_at
from ..rasters.ground import ground_lengths, ground_vectors
from ..rasters.positions import apply_affine, transform_points

_DECIMALS = 6
"""Of errors in pixels: how positions on a map are rounded must not decide whether one is within a pixel."""

_NOWHERE = 1e12
"""Metres on a map where places that are none are put, far from all others."""


@dataclass(frozen=True)
class JudgedPoints:
    """Points of which the truth is known: arrays [N].

    `found`, `true` [N, 2]: SAR positions on the map `crs` (WKT); `found` is NaN where no match was found. `off` [N, 2]:
    metres on the ground (true east, true north) from the true position to the one that was found. `sigma`: predicted
    error in working pixels, NaN where there is none. `pixel_size`: of a working pixel, in metres.
    """

    crs: str
    pixel_size: float
    ids: np.ndarray
    found: np.ndarray
    true: np.ndarray
    off: np.ndarray
    accepted: np.ndarray
    sigma: np.ndarray

    @property
    def metres(self) -> np.ndarray:
        """The errors in metres."""
        return np.linalg.norm(self.off, axis=1)

    @property
    def pixels(self) -> np.ndarray:
        """The errors in working pixels."""
        return np.round(self.metres / self.pixel_size, _DECIMALS)

    @property
    def matched(self) -> np.ndarray:
        """Whether a match was found, bool."""
        return np.isfinite(self.off[:, 0])

    def take(self, which: np.ndarray) -> "JudgedPoints":
        """Return the points that a mask [N] selects."""
        arrays = ("ids", "found", "true", "off", "accepted", "sigma")
        return JudgedPoints(self.crs, self.pixel_size, *(getattr(self, name)[which] for name in arrays))


def source_of(rows: Sequence[dict[str, Any]], name: str, sar_crs: str, optical_crs: str, pixel: float) -> PointSource:
    """Return tie-point rows (`tie_points.FIELDS`) as a `PointSource`; `pixel`: side of a working pixel in metres."""
    found = (row["dx_px"] is not None for row in rows)
    listed = tuple(
        (
            str(row["id"]),
            *((row["sar_x"], row["sar_y"]) if is_found else (None, None)),
            *(row["opt_x"], row["opt_y"], row["accepted"], row["sigma_px"]),
        )
        for row, is_found in zip(rows, found)
    )
    return PointSource(name, sar_crs, optical_crs, listed, pixel)


def judged_by_transform(points: PointSource, transform: Sequence[float]) -> JudgedPoints:
    """Return all points beside where a transform (a, b, c, d, e, f), on the map of SAR positions, puts them."""
    found, optical = _positions(points)
    true = np.column_stack(apply_affine(Affine(*transform), *optical.T))
    return _judged(points, found, true, np.ones(len(found), bool))


def judged_by_checks(points: PointSource, checks: PointSource, reach: float) -> JudgedPoints:
    """Return the points beside check points: those whose optical position lies within `reach` working pixels of one.

    What lies beside a check point is shifted as the nearest one is. Raises `UserError` when none has one so near, and
    where no point has an optical position.
    """
    found, optical = _positions(points)
    right, checked = _positions(checks, points.sar_crs)
    known = np.isfinite(right).all(1) & np.isfinite(checked).all(1) & np.array([row[5] for row in checks.rows], bool)
    right, checked = right[known], checked[known]
    if not len(checked):
        raise UserError(f"Layer '{checks.name}' has no points, or no accepted ones: choose another one.")
    placed = optical[np.isfinite(optical).all(1)]
    if not len(placed):
        raise UserError(
            f"No point of layer '{points.name}' has an optical position on the map: check its fields opt_x and opt_y, "
            "and the coordinate reference system that they are read in (OPTICAL_CRS)."
        )
    metric = metric_crs_at(CRS.from_user_input(points.sar_crs), tuple(np.median(placed, axis=0)))
    places, known_places = (
        np.nan_to_num(np.column_stack(transform_points(*each.T, points.sar_crs, metric)), nan=_NOWHERE)
        for each in (optical, checked)
    )
    nearest = cKDTree(known_places).query(places)[1]
    distance = ground_lengths(points.sar_crs, optical, checked[nearest]) / points.pixel_size
    near = distance <= reach
    if not near.any():
        raise UserError(
            f"Layers '{points.name}' and '{checks.name}' have no points in common: the nearest optical positions are "
            f"{np.nanmin(distance):.3g} working pixels apart; choose check points of the same images, or a larger "
            "distance (CHECK_DISTANCE)."
        )
    shift = (right - checked)[nearest]
    return _judged(points, found, optical + shift, near)


def _positions(points: PointSource, crs: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Return (SAR, optical) positions [N, 2] on the map `crs`, that of the SAR positions unless given; NaN: unknown."""
    numbers = np.array([row[1:5] for row in points.rows], float).reshape(-1, 4)
    crs = crs or points.sar_crs
    sar = numbers[:, :2]
    if crs != points.sar_crs:
        sar = np.column_stack(transform_points(*sar.T, points.sar_crs, crs))
    optical = numbers[:, 2:]
    if crs != points.optical_crs:
        optical = np.column_stack(transform_points(*optical.T, points.optical_crs, crs))
    return sar, optical


def _judged(points: PointSource, found: np.ndarray, true: np.ndarray, known: np.ndarray) -> JudgedPoints:
    known = known & np.isfinite(true).all(1)
    off = np.full_like(true, np.nan)
    tried = known & np.isfinite(found).all(1)
    off[tried] = ground_vectors(points.sar_crs, true[tried], found[tried])
    if np.isnan(off[tried]).any():
        raise UserError(
            f"Points of layer '{points.name}' lie, or truly lie, where there is no place on the Earth: check what is "
            "said to be true, and the coordinate reference systems of the points."
        )
    ids, accepted, sigma = (
        np.array([row[i] for row in points.rows], kind) for i, kind in ((0, str), (5, bool), (6, float))
    )
    judged = JudgedPoints(points.sar_crs, points.pixel_size, ids, found, true, off, accepted, sigma)
    return judged.take(known)
