"""The report of a co-registration (issue 2, section 3): how well the transform fits, and where it fails."""

from datetime import datetime

import numpy as np

from .page import key_figures, number, page, paragraph, properties, section, table

_LISTED = 20


def write_report(path, job, numbers, residuals):
    """Write the page to `path`; `residuals` are [n, 2] in metres, `numbers` the result of `coregistration.run`."""
    html = page(
        "Co-registration",
        f"{job.moving.name}, {datetime.now().astimezone():%d %B %Y, %H:%M %Z}",
        _summary(numbers),
        section("Settings", properties(_settings(job))),
        section("Largest residuals", paragraph(_HOW_TO_READ), _largest(residuals)),
    )
    path.write_text(html, encoding="utf-8")


_HOW_TO_READ = (
    "A residual is the distance from where the transform puts a tie point to where it belongs. Single large ones are "
    "wrong points: remove them and run again. Many large ones ask for a more flexible transform."
)


def _summary(numbers):
    unit = "px of the corrected image"
    figures = [
        ("Tie points", f"{numbers['point_count']}", f"transform: {numbers['transform']}"),
        ("RMSE", number(numbers["rmse_m"], "m", 3), number(numbers["rmse_px"], unit, 3)),
        ("Leave-one-out error", number(numbers["loo_m"], "m", 3), number(numbers["loo_px"], unit, 3)),
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
        "Output": job.output,
        "Transform": job.transform,
        "Resampling": job.resampling,
        "Compression": job.compression,
        "Grid": job.target.name if job.target else "the corrected layer's own",
    }


def _largest(residuals):
    lengths = np.linalg.norm(residuals, axis=1)
    order = np.argsort(-lengths, kind="stable")[:_LISTED]
    rows = [
        (f"Point {i + 1}", *(number(value, digits=3) for value in (lengths[i], residuals[i, 0], residuals[i, 1])))
        for i in order
    ]
    return table(("Tie point", "length (m)", "east (m)", "north (m)"), rows, numeric=(1, 2, 3))
