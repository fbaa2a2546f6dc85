"""The report of an evaluation of tie points: how many are how far off, and where."""

from pathlib import Path

import numpy as np

from ...contract.match_evaluation_jobs import EvaluateMatchingJob
from ...contract.matching_jobs import LEARNED_METHODS, METHODS
from ...contract.report_page import (
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ...contract.tie_points import WITHIN_SIGMA
from .error_figures import distribution, error_map, target
from .judged_points import JudgedPoints
from .match_figures import MOST_ARROWS
from .match_scores import Errors, MatchScores, doubts

_LISTED = 10

_HOW_SCORES = (
    "An error is the distance of the SAR position that was found from the true one. mAP is the mean, over thresholds "
    "of 1 to 32 px, of the standard deviation of the errors below the threshold (L. H. Hughes, “Deep Learning for "
    "Matching High-Resolution SAR and Optical Imagery”, dissertation, Technische Universität München, 2020, §5.1.3): "
    "a precision, smaller is better."
)
_HOW_SIGMA = (
    "The predicted error of a point (sigma) is that of each axis. Where predictions are true, these shares of the "
    "accepted points are off by less; more would mean that predictions are too large, fewer that they are too small."
)


def write_evaluation_report(path: Path, job: EvaluateMatchingJob, judged: JudgedPoints, scores: MatchScores) -> None:
    """Write the page to `path`."""
    html = page(
        "Evaluation of tie points",
        f"{_judged_name(job)}, against {_truth(job)}",
        _summary(scores),
        *map(notice, doubts(judged, job)),
        *_pictures(judged.take(judged.matched)),
        section("Scores", paragraph(_HOW_SCORES), _score_table(scores)),
        *_sigma(scores),
        *_largest(judged.take(judged.matched & judged.accepted)),
        section("Settings", properties(_settings(job, judged))),
        chapter="evaluatematching",
    )
    path.write_text(html, encoding="utf-8")


def _judged_name(job: EvaluateMatchingJob) -> str:
    if job.points:
        return job.points.name
    return f"{METHODS[job.matching.method]} on {job.matching.sar.name} and {job.matching.optical.name}"


def _truth(job: EvaluateMatchingJob) -> str:
    if job.checks:
        return f"check points {job.checks.name}"
    return "a known transform" if job.transform else "planted offsets"


def _summary(scores: MatchScores) -> str:
    errors = scores.accepted
    if errors is None:
        return key_figures([("Accepted points", "0", "")])
    return key_figures(
        [
            ("Within 1 px", number(errors.scores.within_1, "%", 1), f"of {errors.scores.count:,} accepted points"),
            ("Within 3 px", number(errors.scores.within_3, "%", 1), ""),
            ("Mean error", number(errors.scores.mean, "px"), number(errors.mean_metres, "m")),
            ("Median error", number(errors.median, "px"), number(errors.median_metres, "m")),
            ("mAP", number(errors.scores.map, "px"), "spread of the errors below 1 to 32 px"),
            ("Share kept", number(scores.share_kept, "%", 1), "accepted points of all places that were tried"),
        ]
    )


def _pictures(judged: JudgedPoints) -> list[str]:
    if not len(judged.ids):
        return []
    sections = [
        section(
            "Errors",
            picture(
                distribution(judged),
                "Histogram of the errors, and share of the points within each threshold.",
                "Left: how many points are how far off. Right: the share of the points within a threshold.",
            ),
        )
    ]
    accepted = judged.take(judged.accepted)
    if len(accepted.ids):
        png, factor = error_map(accepted)
        part = f" A random {MOST_ARROWS} of them are drawn." if len(accepted.ids) > MOST_ARROWS else ""
        left = picture(
            png,
            f"Arrows from true to found positions, {factor} times their length.",
            f"From the true to the found SAR position; arrows are {factor} × their length.{part} Arrows in all "
            "directions are noise; neighbours that agree show that the truth, or the image, is bent there.",
        )
        right = picture(
            target(accepted),
            "Errors around the true positions.",
            "Errors as seen from the true positions, with circles of 1 and 3 px. A cloud beside the middle is an error "
            "that all share.",
        )
        sections.append(section("Where accepted points are off", side_by_side(left, right)))
    return sections


def _score_table(scores: MatchScores) -> str:
    header = ("Points", "number", "≤ 1 px %", "≤ 3 px %", "mean px", "median px", "mAP px", "mean m", "median m")
    rows = [
        (name, *_score_cells(errors))
        for name, errors in (
            ("Accepted", scores.accepted),
            ("Rejected, although a match was found", scores.rejected),
            ("All that were matched", scores.matched),
        )
        if errors
    ]
    return table((*header, "mean east m", "mean north m"), rows, numeric=range(1, 11))


def _score_cells(errors: Errors) -> tuple[str, ...]:
    scores = errors.scores
    shares = (number(each, digits=1) for each in (scores.within_1, scores.within_3))
    lengths = (scores.mean, errors.median, scores.map, errors.mean_metres, errors.median_metres)
    return f"{scores.count:,}", *shares, *map(number, (*lengths, *errors.mean_off))


def _sigma(scores: MatchScores) -> list[str]:
    if not scores.within_sigma:
        return []
    rows = [
        (f"{times:g} × sigma", number(100 * expected, "%", 1), number(scores.within_sigma[times], "%", 1))
        for times, expected in WITHIN_SIGMA.items()
    ]
    shares = table(("Off by less than", "if true", "found"), rows, numeric=(1, 2))
    return [section("Predicted errors", paragraph(_HOW_SIGMA), shares)]


def _largest(accepted: JudgedPoints) -> list[str]:
    if not len(accepted.ids):
        return []
    order = np.argsort(-accepted.metres, kind="stable")[:_LISTED]
    rows = [(accepted.ids[i], *map(number, (accepted.pixels[i], accepted.metres[i], *accepted.off[i]))) for i in order]
    return [section("Largest errors", table(("Point (id)", "px", "m", "east m", "north m"), rows, numeric=range(1, 5)))]


def _settings(job: EvaluateMatchingJob, judged: JudgedPoints) -> dict[str, str]:
    settings = {"Judged": _judged_name(job), "Truth": _truth(job)}
    if job.transform:
        a, b, c, d, e, f = (f"{each:.10g}" for each in job.transform)
        settings["True transform, optical to SAR"] = f"x' = {a} x + {b} y + {c}; y' = {d} x + {e} y + {f}"
    if job.checks:
        settings["Check points"] = f"{len(job.checks.rows)}, each for points within {job.reach:g} working pixels"
    settings["Working pixel"] = f"{judged.pixel_size:.6g} m"
    if job.matching:
        settings |= {
            "SAR layer": job.matching.sar.name,
            "Optical layer": job.matching.optical.name,
            "Model file": job.matching.model if job.matching.method in LEARNED_METHODS else "none",
            "Largest shift": f"{job.matching.max_shift} working pixels",
            "Spacing": f"{job.matching.spacing} working pixels",
        }
    return settings
