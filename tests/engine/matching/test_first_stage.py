"""What the second stage of matching begins with."""

import pytest
import torch
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.engine.matching import first_stage as module
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.first_stage import FINE_REACH, FirstStage, first_stage
from sarbridge.engine.matching.working_grid import laid_over
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.reporting import Reporter
from sarbridge.tests.engine.matching.misplaced_pairs import largest_error, misplaced, texture
from sarbridge.tests.tiny_bundle import tiny_bridge_match

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE = 448
CPU = torch.device("cpu")


def run(folder, error, optical, max_shift, matcher=None, **asked):
    """Return (the first stage, its largest error, what was told)."""
    sar, optical, grid = misplaced(folder, error, texture(SIDE), optical)
    job = MatchTiePointsJob(sar.source, optical.source, model="tiny", max_shift=max_shift, **asked)
    told = []
    matcher = matcher or BridgeMatcher(tiny_bridge_match(), CPU)
    with torch.inference_mode():
        first = first_stage(job, sar, optical, grid, matcher, CPU, Reporter(told.append))
    return first, largest_error(first.transform, error, grid, SIDE), told


def test_where_images_may_be_off_by_little_there_is_none(tmp_path):
    first, _, told = run(tmp_path, Affine.translation(5, 5), texture(SIDE), FINE_REACH)
    assert first == FirstStage(Affine.identity(), False, FINE_REACH, "") and told == []


@pytest.mark.parametrize("by", ["its own network", "the shipped one"])
def test_what_was_found_is_said_and_windows_look_around_it(tmp_path, monkeypatch, by):
    matcher = None
    if by == "the shipped one":
        matcher = NccMatcher()
        monkeypatch.setattr(module, "load_model", lambda path, task: (None, {"match": tiny_bridge_match()}))
    first, missed, told = run(tmp_path, Affine.translation(40, -20), texture(SIDE), 64, matcher)
    assert first.found and first.reach == FINE_REACH and missed < 2
    [message] = told
    assert message["text"] == first.sentence and message["level"] == "info"
    assert first.sentence.startswith("First stage: ") and "templates at pixels of 20 m agree that" in first.sentence


def test_where_nothing_was_found_the_reason_is_a_warning_and_windows_look_farther(tmp_path):
    first, _, told = run(tmp_path, Affine.identity(), texture(SIDE, seed=5), 32)
    assert not first.found and first.transform == Affine.identity() and FINE_REACH < first.reach <= 32
    [message] = told
    assert message["text"] == first.sentence and message["level"] == "warning"
    assert "'sar' and 'optical' could not be laid over each other as a whole: the images show too" in first.sentence


def test_where_nothing_was_found_points_that_nothing_tests_are_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be aligned: the images show too little in common"):
        run(tmp_path, Affine.identity(), texture(SIDE, seed=5), 32, refuse_chance=True, outlier_test="none")


def test_a_part_of_the_grid_has_the_same_transform_in_its_own_pixels():
    lattice = Affine(10, 0, 500_000, 0, -10, 5_500_000)
    whole, part = Grid("", lattice, 500, 400), Grid("", lattice * Affine.translation(120, 30), 100, 90)
    first = FirstStage(Affine.translation(7, 8) * Affine.rotation(5), True, FINE_REACH, "")
    col, row = first.transform * (130, 50)
    assert first.in_pixels_of(part, whole) * (10, 20) == pytest.approx((col - 120, row - 30))


def test_the_moved_image_is_read_from_where_it_lies():
    grid = Grid("", Affine(10, 0, 500_000, 0, -10, 5_500_000), 100, 90)
    moved = Affine.translation(30, -5)
    assert laid_over(grid, moved).transform * (0, 0) == pytest.approx(grid.transform * (-30, 5))
