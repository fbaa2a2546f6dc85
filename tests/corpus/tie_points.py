"""Tie points that cannot be true, and layers that are none."""

from sarbridge.tests.corpus.case import Case, coregister
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points

CASES = [
    Case(
        "no point at all",
        lambda at: coregister(at, POINTS=write_points(at / "none.gpkg", [])),
        refused="point",
    ),
    Case("true points", lambda at: coregister(at), right=lambda results: results["POINT_COUNT"] == 16),
    Case(
        "rejected points only",
        lambda at: coregister(at, POINTS=write_points(at / "rejected.gpkg", tie_point_rows(wrong=16))),
        refused="point",
    ),
]
