"""A method on images that are aligned: each search window is displaced by a known offset, which must be found."""

from typing import Any

import numpy as np

from ...contract.errors import UserError
from ...contract.matching_jobs import MatchTiePointsJob
from ..reporting import Reporter
from .block_matchers import block_matcher, match_blocks
from .planted_offsets import PlantedOffsets
from .preparation import prepared
from .table import rows_of

_PREPARED = 0.05


def planted_rows(job: MatchTiePointsJob, reporter: Reporter) -> tuple[list[dict[str, Any]], float]:
    """Return (tie-point rows of all windows that were matched, pixel size of the working grid in metres).

    Rows are those of images that are aligned: the shift of each (`dx_px` …) is its error, and was planted nowhere. The
    offsets reach to a pixel less than the job's largest shift, so that none lies at the edge of what is searched; only
    windows that have data at all offsets count. Without an outlier test: `accepted` says what the method makes of a
    match by itself. Raises `UserError` for what the user can put right.
    """
    _, grid, device, networks, sar, optical, matcher = prepared(job, reporter.part(0, _PREPARED))
    blocks = block_matcher(job, networks, matcher, job.max_shift, device, reporter)
    blocks.planted = PlantedOffsets(grid, job.spacing, job.max_shift - 1)
    with sar.on(grid, 0) as sar_reader, optical.on(grid, 0) as optical_reader:
        matches = match_blocks(blocks, sar_reader, optical_reader, grid, reporter.part(_PREPARED, 1))
    rows = rows_of(matches, np.full(len(matches.col), np.nan), grid, job.sar, job.optical)
    rows = [row for row in rows if row["reason"] != "nodata"]  # which says that nothing was matched
    if not rows:
        raise UserError(
            f"No search window fits into the overlap of layers '{job.sar.name}' and '{job.optical.name}', "
            f"{grid.width} × {grid.height} working pixels, with data everywhere: windows are "
            f"{matcher.search_side(job.max_shift)} pixels wide; choose a smaller largest shift (MAX_SHIFT), a smaller "
            "spacing or larger layers."
        )
    return rows, grid.pixel_size
