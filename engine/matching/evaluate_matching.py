"""The task `evaluate_matching`: how far tie points are off from what is true."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.finished_file import finished_files
from ...contract.match_evaluation_jobs import IDENTITY, EvaluateMatchingJob, PointSource
from ...contract.tie_points import NOT_IN_BOTH
from ..reporting import Reporter
from . import match_tie_points
from .judged_points import JudgedPoints, judged_by_checks, judged_by_transform, source_of
from .match_scores import MatchScores, doubts, match_scores, numbers_of
from .planted_matches import planted_rows

COLUMNS = ("id", "x", "y", "true_x", "true_y", "dx_m", "dy_m", "error_m", "error_px", "sigma_px", "accepted")
"""Columns of the table: a row for each point that was matched and of which the truth is known. Positions are SAR
positions on their map; `dx_m` (true east) and `dy_m` (true north) lead from the true one to the one that was found."""

_MATCHED = 0.9
"""How far a run is."""


def run(job: EvaluateMatchingJob, reporter: Reporter) -> dict[str, Any]:
    """Judge an `EvaluateMatchingJob`; return {"numbers": the declared ones, None where not defined}.

    Raises `UserError` for what the user can put right.
    """
    outputs = {name: path for name, path in (("table", job.table), ("report", job.report)) if path}
    with finished_files(outputs.values()) as paths:
        new = dict(zip(outputs, paths))
        points = job.points or _matched(job, reporter.part(0, _MATCHED))
        if job.checks:
            judged = judged_by_checks(points, job.checks, job.reach)
        else:
            judged = judged_by_transform(points, job.transform or IDENTITY)
        kept_all = points.has_rejected and not job.checks  # which may lie beside accepted points alone
        scores = match_scores(judged, all_known=job.matching is not None or kept_all)
        reporter.progress(_MATCHED)
        _tell(job, points, judged, scores, reporter)
        if "table" in new:
            _write_table(new["table"], judged)
        if "report" in new:
            from .match_evaluation_report import write_evaluation_report  # matplotlib is slow to load

            write_evaluation_report(new["report"], job, judged, scores)
    return {"numbers": numbers_of(scores)}


def _matched(job: EvaluateMatchingJob, reporter: Reporter) -> PointSource:
    """Return what the job's method finds, without places that not both images show."""
    matching = job.matching
    if job.is_planted:
        rows, pixel = planted_rows(matching, reporter)
    else:
        result = match_tie_points.run(replace(matching, keep_rejected=True), reporter)
        rows = [row for row in result["rows"] if row["reason"] not in NOT_IN_BOTH]
        pixel = result["pixel_size"]
    name = f"{matching.sar.name} and {matching.optical.name}"
    return source_of(rows, name, matching.sar.crs, matching.optical.crs, pixel)


def _tell(
    job: EvaluateMatchingJob, points: PointSource, judged: JudgedPoints, scores: MatchScores, reporter: Reporter
) -> None:
    apart = len(points.rows) - len(judged.ids)
    if apart:
        reporter.info(f"{apart} of {len(points.rows)} points have no truth to be compared with: they do not count.")
    if scores.accepted:
        (within_1, within_3, mean, spread, count), median, metres = scores.accepted[:3]
        precision = "" if spread is None else f", mAP {spread:.2f} px"
        reporter.info(
            f"Of {count} points {within_1:.1f} % lie within 1 working pixel of {judged.pixel_size:.3g} m and "
            f"{within_3:.1f} % within 3; the mean error is {mean:.2f} px ({metres:.3g} m), the median {median:.2f} px"
            f"{precision}."
        )
    if scores.share_kept is None and len(judged.ids):
        reporter.info(
            "No share kept: no point of which the truth is known was rejected, and nothing tells whether such were "
            "left out."
        )
    elif scores.matched:
        reporter.info(
            f"{scores.share_kept:.1f} % of the places were kept; of all that were matched, rejected ones included, "
            f"{scores.matched.scores.within_1:.1f} % lie within 1 px."
        )
    for sentence in doubts(judged, job):
        reporter.warning(sentence)


def _write_table(path: Path, judged: JudgedPoints) -> None:
    judged = judged.take(judged.matched)
    numbers = np.column_stack((judged.found, judged.true, judged.off, judged.metres, judged.pixels, judged.sigma))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for identity, row, accepted in zip(judged.ids.tolist(), numbers.tolist(), judged.accepted.tolist()):
            writer.writerow([identity, *("" if np.isnan(each) else f"{each:.15g}" for each in row), int(accepted)])
