"""Jobs of evaluating tie points: what is judged and what is true are each said once, and cross the pipe unchanged."""

import json
from dataclasses import replace

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.contract.jobs import from_json, to_json
from sarbridge.contract.match_evaluation_jobs import IDENTITY, EvaluateMatchingJob, PointSource
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource

ROW = ("7", 1.0, 2.0, 3.0, 4.0, True, 0.3)
POINTS = PointSource("points", "EPSG:32633", "EPSG:4326", (ROW, ("8", None, None, 3.0, 4.0, False, None)), 10.0)
MATCHING = MatchTiePointsJob(*(RasterSource(name, f"/{name}.tif", "EPSG:32633") for name in "ab"), method="ncc")


@pytest.mark.parametrize(
    "entries, sentence",
    [
        ({"transform": IDENTITY}, "Choose what is judged: tie points"),
        ({"points": POINTS, "matching": MATCHING, "transform": IDENTITY}, "one of the two"),
        ({"points": POINTS, "transform": IDENTITY, "checks": POINTS}, "Choose what is true: .* not both"),
        ({"points": POINTS}, "Nothing says where the points of layer 'points' belong"),
        ({"points": POINTS, "transform": (1.0, 0.0)}, "six finite numbers"),
        ({"points": POINTS, "transform": (1.0, 0.0, float("nan"), 0.0, 1.0, 0.0)}, "six finite numbers"),
        ({"points": POINTS, "transform": (1.0, 2.0, 5.0, 2.0, 4.0, 7.0)}, "1, 2, 2, 4.* cannot be inverted"),
        ({"points": POINTS, "transform": (0.0, 0.0, 5.0, 0.0, 0.0, 7.0)}, "cannot be inverted"),
        ({"matching": MATCHING, "transform": IDENTITY, "checks": POINTS}, "not both"),
        ({"matching": replace(MATCHING, max_shift=300)}, "up to 300 working pixels cannot be planted: .* 256 or less"),
    ],
)
def test_what_cannot_be_judged(entries, sentence):
    with pytest.raises(UserError, match=sentence):
        EvaluateMatchingJob(**entries)


def test_points_of_unknown_pixels_or_place():
    with pytest.raises(UserError, match="'points' does not tell in which pixels .*PIXEL_SIZE"):
        EvaluateMatchingJob(points=PointSource("points", "EPSG:32633", "EPSG:4326", (ROW,)), transform=IDENTITY)
    with pytest.raises(UserError, match="'points' has no coordinate reference system"):
        PointSource("points", "", "EPSG:4326", (ROW,), 10.0)


def test_what_is_planted():
    assert EvaluateMatchingJob(matching=MATCHING).is_planted
    assert not EvaluateMatchingJob(matching=replace(MATCHING, max_shift=300), checks=POINTS).is_planted
    assert not EvaluateMatchingJob(points=POINTS, transform=IDENTITY).is_planted


@pytest.mark.parametrize("entries", [{"points": POINTS, "checks": POINTS}, {"matching": MATCHING}])
def test_jobs_cross_the_pipe(entries):
    job = EvaluateMatchingJob(**entries, table="t.csv")
    assert from_json(json.loads(json.dumps(to_json(job)))) == job
