"""The report of a matching run: what was found, how well it fits, and how it was made."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple, Optional

import numpy as np

from ...contract.finished_file import finished_file
from ...contract.matching_jobs import MatchTiePointsJob
from ...contract.report_page import (
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    section,
    side_by_side,
)
from ...models.card import Card
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..reports import pictures
from ..reports.model_tables import validation_table
from ..tie_points.plotted_points import PlottedPoints
from ..tie_points.transforms import Transform
from . import match_figures
from .acceptance import TOLERANCE_PX, largest_sigma, orn_threshold
from .first_stage import FirstStage
from .match_accuracy import leave_one_out_error, numbers_section
from .match_tables import card_table, reason_table, settings_table
from .table import SHARE_WINDOW, share_kept

_FAR = 0.07
"""Mean shift over the smaller side of the map from which on arrows show what differs from it."""


class Images(NamedTuple):
    """Open readers on the working grid, with radiometry: the SAR image, the optical one as its georeferencing has it,
    and where the first stage laid it."""

    sar: GridReader
    optical: GridReader
    laid: GridReader


def write_match_report(
    path: str,
    job: MatchTiePointsJob,
    grid: Grid,
    rows: Sequence[dict[str, Any]],
    numbers: dict[str, Any],
    first: FirstStage,
    transform: Optional[Transform],
    images: Images,
    card: Optional[Card],
) -> None:
    """Write the report of a run to `path`, one self-contained HTML file.

    `grid` is the working grid, `rows` all tie-point rows (`tie_points.FIELDS`), the rejected ones too, `numbers` the
    declared numbers, `first` what the first stage found, `transform` what the outlier test fitted to the accepted ones,
    optical to SAR in map coordinates of the grid (None without any), `images` are read window by window, `card` is that
    of the model, if any. Raises `UserError` when the file cannot be written.
    """
    points = PlottedPoints.of(rows, grid, job.sar.crs, job.optical.crs)
    accepted = points.take(points.accepted)
    windows = pictures.places(accepted.sar, grid, np.nan_to_num(accepted.score) + 0.1)
    boards = list(_checkerboards(windows, images, transform))
    html = page(
        "Tie points between SAR and optical image",
        f"{job.sar.name} (SAR) and {job.optical.name} (optical)",
        _summary(numbers, transform, grid),
        _first_stage(first),
        _map_section(images, first, grid, points, boards),
        _checkerboard_section(boards, grid, transform),
        _vector_section(accepted, transform, grid),
        _histogram_section(points, job, card, grid, numbers["SIGMA_SCALE"]),
        numbers_section(numbers, transform, grid),
        section("What became of the candidates", reason_table(rows)),
        section("Settings", settings_table(job, grid, images.sar, card)),
        section("Model", card_table(card)),
        section("Validation of the model", validation_table(card)) if card and card.validation else "",
        chapter="matchtiepoints",
    )
    with finished_file(path) as temporary:
        temporary.write_text(html, encoding="utf-8")


def _checkerboards(
    windows: Sequence[Window], images: Images, transform: Optional[Transform]
) -> Iterator[pictures.Pair]:
    with ExitStack() as stack:
        moved = transform and stack.enter_context(pictures.moved_reader(images.optical, transform.affine))
        yield from pictures.checkerboards(windows, images.sar, images.optical, moved)


def _summary(numbers: dict[str, Any], transform: Optional[Transform], grid: Grid) -> str:
    accepted = numbers["ACCEPTED_COUNT"]
    share = share_kept(accepted, grid)[0]
    left_out = leave_one_out_error(transform, grid)
    boxes = key_figures(
        (
            ("Accepted tie points", f"{accepted}", f"of {numbers['POINT_COUNT']} candidates"),
            ("Mean shift east", *_mean_with_deviation(numbers, "X", "dx")),
            ("Mean shift north", *_mean_with_deviation(numbers, "Y", "dy")),
            (
                "Share kept",
                number(share and 100 * share, "%", 1),
                f"accepted points ÷ all {SHARE_WINDOW} px windows of the overlap",
            ),
            ("RMSE", number(numbers["RMSE"], "m"), _of_transform(numbers["RMSE_PX"], transform)),
            ("Leave-one-out error", number(left_out.metres, "m"), number(left_out.pixels, "px")),
        )
    )
    if transform is None:
        boxes += notice(
            "No tie point was accepted, so nothing is known about the shift between the images. Lower the thresholds, "
            "raise the largest shift, or check that both images show the same area at a similar pixel size. The table "
            "of the candidates below says why they were rejected."
        )
    return boxes + paragraph(
        "The shift is what must be added to an optical position to land on the SAR position: in metres on the ground "
        f"to the east and to the north, in working pixels of {grid.pixel_size:.4g} m to the right (dx) and down (dy)."
    )


def _mean_with_deviation(numbers: dict[str, Any], axis: str, field: str) -> tuple[str, str]:
    mean, deviation = numbers[f"MEAN_SHIFT_{axis}"], numbers[f"STD_{axis}"]
    in_pixels = number(numbers[f"MEAN_SHIFT_{axis}_PX"], "px")
    remark = f"{field} {in_pixels}; standard deviation {number(deviation, 'm')}" if mean is not None else ""
    return number(mean, "m"), remark


def _of_transform(rmse_px: Optional[float], transform: Optional[Transform]) -> str:
    return f"{number(rmse_px, 'px')}, distances from the fitted {transform.kind}" if transform else ""


def _first_stage(first: FirstStage) -> str:
    if not first.sentence:
        return ""
    return paragraph(first.sentence) if first.found else notice(first.sentence)


def _map_section(
    images: Images, first: FirstStage, grid: Grid, points: PlottedPoints, boards: Sequence[pictures.Pair]
) -> str:
    accepted, rejected = points.accepted.sum(), (~points.accepted).sum()
    overview = pictures.overview(images.laid)
    drawn = match_figures.overlap_map(overview, grid, points, [board.window for board in boards])
    colours = "predicted error" if np.isfinite(points.sigma).any() else "score"
    place = "where the first stage laid it" if first.found else "as it came"
    return section(
        "Overlap and tie points",
        picture(
            drawn,
            f"Map of the overlap: {accepted} accepted tie points, coloured by {colours}, and {rejected} rejected "
            "candidates as crosses, over the optical image.",
            f"Tie points at their SAR positions over the optical image {place}, in the colours that they have in "
            "QGIS. The numbered squares are the places of the checkerboards.",
        ),
    )


def _checkerboard_section(boards: Sequence[pictures.Pair], grid: Grid, transform: Optional[Transform]) -> str:
    if not boards:
        return section("Checkerboards", paragraph("No place of the overlap has data in both images."))
    parts = []
    for place, board in enumerate(boards, 1):
        where = pictures.place_name(place, board.window, grid)
        alt = f"Checkerboard of SAR and optical image at place {place}"
        pair = [picture(board.before, f"{alt}, as they came.", f"{where}, before: as georeferenced")]
        if board.after:
            pair.append(picture(board.after, f"{alt}, optical image moved.", f"{where}, after: {_moved_by(transform)}"))
        parts.append(side_by_side(*pair, small=True))
    explanation = (
        f"Grey fields are SAR, yellowish fields optical, {boards[0].window.width} × {boards[0].window.height} working "
        "pixels at full resolution. Roads, shores and field edges should run on from field to field"
        + (" on the right." if transform else ".")
    )
    return section("Before and after", paragraph(explanation), *parts)


def _moved_by(transform: Transform) -> str:
    return f"optical moved by the fitted {transform.kind}"


def _vector_section(accepted: PlottedPoints, transform: Optional[Transform], grid: Grid) -> str:
    if transform is None:
        return ""
    on_map = np.column_stack(grid.to_map(*accepted.optical.T))
    fitted = np.column_stack(grid.to_pixel(*transform.transform(on_map).T))
    shifts = accepted.sar - accepted.optical
    mean = shifts.mean(axis=0)
    is_far = np.hypot(*mean) > _FAR * min(grid.width, grid.height)  # optical positions may lie off the map
    start, moved = (accepted.sar, shifts - mean) if is_far else (accepted.optical, shifts)
    drawn, factor = match_figures.vector_map(grid, start, moved, "shift")
    rest, rest_factor = match_figures.vector_map(grid, accepted.sar, accepted.sar - fitted, "residual")
    of_mean = f", without the mean shift of {number(np.hypot(*mean), 'px')}" if is_far else ""
    part = ""
    if len(accepted) > match_figures.MOST_ARROWS:
        part = f" A random {match_figures.MOST_ARROWS} of the {len(accepted)} points are drawn."
    left, right = (
        picture(
            drawn,
            f"Arrows from optical to SAR positions, {factor} times their length.",
            f"From optical to SAR position{of_mean}; arrows are {factor} × their length.{part}",
        ),
        picture(
            rest,
            f"Arrows of what the transform leaves, {rest_factor} times their length.",
            f"What the fitted {transform.kind} leaves of it; arrows are {rest_factor} × their length. Arrows in all "
            "directions are noise; neighbours that agree show a distortion that a more flexible transform may follow.",
        ),
    )
    return section("Shift vectors", side_by_side(left, right))


def _histogram_section(
    points: PlottedPoints, job: MatchTiePointsJob, card: Optional[Card], grid: Grid, scale: Optional[float]
) -> str:
    if not np.isfinite(points.score).any():
        return ""
    tolerance = TOLERANCE_PX * grid.pixel_size if job.outlier_test != "none" else None
    largest = largest_sigma(job, card)
    if largest is not None:
        largest *= scale or 1.0  # as the errors that are drawn
    drawn = match_figures.histograms(points, orn_threshold(job, card), tolerance, largest)
    return section(
        "Distributions",
        picture(
            drawn,
            "Histograms of dx, dy, score, residual and predicted error of accepted and rejected candidates.",
            "Candidates by shift, score, distance from the transform of the outlier test and, where the model predicts "
            "it, error; those that were rejected before a match was tried have none of these."
            + (f" Predicted errors are multiplied by {scale:.2f}, as the points scatter." if scale else ""),
        ),
    )
