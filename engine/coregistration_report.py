"""The report of a co-registration: settings, numbers and the largest residuals as a small HTML page."""

from html import escape

import numpy as np

_LISTED = 20


def write_report(path, job, numbers, residuals):
    """Write the page to `path`; `residuals` are [n, 2] in metres, `numbers` the result of `coregistration.run`."""
    settings = {
        "Corrected layer": job.moving.name,
        "Transform": job.transform,
        "Resampling": job.resampling,
        "Compression": job.compression,
        "Grid": job.target.name if job.target else "the corrected layer's own",
    }
    lengths = np.linalg.norm(residuals, axis=1)
    largest = np.argsort(-lengths, kind="stable")[:_LISTED]
    worst = {f"Point {index + 1}": f"{lengths[index]:.3f} m" for index in largest}
    known = {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in numbers.items()}
    page = (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Co-registration</title>'
        "<style>body{font-family:sans-serif}td{padding:2px 1em}</style><h1>Co-registration</h1>"
        + _table("Settings", settings)
        + _table("Result", {key: value for key, value in known.items() if value is not None})
        + _table("Largest residuals", worst)
    )
    path.write_text(page, encoding="utf-8")


def _table(title, rows):
    cells = "".join(f"<tr><td>{escape(str(key))}<td>{escape(str(value))}" for key, value in rows.items())
    return f"<h2>{escape(title)}</h2><table>{cells}</table>"
