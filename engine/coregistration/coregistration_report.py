"""The report of a co-registration: how well the transform fits, and where it fails."""

from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np

from ...contract.coregistration_jobs import TRANSFORMS, CoregisterJob
from ...contract.report_page import key_figures, number, page, paragraph, properties, section, table
from ..rasters.grid import Grid
from ..tie_points.uncertainty import CONFIDENCE
from .before_and_after import before_and_after

_LISTED = 20


def write_report(
    path: Path,
    job: CoregisterJob,
    numbers: dict[str, Union[str, float, None]],
    ids: Sequence[str],
    errors: np.ndarray,
    corrected: Path,
    grid: Grid,
) -> None:
    """Write the page to `path`; `numbers` is the result of `coregister.run`, `corrected` the image on its `Grid`.

    `errors` [m, 2] are leave-one-out errors in metres east and north, NaN where they do not exist; `ids` (m texts) name
    their tie points.
    """
    html = page(
        "Co-registration",
        job.moving.name,
        _summary(numbers),
        section("Before and after", *before_and_after(job, corrected, grid)),
        section("Settings", properties(_settings(job))),
        section("Largest leave-one-out errors", *_largest(ids, errors, numbers["point_count"])),
        chapter="coregister",
    )
    path.write_text(html, encoding="utf-8")


_HOW_TO_READ = (
    "The leave-one-out error of a tie point is the distance from where the transform fitted to all other points puts "
    "it to where it belongs. Single large ones are wrong points: remove them and run again. Many large ones ask for a "
    "more flexible transform."
)
_AVERAGED = "Points that share a place, or a cell where there are many, were averaged; the nearest one names each mean."
_NONE = "No point can be left out: the transform needs each of them."


def _summary(numbers):
    unit = "px of the corrected image"
    figures = [
        ("Tie points", f"{numbers['point_count']}", TRANSFORMS[numbers["transform"]]),
        ("RMSE", number(numbers["rmse_m"], "m", 3), number(numbers["rmse_px"], unit, 3)),
        ("Leave-one-out error", number(numbers["loo_m"], "m", 3), number(numbers["loo_px"], unit, 3)),
        (f"Largest error ({CONFIDENCE:.0%})", number(numbers["bound_m"], "m", 3), number(numbers["bound_px"], unit, 3)),
        ("Mean shift east", number(numbers["shift_x_m"], "m", 3), ""),
        ("Mean shift north", number(numbers["shift_y_m"], "m", 3), ""),
    ]
    if numbers["rotation_deg"] is not None:
        turned = f"anticlockwise; scale {numbers['scale']:.6f}"
        figures.append(("Rotation", number(numbers["rotation_deg"], "°", 4), turned))
    return key_figures(figures)


def _settings(job):
    return {
        "Corrected layer": f"{job.moving.name}; {job.moving.path}",
        "Transform": TRANSFORMS[job.transform],
        "Weights of the points": "their predicted errors (sigma_px)" if job.point_sigmas else "all alike",
        "Resampling": job.resampling,
        "Compression": job.compression,
        "Grid": job.target.name if job.target else "the corrected layer's own",
    }


def _largest(ids, errors, point_count):
    lengths = np.linalg.norm(errors, axis=1)
    order = np.argsort(-lengths, kind="stable")[:_LISTED]
    rows = [
        (ids[i], *(number(value, digits=3) for value in (lengths[i], *errors[i])))
        for i in order
        if np.isfinite(lengths[i])
    ]
    if not rows:
        return [paragraph(_NONE)]
    return [
        paragraph(_HOW_TO_READ),
        paragraph(_AVERAGED) if len(ids) < point_count else "",
        table(("Tie point (id)", "length (m)", "east (m)", "north (m)"), rows, numeric=(1, 2, 3)),
    ]
