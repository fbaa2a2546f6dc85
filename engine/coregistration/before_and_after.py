"""Pictures of the corrected image: against the other image where the job names it, else beside the image as it came."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...contract.coregistration_jobs import CoregisterJob
from ...contract.report_page import paragraph, picture, side_by_side
from ...contract.sources import RasterSource
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..rasters.positions import transform_points
from ..reports import pictures

_MOST_BANDS = 3  # their mean is shown; more tell the eye no more, and take longer


def before_and_after(job: CoregisterJob, corrected: Path, grid: Grid) -> list[str]:
    """Return parts of a page (HTML): places round the tie points of a `CoregisterJob`, before and after.

    corrected: the written image, on its `Grid`.
    """
    pairs = _pairs(job, corrected, grid)
    if not pairs:
        return [paragraph("No place round the tie points has data in all images.")]
    parts = [paragraph(_explanation(job, pairs[0].window))]
    for place, pair in enumerate(pairs, 1):
        where = pictures.place_name(place, pair.window, grid)
        alt = f"Place {place} of the image"
        if job.target:
            alt = f"Checkerboard of the image and layer {job.target.name} at place {place}"
        parts.append(
            side_by_side(
                picture(pair.before, f"{alt}, as it came.", f"{where}, before"),
                picture(pair.after, f"{alt}, corrected.", f"{where}, after"),
                small=True,
            )
        )
    return parts


def _pairs(job: CoregisterJob, corrected: Path, grid: Grid) -> Sequence[pictures.Pair]:
    before = replace(job.moving, bands=job.moving.bands[:_MOST_BANDS])
    after = RasterSource(before.name, str(corrected), grid.crs, before.bands, before.nodata)
    fixed = np.array(job.points)[:, 2:]
    positions = np.column_stack(grid.to_pixel(*transform_points(*fixed.T, job.fixed_crs, grid.crs)))
    windows = pictures.places(positions[np.isfinite(positions).all(axis=1)], grid)
    sources = [job.target, before, after] if job.target else [before, after]
    with ExitStack() as stack:
        readers = [stack.enter_context(GridReader(source, grid)) for source in sources]
        return list((pictures.checkerboards if job.target else pictures.views)(windows, *readers))


def _explanation(job, window):
    size = f"{window.width} × {window.height} pixels of the corrected image at full resolution"
    if job.target:
        return (
            f"Grey fields are layer {job.target.name}, yellowish fields the corrected one, {size}. Roads, shores and "
            "field edges should run on from field to field on the right."
        )
    return (
        f"Each pair shows one place of the map, {size}. The lines lie at the same coordinates in both pictures. "
        "With the other image as layer with the output grid, checkerboards of both images stand here."
    )
