"""The whole matching run: two rasters and a model in, the tie-point table, its numbers and its files out."""

from typing import NamedTuple

import numpy as np

from ...models.card import Card
from ...models.model_file import load_model
from ..device import choose_device
from ..errors import UserError
from ..gcp_points import write_points
from ..jobs import LEARNED_METHODS
from ..outliers import robust_inliers
from ..positions import transform_points
from ..radiometry import optical_radiometry, sar_radiometry
from ..raster import GridReader
from ..raster_sample import sample_raster
from ..speckle import looks_swapped
from ..working_grid import working_grid
from .block_matching import BlockMatcher, Matches
from .blocks import block_side, count_blocks, read_blocks
from .matchers import TEMPLATE, BridgeMatcher, CorrAslMatcher, MutualInformationMatcher, NccMatcher
from .table import SHARE_WINDOW, numbers_of, rows_of, share_kept

TOLERANCE_PX = 3.0
"""Working pixels within which a match agrees with the transform of the outlier test."""

DEFAULT_BATCH = 32


class _Networks(NamedTuple):
    """A model file's networks for matching: card, CorrASL or BridgeMatch, (SAR, optical) goodness networks, ORN."""

    card: Card
    match: object
    goodness: tuple
    orn: object


def run(job, reporter):
    """Find tie points for a `MatchTiePointsJob`.

    Returns {"rows": tie-point rows (see `tie_points.FIELDS`), "numbers": the declared numbers, None where there are no
    points}. Rejected rows are there only with `keep_rejected`. Raises `UserError` for what the user can put right.
    """
    grid = working_grid(job.sar, job.optical, job.pixel_size, job.extent, job.extent_crs)
    _check_size(grid, job)
    device = choose_device(job.device, reporter)
    networks = _networks(job, device)
    with GridReader(job.sar, grid) as sar, GridReader(job.optical, grid) as optical:
        radiometry = _radiometry(job, sar, optical, reporter)
    with GridReader(job.sar, grid, radiometry[0]) as sar, GridReader(job.optical, grid, radiometry[1]) as optical:
        matches = _match_blocks(job, _block_matcher(job, networks, device, reporter), sar, optical, grid, reporter)
        residual, matches = _outlier_test(job, matches, grid, reporter)
        rows = rows_of(matches, residual, grid, job.sar, job.optical)
        numbers = numbers_of(rows, grid)
        _tell(rows, numbers, grid, reporter)
        if job.report:
            card = networks.card if networks else None
            from ..reports.match_report import write_match_report  # matplotlib is slow to load

            write_match_report(job.report, job, grid, rows, numbers, sar, optical, card)
    accepted = [row for row in rows if row["accepted"]]
    shown = rows if job.keep_rejected else accepted
    if job.gcp_points:
        write_points(job.gcp_points, job.optical.crs, _control_points(accepted, job))
    return {"rows": shown, "numbers": numbers}


def _check_size(grid, job):
    window = TEMPLATE + 2 * job.max_shift
    if min(grid.width, grid.height) < window:
        raise UserError(
            f"Layers '{job.sar.name}' and '{job.optical.name}' overlap by {grid.width} × {grid.height} working pixels "
            f"of {grid.pixel_size:.3g} m, less than one search window of {window}: choose a smaller largest shift, a "
            "smaller pixel size or a larger area."
        )


def _radiometry(job, sar_reader, optical_reader, reporter):
    sar_sample, optical_sample = sample_raster(sar_reader), sample_raster(optical_reader)
    if looks_swapped(sar_sample, optical_sample):
        reporter.warning(
            f"Layer '{job.sar.name}' looks like an optical image and '{job.optical.name}' like a SAR image: check that "
            "they are not swapped."
        )
    sar, sentence = sar_radiometry(sar_sample, job.sar_unit)
    reporter.info(sentence)
    return sar, optical_radiometry(optical_sample)


def _networks(job, device):
    """Return the `_Networks` of the job's model, None where the run asks none of them."""
    if not job.model or not (job.method in LEARNED_METHODS or job.candidates.startswith("goodness")):
        return None
    card, networks = load_model(job.model, "match")
    if "match" not in networks:
        raise UserError(f"The model '{card.name}' holds no network 'match': choose another model.")
    networks = {name: network.to(device) for name, network in networks.items()}
    goodness = (networks.get("goodness.sar"), networks.get("goodness.optical"))
    return _Networks(card, networks["match"], goodness, networks.get("orn"))


def _block_matcher(job, networks, device, reporter):
    by_goodness = job.candidates.startswith("goodness")
    if by_goodness and (networks is None or None in networks.goodness):
        raise UserError(
            "Candidates by goodness need a model with goodness networks: choose one, or candidates on a grid."
        )
    learned = job.method in LEARNED_METHODS
    point = networks.card.operating_point if networks else {}
    return BlockMatcher(
        matcher=_matcher(job, networks, device),
        max_shift=job.max_shift,
        spacing=job.spacing,
        candidates=job.candidates,
        goodness=networks.goodness if by_goodness else None,
        goodness_threshold=_chosen(job.goodness_threshold, point.get("goodness_threshold", 0)),
        orn=networks.orn if learned else None,
        orn_threshold=_chosen(job.orn_threshold, point.get("orn_threshold", 0)),
        device=device,
        batch_size=job.batch_size or DEFAULT_BATCH,
        reporter=reporter,
    )


def _chosen(value, default):
    return default if value < 0 else value


def _matcher(job, networks, device):
    if job.method == "ncc":
        return NccMatcher()
    if job.method == "mi":
        return MutualInformationMatcher()
    network = networks.match
    wanted = {"bridgematch": "BridgeMatch", "corrasl": "CorrASL"}[job.method]
    if type(network).__name__ != wanted:
        raise UserError(
            f"The model '{networks.card.name}' holds {type(network).__name__}, not {wanted}: choose another model or "
            "method."
        )
    if job.method == "corrasl":
        return CorrAslMatcher(network, networks.card.sar_input["value_range"])
    return BridgeMatcher(network, device)


def _match_blocks(job, block_matcher, sar, optical, grid, reporter):
    side = block_side(job.spacing, grid)
    parts, total = [], count_blocks(grid, side)
    blocks = read_blocks(sar, optical, grid, side, block_matcher.sar_margin, block_matcher.optical_margin)
    for done, block in enumerate(blocks, 1):
        parts.append(block_matcher.match(block, grid))
        reporter.progress(0.95 * done / total)
    return Matches.joined(parts)


def _outlier_test(job, matches, grid, reporter):
    """Return (residual in metres [N], NaN where no match was accepted so far; matches with the outliers rejected)."""
    residual = np.full(len(matches.col), np.nan)
    candidates = np.flatnonzero(matches.reason == "")
    if not len(candidates):
        return residual, matches
    optical = np.column_stack(grid.to_map(matches.col, matches.row))[candidates]
    sar = np.column_stack(grid.to_map(matches.col + matches.dx, matches.row + matches.dy))[candidates]
    inliers, distance, transform = robust_inliers(job.outlier_test, optical, sar, TOLERANCE_PX * grid.pixel_size)
    if job.outlier_test == "affine" and transform.kind != "affine":
        reporter.warning(
            f"The {len(candidates)} matches are too few, or too close to one line, for an affine transform: the "
            "outlier test took a shift instead."
        )
    residual[candidates] = distance
    matches.reason[candidates[~inliers]] = "transform"
    return residual, matches


def _control_points(rows, job):
    """Return (map_x, map_y, source_x, source_y, enable), in the optical CRS: where points belong and where they lie."""
    sar_x, sar_y, opt_x, opt_y = (
        np.array([[row[key] for key in ("sar_x", "sar_y", "opt_x", "opt_y")] for row in rows], float).reshape(-1, 4).T
    )
    map_x, map_y = transform_points(sar_x, sar_y, job.sar.crs, job.optical.crs)
    return zip(map_x, map_y, opt_x, opt_y, [row["accepted"] for row in rows])


def _tell(rows, numbers, grid, reporter):
    accepted = numbers["ACCEPTED_COUNT"]
    share, windows = share_kept(accepted, grid)
    reporter.info(f"{accepted} tie points accepted of {len(rows)} candidates.")
    if windows:
        reporter.info(f"Share kept: {100 * share:.1f} % of the {windows} windows of a {SHARE_WINDOW} pixel grid.")
    if not accepted:
        reporter.warning(
            "No tie point was accepted: lower the thresholds, raise the largest shift, or check that both images show "
            "the same area at a similar pixel size."
        )
