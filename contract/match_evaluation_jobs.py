"""The job of judging tie points: where they are found, and what is true."""

import math
from dataclasses import dataclass
from typing import Optional

from .errors import UserError
from .matching_jobs import MatchTiePointsJob

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""The transform of images that are aligned."""

LARGEST_PLANTED = 256
"""Working pixels: search windows are wider than templates by twice as much, and memory grows with their area."""

_SINGULAR = 1e-9
"""Of the squared length of its longest column, the determinant from which down a transform cannot be turned round."""


@dataclass(frozen=True)
class PointSource:
    """Points that lie in both images: `name` of their layer, CRS (WKT) of their SAR and of their optical positions.

    rows: (id, sar_x, sar_y, opt_x, opt_y, accepted, sigma), the id a text, `accepted` a bool, `sigma` the predicted
    error in working pixels; SAR positions are None where nothing was found, sigma where none is predicted. pixel_size:
    side in metres of the working pixels, 0 where nothing tells. has_rejected: rejected points were kept in
    the layer, even if all of them are of places that not both images show, so that `rows` are all that was tried.
    """

    name: str
    sar_crs: str
    optical_crs: str
    rows: tuple[tuple, ...]
    pixel_size: float = 0.0
    has_rejected: bool = False

    def __post_init__(self):
        if not self.sar_crs or not self.optical_crs:
            raise UserError(
                f"Layer '{self.name}' has no coordinate reference system: set that of the SAR layer in its properties "
                "and run again."
            )


@dataclass(frozen=True)
class EvaluateMatchingJob:
    """Say how right tie points are (module `engine/matching/evaluate_matching`).

    What is judged are `points`, or else what `matching` finds. What is true is `transform`, (a, b, c, d, e, f) from
    optical to SAR positions (x, y) on the map of the SAR positions, x' = a x + b y + c and y' = d x + e y + f, or else
    `checks`, points of which the accepted ones have right SAR positions; each holds for points whose optical position
    lies within `reach` working pixels of its own. With neither, the images of `matching` are aligned, and offsets of
    less than its largest shift, which is `LARGEST_PLANTED` at most, are planted. `table` (.csv) and `report` (.html)
    are output paths, empty when not wanted.
    """

    points: Optional[PointSource] = None
    matching: Optional[MatchTiePointsJob] = None
    transform: tuple[float, ...] = ()
    checks: Optional[PointSource] = None
    reach: float = 1.0
    table: str = ""
    report: str = ""

    @property
    def is_planted(self) -> bool:
        """Whether offsets are planted in images that are aligned."""
        return not self.transform and self.checks is None

    def __post_init__(self):
        if (self.points is None) == (self.matching is None):
            raise UserError(
                "Choose what is judged: tie points (POINTS), or a SAR layer and an optical layer (SAR, OPTICAL) "
                "that a method is to match; one of the two."
            )
        if self.transform and self.checks:
            raise UserError(
                "Choose what is true: a transform (TRUE_TRANSFORM) or check points (CHECK_POINTS), not both."
            )
        if self.points and not self.transform and not self.checks:
            raise UserError(
                f"Nothing says where the points of layer '{self.points.name}' belong: give the true transform "
                "(TRUE_TRANSFORM) or check points (CHECK_POINTS)."
            )
        if self.points and not self.points.pixel_size > 0:
            raise UserError(
                f"Layer '{self.points.name}' does not tell in which pixels its points were matched (fields length_m, "
                "dx_px and dy_px): give their size in metres (PIXEL_SIZE)."
            )
        if self.transform:
            _check_transform(self.transform)
        if self.is_planted and self.matching.max_shift > LARGEST_PLANTED:
            raise UserError(
                f"Offsets of up to {self.matching.max_shift} working pixels cannot be planted: choose a largest shift "
                f"(MAX_SHIFT) of {LARGEST_PLANTED} or less."
            )


def _check_transform(transform):
    if len(transform) != 6 or not all(map(math.isfinite, transform)):
        raise UserError("The true transform needs six finite numbers: a, b, c, d, e, f.")
    a, b, _, d, e, _ = transform
    if abs(a * e - b * d) <= _SINGULAR * max(a * a + d * d, b * b + e * e):
        raise UserError(
            f"The true transform (a, b, d, e = {a:g}, {b:g}, {d:g}, {e:g}) lays all points on one line, so that it "
            "cannot be inverted: correct it, or give a shift of two numbers."
        )
