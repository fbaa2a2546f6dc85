"""The whole matching run: two rasters and a model in, the tie-point table, its numbers and its files out."""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, Optional

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.matching_jobs import MatchTiePointsJob
from ...contract.tie_points import SMALLEST_SIGMA
from ..rasters.grid import Grid
from ..rasters.ground import ground_lengths
from ..reporting import Reporter
from ..tie_points.error_scale import error_scale
from ..tie_points.gcp_points import write_points
from ..tie_points.outliers import SURE, is_by_chance, robust_inliers
from ..tie_points.transforms import Transform
from .acceptance import TOLERANCE_PX
from .block_matchers import block_matcher, match_blocks
from .first_stage import FirstStage, cannot_align, first_stage
from .matcher import Matcher
from .matches import Matches
from .preparation import prepared
from .table import SHARE_WINDOW, control_points_of, numbers_of, rows_of, share_kept
from .visible_places import PlacesInside, VisiblePlaces
from .working_grid import grid_once_moved, laid_over

_SAMPLED, _ALIGNED, _MATCHED = 0.05, 0.15, 0.93
"""How far a run is; the report comes last."""

_FAR_MORE = 4
"""Times as many uncertain matches as accepted ones, from which on images show less than their pixels promise, if these
are most of all matches."""


class _Residuals(NamedTuple):
    """Distances of all candidates from the fitted transform, float64 [N] each; NaN where no match was accepted."""

    metres: np.ndarray
    pixels: np.ndarray


def run(job: MatchTiePointsJob, reporter: Reporter) -> dict[str, Any]:
    """Find tie points for a `MatchTiePointsJob`.

    Returns {"rows": tie-point rows (see `tie_points.FIELDS`), "numbers": the declared numbers, None where there are no
    points, "pixel_size": of the working grid, in metres}. Rejected rows are there only with `keep_rejected`. Raises
    `UserError` for what the user can put right.
    """
    whole, grid, device, networks, sar, optical, matcher = prepared(job, reporter.part(0, _SAMPLED))
    card = networks.card if networks else None
    with torch.inference_mode():
        first = first_stage(job, sar, optical, whole, matcher, device, reporter)
    reporter.progress(_ALIGNED)
    if first.found:
        grid = grid_once_moved(whole, first.transform, job.sar, job.optical, job.extent, job.extent_crs)
    moved = first.in_pixels_of(grid, whole)
    blocks = block_matcher(job, networks, matcher, first.reach, device, reporter)
    visible = VisiblePlaces(job.visibility, grid, job.sar) if job.visibility else nullcontext()
    area = PlacesInside(job.area, grid, job.sar) if job.area else nullcontext()
    # What lies around an extent is not looked for, but the windows of its points reach there.
    around = max(blocks.sar_margin, blocks.optical_margin) if job.extent else 0
    with (
        sar.on(grid, around) as sar_reader,
        optical.on(grid, around) as optical_reader,
        optical.on(laid_over(grid, moved), around) as moved_reader,
        visible as blocks.visible,
        area as blocks.area,
    ):
        progress = reporter.part(_ALIGNED, _MATCHED)
        matches = match_blocks(blocks, sar_reader, moved_reader, grid, progress).without(moved)
        residuals, matches, transform = _outlier_test(job, matches, matcher, first, grid, reporter)
        scale = _scale_errors(job, matches, residuals.pixels, transform, reporter)
        rows = rows_of(matches, residuals.metres, grid, job.sar, job.optical, moved)
        numbers = numbers_of(rows, residuals.pixels, scale)
        _tell(rows, numbers, grid, first, reporter)
        if job.report:
            from .match_report import Images, write_match_report  # matplotlib is slow to load

            images = Images(sar_reader, optical_reader, moved_reader)
            write_match_report(job.report, job, grid, rows, numbers, first, transform, images, card)
    accepted = [row for row in rows if row["accepted"]]
    shown = rows if job.keep_rejected else accepted
    if job.gcp_points:
        write_points(job.gcp_points, job.optical.crs, control_points_of(shown, job.sar.crs, job.optical.crs))
    return {"rows": shown, "numbers": numbers, "pixel_size": grid.pixel_size}


def _outlier_test(
    job: MatchTiePointsJob, matches: Matches, matcher: Matcher, first: FirstStage, grid: Grid, reporter: Reporter
) -> tuple[_Residuals, Matches, Optional[Transform]]:
    """Return (`_Residuals`, matches with the outliers rejected, `Transform` from optical to SAR on the grid's map).

    The transform is None when no match was accepted so far. Raises `UserError` where chance explains the matches and
    the job refuses that.
    """
    residuals = _Residuals(*np.full((2, len(matches.col)), np.nan))
    candidates = np.flatnonzero(matches.reason == "")
    if not len(candidates):
        if job.refuse_chance:
            raise _refusal(job, "no match was accepted", first.reason)
        return residuals, matches, None
    optical = np.column_stack(grid.to_map(matches.col, matches.row))[candidates]
    sar = np.column_stack(grid.to_map(matches.col + matches.dx, matches.row + matches.dy))[candidates]
    inliers, distance, transform = robust_inliers(job.outlier_test, optical, sar, TOLERANCE_PX * grid.step)
    if job.outlier_test == "affine" and transform.kind != "affine":
        reporter.warning(
            f"The {len(candidates)} matches are too few, or too close to one line, for an affine transform: the "
            "outlier test took a shift instead."
        )
    if job.outlier_test != "none" and _may_be_chance(job, matcher, first, transform.kind, inliers):
        agree = f"{inliers.sum()} of {len(inliers)} matches agree with one {transform.kind}"
        what = f"{agree}, {_too_few(first)}"
        if job.refuse_chance:
            raise _refusal(job, what, first.reason)
        reporter.warning(f"{what}: do not trust them. Choose another method, a larger area or a smaller spacing.")
    residuals.metres[candidates] = ground_lengths(grid.crs, transform.transform(optical), sar)
    residuals.pixels[candidates] = distance / grid.step
    matches.reason[candidates[~inliers]] = "transform"
    return residuals, matches, transform


def _scale_errors(
    job: MatchTiePointsJob,
    matches: Matches,
    residual: np.ndarray,
    transform: Optional[Transform],
    reporter: Reporter,
) -> Optional[float]:
    """Correct predicted errors in place by the residuals, in pixels, of accepted points; return what they are
    multiplied by, None where no error is predicted, nothing was tested or the points are too few.
    """
    points = (matches.reason == "") & np.isfinite(matches.sigma)
    if transform is None or job.outlier_test == "none" or not points.any():
        return None
    scale = error_scale(matches.sigma[points], residual[points], transform.kind)
    if scale is None:
        return None
    matches.sigma[:] = np.maximum(scale * matches.sigma, SMALLEST_SIGMA)
    reporter.info(f"Predicted errors are multiplied by {scale:.2f}: so the points scatter around the {transform.kind}.")
    return scale


def _may_be_chance(job: MatchTiePointsJob, matcher: Matcher, first: FirstStage, kind: str, inliers: np.ndarray) -> bool:
    """Return whether matches that are all wrong, and lie anywhere in the search window, agree like this, too."""
    share = math.pi * TOLERANCE_PX**2 / (2 * first.reach + 1) ** 2
    # Windows that overlap see partly the same ground and err alike, unless it is known that they look at the right one.
    counts = 1 if first.found else min(1, job.spacing / matcher.template_side)
    # What the first stage looked for and did not find has to be surer than what it found, or what nobody doubts.
    expected = SURE if first.reason else 0.0
    return is_by_chance(kind, int(counts * inliers.sum()), int(counts * len(inliers)), share, expected)


def _too_few(first: FirstStage) -> str:
    if first.reason:
        return "too few to be sure of where the first stage found nothing"
    return "no more than wrong ones do by chance"


def _refusal(job: MatchTiePointsJob, what: str, reason: str) -> UserError:
    """Return the sentence that images cannot be matched; `reason`: what the first stage says of it."""
    because = reason or (
        "the images show too little in common, or lie farther apart than the largest shift: choose another method, a "
        "larger area, a smaller spacing or a larger shift"
    )
    return cannot_align(job, f"{what}; {because}")


def _tell(
    rows: Sequence[dict[str, Any]], numbers: dict[str, Any], grid: Grid, first: FirstStage, reporter: Reporter
) -> None:
    accepted = numbers["ACCEPTED_COUNT"]
    share, windows = share_kept(accepted, grid)
    reporter.info(f"{accepted} tie points accepted of {len(rows)} candidates.")
    if windows:
        reporter.info(f"Share kept: {100 * share:.1f} % of the {windows} windows of a {SHARE_WINDOW} pixel grid.")
    matched = [row["reason"] for row in rows if row["dx_px"] is not None]
    uncertain = matched.count("sigma")
    if first.found and uncertain > max(_FAR_MORE * accepted, len(matched) / 2):
        reporter.warning(
            f"{uncertain} matches were rejected for their predicted errors: choose a larger pixel size if the images "
            "are blurred or show less than their pixels promise, or allow larger predicted errors."
        )
    elif not accepted:
        reporter.warning(
            "No tie point was accepted: lower the thresholds, raise the largest shift, or check that both images show "
            "the same area at a similar pixel size."
        )
