"""Co-registration: lay one image over another with tie points."""

from dataclasses import replace
from pathlib import Path
from typing import Union

import numpy as np
from scipy.spatial import cKDTree

from ...contract.coregistration_jobs import TRANSFORMS, CoregisterJob
from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...contract.sources import absolute_path
from ..rasters.footprint import Footprint, same_turn
from ..rasters.grid import Grid
from ..rasters.positions import apply_affine, box_outline, transform_points
from ..rasters.source_file import open_source, parse_crs, reading
from ..reporting import Reporter
from ..tie_points.outliers import FEWEST_POINTS_FOR_AFFINE, robust_inliers
from ..tie_points.transforms import Transform, fit
from .chosen_transform import chosen_transform
from .coregistration_report import write_report
from .corrected_raster import write_corrected
from .fit_numbers import fit_numbers, left_out_on_ground, summary
from .image_pixels import linear

AGREEMENT_PX = 10
"""Pixels, of the moving image or of those in which the points were matched, whichever are coarser, within which tie
points count as agreeing: relief spreads true ones less, chance wrong ones more."""

_LARGEST_GROWTH = 16  # output over input pixels on the image's own grid, above which a transform has run away


def run(job: CoregisterJob, reporter: Reporter) -> dict[str, Union[str, float, None]]:
    """Correct `job.moving` with the tie points of a `CoregisterJob` and write `job.output`; return the numbers.

    The transform is fitted in the moving layer's CRS, from fixed to moving positions: the direction in which a warper
    asks where a pixel comes from. Keys of the result: `output`,
    `transform`, `point_count`, `rmse_m`, `loo_m` (leave-one-out), the same as `rmse_px`, `loo_px` in moving pixels,
    `shift_x_m`, `shift_y_m` (mean of fixed minus moving: east, north), `middle_x_m`, `middle_y_m`, `middle_x_px`,
    `middle_y_px` (how far the middle of the image moves: east, north, and right, down), for shift and affine
    `rotation_deg` (counter-clockwise) and `scale`, and `bound_m`, `bound_px` (what the error of the transform stays
    below all over the image, as far as `uncertainty.py` can tell); None where a number does not exist. Metres are those
    on the ground (`ground.py`).

    Raises `UserError` before anything is written when the points are too few, collinear or contradictory. That the
    output is none of the inputs, nor anything that they refer to, is for the caller to see to.
    """
    _check_output(job)
    moving_source = replace(job.moving, path=absolute_path(job.moving.path))  # a VRT may be opened from anywhere
    wanted = [path for path in (job.output, job.report) if path]
    # From the inside: a file that was changed is noticed before the outputs appear, and a full disk before what GDAL
    # says of it counts as said of the image.
    with reading(job.moving), finished_files(wanted) as paths, open_source(moving_source) as moving:
        output, *report = paths
        crs = parse_crs(moving_source)
        positions, targets = _tie_points(job, crs, moving)
        image = Grid(crs.to_wkt(), moving.transform, moving.width, moving.height)
        backward = _fitted(job, positions, targets, image, reporter)
        job = replace(job, transform=backward.kind)
        _check_agreement(job, positions, targets, image, reporter)
        numbers = fit_numbers(backward, image)
        reporter.info(summary(numbers))
        grid = _output_grid(job, moving, crs, backward)
        numbers["output"] = job.output
        write_corrected(output, job, moving, grid, backward, reporter)
        for path in report:
            write_report(path, job, numbers, *_left_out(job, backward, image), output, grid)
    return numbers


def _check_output(job):
    output = Path(job.output)
    if output.suffix.lower() not in (".tif", ".tiff", ".vrt"):
        raise UserError(f"The output '{output.name}' is neither GeoTIFF nor VRT: let its name end in .tif or .vrt.")
    if output.suffix.lower() == ".vrt" and (job.transform != "shift" or job.target is not None):
        raise UserError(
            "A .vrt output holds only a shift on the image's own grid: choose the transform 'shift' or a .tif output."
        )


def _tie_points(job, crs, moving):
    """Return moving and fixed positions, float [n, 2] each, both in the moving layer's CRS.

    Longitudes are counted as the image counts its own, on beyond 180° if need be.
    """
    points = np.asarray(job.points, float).reshape(-1, 4)
    targets = np.column_stack(transform_points(points[:, 2], points[:, 3], job.fixed_crs, crs))
    if not (np.isfinite(points).all() and np.isfinite(targets).all()):
        raise UserError(
            f"Some tie points have no position in the coordinate reference system of layer '{job.moving.name}': "
            "check that the points belong to this layer."
        )
    positions = points[:, :2]
    positions[:, 0] = same_turn(positions[:, 0], (moving.bounds.left + moving.bounds.right) / 2, crs)
    targets[:, 0] = same_turn(targets[:, 0], positions[:, 0], crs)
    return positions, targets


def _fitted(
    job: CoregisterJob, positions: np.ndarray, targets: np.ndarray, image: Grid, reporter: Reporter
) -> Transform:
    weights = np.array(job.point_sigmas) ** -2.0 if job.point_sigmas else None  # inverse variances
    try:
        if job.transform != "auto":
            return fit(job.transform, targets, positions, weights)
        backward, why = chosen_transform(targets, positions, weights, image)
    except UserError as error:
        raise UserError(f"Layer '{job.moving.name}': {error}") from error
    reporter.info(why)
    return backward


def _on_ground(points, image):
    """Return positions on the map of an image's `Grid` in a plane of metres on the ground, as its middle has them."""
    return np.column_stack(image.to_pixel(*points.T)) @ image.pixel_sides()


def _check_agreement(job, positions, targets, image, reporter):
    """Refuse points of which most contradict each other; warn of single ones that do."""
    kind = "shift" if job.transform == "shift" else "affine"
    if kind == "affine" and len(positions) < FEWEST_POINTS_FOR_AFFINE:
        return  # too few to tell which of them is wrong
    tolerance = AGREEMENT_PX * max(*np.linalg.norm(image.pixel_sides(), axis=1), job.matched_pixel)
    inliers = robust_inliers(kind, _on_ground(targets, image), _on_ground(positions, image), tolerance)[0]
    counts = f"{inliers.sum()} of {len(inliers)} tie points agree with one {kind} within {AGREEMENT_PX} pixels"
    if 2 * inliers.sum() < len(inliers):
        raise UserError(
            f"Layer '{job.moving.name}': only {counts}, the others contradict them: "
            "check that the points belong to this image, or find them again with an outlier test."
        )
    if not inliers.all():
        reporter.warning(f"Only {counts}: consider removing the others with the outlier test.")


def _left_out(job, backward, image):
    """Return (ids, errors [m, 2] in metres east and north) of the points that are left out one by one.

    A thin plate spline may pass through means of points; a mean is named after the point nearest to it.
    """
    ids = np.array(job.point_ids)
    if len(backward.control_source) < len(ids):
        ids = ids[cKDTree(backward.source).query(backward.control_source)[1]]
    return ids.tolist(), left_out_on_ground(backward, image)


def _output_grid(job, moving, crs, backward):
    """The grid of the target, or the moving image's own lattice, north up, as large as the corrected image."""
    if job.target is not None:
        target_crs = parse_crs(job.target)
        image = Footprint(job.moving.name, crs, moving.transform, moving.width, moving.height)
        if target_crs != crs and image.misplaces(image.ring()):
            raise UserError(
                f"Layer '{image.name}' runs across the 180° meridian, where its coordinates jump: leave the layer with "
                "the output grid empty, or reproject the layer first."
            )
        with open_source(job.target) as target:
            return Grid(target_crs.to_wkt(), target.transform, target.width, target.height)
    outline = np.column_stack(apply_affine(moving.transform, *box_outline(0, 0, moving.width, moving.height)))
    corrected = backward.inverse(outline)
    size = np.linalg.norm(linear(moving.transform), axis=0)
    if abs(moving.transform.b) > abs(moving.transform.a):  # columns run north or south
        size = size[::-1]
    anchor = np.array([moving.transform.c, moving.transform.f])
    first = np.floor((corrected.min(axis=0) - anchor) / size + 1e-6) if np.isfinite(corrected).all() else None
    last = np.ceil((corrected.max(axis=0) - anchor) / size - 1e-6)
    if first is None or np.prod(last - first) > _LARGEST_GROWTH * moving.width * moving.height:
        raise UserError(
            f"The {TRANSFORMS[job.transform]} runs away at the edges of layer '{job.moving.name}', where there are no "
            "tie points: choose the transform 'affine' or add points near the edges."
        )
    (left, bottom), (width, height) = anchor + first * size, np.maximum(last - first, 1).astype(int).tolist()
    transform = type(moving.transform)(size[0], 0, left, 0, -size[1], bottom + height * size[1])
    return Grid(crs.to_wkt(), transform, width, height)
