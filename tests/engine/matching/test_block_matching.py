"""One block: reasons to reject, windows, batches and what the ORN sees."""

import numpy as np
import pytest
import torch
from rasterio.transform import Affine
from sarbridge.engine.matching.block_matching import BlockMatcher, heat_at
from sarbridge.engine.matching.blocks import read_blocks
from sarbridge.engine.matching.classical import ncc_heat
from sarbridge.engine.matching.matcher import Matcher
from sarbridge.engine.matching.matches import Matches
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.reporting import Reporter

MAX_SHIFT, SPACING = 8, 32
GRID = Grid("", None, 400, 300)


class Scene:
    """A random texture on a plane without end, valid within the grid but for holes (left, top, right, bottom)."""

    def __init__(self, right=0, down=0, holes=()):
        self.right, self.down = right, down
        self.holes = holes
        noise = np.random.default_rng(4).normal(size=(1600, 1600))
        self.values = sum(np.roll(noise, (i, j), (0, 1)) for i in range(3) for j in range(3)).astype(np.float32)

    def valid(self, cols, rows):
        inside = (cols >= 0) & (cols < GRID.width) & (rows >= 0) & (rows < GRID.height)
        for left, top, right, bottom in self.holes:
            inside = inside & ~((cols >= left) & (cols < right) & (rows >= top) & (rows < bottom))
        return inside

    def read(self, window):
        cols = (window.col + np.arange(window.width))[None, :]
        rows = (window.row + np.arange(window.height))[:, None]
        valid = self.valid(cols, rows)
        return np.where(valid, self.values[rows - self.down, cols - self.right], 0).astype(np.float32), valid


class Grey(Matcher):
    """Correlates grey values."""

    def describe(self, sar, optical):
        return sar[None], optical[None]

    def heat(self, templates, searches):
        return ncc_heat(templates[:, 0], searches[:, 0])

    def score(self, height):
        return height.clamp(0, 1)


class FarSighted(Grey):
    """Asks for search windows 24 pixels larger on each side, whatever offsets it is to find."""

    smallest_reach = 24


class SmallTemplates(Grey):
    template_side = 64


def matcher(batch_size=16, reporter=None, **changes):
    settings = {
        "matcher": Grey(),
        "max_shift": MAX_SHIFT,
        "spacing": SPACING,
        "candidates": "grid",
        "goodness": None,
        "goodness_threshold": 0.0,
        "orn": None,
        "orn_threshold": 0.0,
        "match_error": None,
        "largest_sigma": 0.0,
        "device": torch.device("cpu"),
        "batch_size": batch_size,
        "reporter": reporter or Reporter(lambda message: None),
    }
    return BlockMatcher(**settings | changes)


def match(block_matcher, sar, optical, side=192):
    blocks = read_blocks(sar, optical, GRID, side, block_matcher.sar_margin, block_matcher.optical_margin)
    return Matches.joined([block_matcher.match(block, GRID) for block in blocks])


def share_invalid(scene, col, row, half):
    cols, rows = np.arange(col - half, col + half)[None, :], np.arange(row - half, row + half)[:, None]
    return 1 - scene.valid(cols, rows).mean()


def test_planted_shift_is_found_everywhere():
    matches = match(matcher(), Scene(right=5, down=-3), Scene())
    found = matches.reason == ""
    assert found.sum() >= 40
    np.testing.assert_allclose(matches.dx[found], 5, atol=0.05)
    np.testing.assert_allclose(matches.dy[found], -3, atol=0.05)
    assert matches.score[found].min() > 0.9


def test_every_cell_of_the_grid_has_one_candidate():
    matches = match(matcher(), Scene(), Scene())
    cells = list(zip((matches.col // SPACING).tolist(), (matches.row // SPACING).tolist()))
    # Cells whose centre lies beyond the grid have none.
    assert sorted(cells) == [(col, row) for col in range(12) for row in range(9)]


def test_larger_search_windows_find_the_same_offsets():
    near = match(matcher(), Scene(right=5, down=-3), Scene())
    far = match(matcher(matcher=FarSighted()), Scene(right=5, down=-3), Scene())
    assert (far.reason == near.reason).all() and (near.reason == "").sum() >= 40
    np.testing.assert_allclose(far.dx, near.dx, atol=1e-3)
    np.testing.assert_allclose(far.dy, near.dy, atol=1e-3)


def test_as_many_places_are_tried_whatever_the_largest_shift():
    """Offsets that lack data are not looked at; the others are, however far search windows reach over the edge."""
    small, large = (match(matcher(max_shift=shift), Scene(right=5, down=-3), Scene()) for shift in (8, 60))
    assert (small.reason == large.reason).all() and (small.reason == "").sum() >= 40
    np.testing.assert_allclose(large.dx, small.dx, atol=1e-3)


def test_offsets_that_were_not_asked_for_are_not_found():
    """The peak at 20 pixels lies in the search window, but beyond the largest shift."""
    matches = match(matcher(matcher=FarSighted()), Scene(right=20), Scene())
    tried = matches.reason == ""
    assert np.abs(matches.dx[tried]).max(initial=0) < MAX_SHIFT and matches.score[tried].max(initial=0) < 0.7
    found = match(matcher(matcher=FarSighted(), max_shift=24), Scene(right=20), Scene())
    inside = (found.reason == "") & (found.col <= GRID.width - 84)  # where the match lies within the grid
    np.testing.assert_allclose(found.dx[inside], 20, atol=0.05)


def test_a_slope_that_leads_beyond_what_was_searched_is_no_match():
    """Two pixels before the right place no more data is left at the grid's edge, or the largest shift is reached."""
    at_edge = match(matcher(max_shift=24), Scene(right=14), Scene())
    last = (at_edge.col == GRID.width - 64) & (at_edge.row == GRID.height // 2 - 6)
    assert last.sum() == 1 and at_edge.reason[last] == "border" and np.isnan(at_edge.dx[last])
    too_small = match(matcher(max_shift=4), Scene(right=6, down=-3), Scene())
    assert set(too_small.reason) == {"border"}


def test_a_method_chooses_the_size_of_its_templates():
    large, small = (
        match(matcher(matcher=method), Scene(right=5, down=-3), Scene()) for method in (Grey(), SmallTemplates())
    )
    tried = small.reason == ""
    assert tried.sum() > (large.reason == "").sum(), "templates of 64 pixels fit in more places"
    np.testing.assert_allclose(small.dx[tried], 5, atol=0.05)
    np.testing.assert_allclose(small.dy[tried], -3, atol=0.05)


@pytest.mark.parametrize("method", [Grey(), FarSighted(), SmallTemplates()])
def test_reasons(method):
    """Each candidate by direct counting: its template, and those of the SAR image that it could be compared with."""
    sar, optical = Scene(holes=[(150, 100, 260, 160)]), Scene(holes=[(250, 200, 330, 280)])
    matches = match(matcher(matcher=method), sar, optical)
    half, steps = method.template_side // 2, range(-MAX_SHIFT, MAX_SHIFT + 1)
    for col, row, reason, dx in zip(matches.col, matches.row, matches.reason, matches.dx):
        leaves = col < half or row < half or col > GRID.width - half or row > GRID.height - half
        found = share_invalid(optical, col, row, half) <= 0.1 and any(
            share_invalid(sar, col + x, row + y, half) <= 0.1 for x in steps for y in steps
        )
        cross = (0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)
        beside = all(share_invalid(sar, col + x, row + y, half) <= 0.1 for x, y in cross)
        expected = "" if found else "border" if leaves else "nodata"
        # Where the right place, or one beside it, lacks data, the best that was looked at may be a slope at the edge.
        assert reason == expected or (reason == "border" and found and not beside), (col, row)
        assert np.isnan(dx) == (reason != "")
    assert {"", "border", "nodata"} == set(matches.reason)


def test_low_goodness_and_orn(monkeypatch):
    """Below their thresholds both reject, and what was not promising is not even tried."""
    side = 192

    def goodness(image):
        around = 3  # places on every side of the block that are scored as well
        places = side // 32 + 1 + 2 * around
        values = torch.full((1, 1, places, places), 0.9)
        values[..., : around + 3, :] = 0.1
        return values

    def orn(heat):
        assert heat.shape[1:] == (1, 65, 65)
        return torch.linspace(0, 1, len(heat))

    tested = matcher(
        batch_size=1000, candidates="goodness_min", goodness=(goodness, goodness), goodness_threshold=0.5, orn=orn,
        orn_threshold=0.5,
    )  # fmt: skip
    margins = tested.sar_margin, tested.optical_margin
    (block,) = list(read_blocks(Scene(), Scene(), Grid("", None, side, side), side, *margins))
    block = block._replace(sar=filled(block.sar), optical=filled(block.optical))
    matches = tested.match(block, Grid("", None, side, side))
    low = matches.row < 3 * 32
    assert (matches.reason[low] == "low_goodness").all() and np.isnan(matches.score[low]).all()
    assert low.sum() == 18
    np.testing.assert_allclose(matches.score[~low], np.linspace(0, 1, 18), atol=1e-6)
    assert (matches.reason[~low] == np.where(np.linspace(0, 1, 18) < 0.5, "orn", "")).all()


def test_what_predicts_errors_rejects_above_the_largest():
    """It sees 33 cells around the peak at every reach; an error that is no number passes no threshold."""

    def errors(heat):
        assert heat.shape[1:] == (1, 33, 33)
        assert (heat[:, 0, 16, 16] == heat.flatten(1).amax(1)).all()
        return torch.cat((torch.full((1,), torch.nan), torch.linspace(0, 2, len(heat) - 1)))

    found = {}
    for shift in (MAX_SHIFT, 24):
        tested = matcher(batch_size=1000, match_error=errors, largest_sigma=1.0, max_shift=shift)
        found[shift] = match(tested, Scene(right=5, down=-3), Scene(), side=512)
    matches = found[MAX_SHIFT]
    tried = np.flatnonzero(~np.isnan(matches.dx))
    expected = [np.nan, *np.linspace(0, 2, len(tried) - 1)]
    np.testing.assert_allclose(matches.sigma[tried], expected, atol=1e-6)
    assert (matches.reason[tried] == np.where(np.array(expected) <= 1, "", "sigma")).all()
    assert (found[24].reason == matches.reason).all()


def test_the_slope_of_a_peak_that_was_not_searched_is_no_match_where_errors_are_predicted():
    """The right place lies 2 pixels beyond the largest shift: the heat is known there, though not searched."""
    matches = match(
        matcher(match_error=lambda heat: torch.zeros(len(heat)), largest_sigma=1.0, max_shift=4),
        Scene(right=6, down=-3),
        Scene(),
    )
    assert set(matches.reason) == {"border"}


def test_matches_without_the_move():
    """Each lies where its own georeferencing puts it, and is the whole way from where it belongs."""
    moved = Affine.translation(300, -50) * Affine.rotation(7) * Affine.scale(0.93)
    part = np.array([[10.0, 200.0], [20.0, 110.0]])
    rest = {name: np.zeros(2) for name in ("score", "peak_ratio", "sigma")}
    matches = Matches(
        *part, dx=np.array([1.5, np.nan]), dy=np.array([-0.5, np.nan]), **rest, reason=np.array(["", "orn"])
    )
    alone = matches.without(moved)
    np.testing.assert_allclose(moved * (alone.col, alone.row), part, atol=1e-9)
    belongs = alone.col[0] + alone.dx[0], alone.row[0] + alone.dy[0]
    np.testing.assert_allclose(belongs, (11.5, 19.5), atol=1e-9)
    assert np.isnan(alone.dx[1]) and np.isnan(alone.dy[1])
    assert alone.reason is matches.reason


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_scores_that_are_no_number_pass_no_threshold(threshold):
    """Neither those of an ORN, nor those of a matcher without one."""

    def orn(heat):
        return torch.full((len(heat),), torch.nan)

    class Lost(Grey):
        def score(self, height):
            return torch.full_like(height, torch.nan)

    for unsure in (matcher(orn=orn, orn_threshold=threshold), matcher(matcher=Lost())):
        matches = match(unsure, Scene(5, -3), Scene())
        assert set(matches.reason) == {"orn", "border"} and np.isnan(matches.score).all()


def test_goodness_that_is_no_number_passes_no_threshold():
    def goodness(image):
        return torch.full((1, 1, image.shape[2] // 32 - 3, image.shape[3] // 32 - 3), torch.nan)

    tested = matcher(candidates="goodness_min", goodness=(goodness, goodness))
    assert set(match(tested, Scene(5, -3), Scene()).reason) <= {"low_goodness"}


def filled(area):
    return area._replace(valid=torch.ones_like(area.valid))


def test_halved_batches_are_remembered_from_block_to_block():
    sent, sizes = [], []

    class SmallMemory(Grey):
        def heat(self, templates, searches):
            sizes.append(len(templates))
            if len(templates) > 4:
                raise torch.cuda.OutOfMemoryError("made up")
            return super().heat(templates, searches)

    plenty = match(matcher(), Scene(5, -3), Scene())
    matches = match(matcher(16, Reporter(sent.append), matcher=SmallMemory()), Scene(5, -3), Scene())
    np.testing.assert_allclose(matches.dx, plenty.dx, atol=1e-4)
    assert sizes.count(16) == sizes.count(8) == 1
    assert len([message for message in sent if message["kind"] == "message"]) == 2


def test_heat_maps_are_those_of_the_offsets_asked_for():
    """A matcher that returns positions instead of heights."""

    class Ruler(FarSighted):
        def heat(self, templates, searches):
            assert templates.shape[2:] == (128, 128) and searches.shape[2:] == (176, 176)
            offsets = torch.arange(-24.0, 25)
            return (100 * offsets[:, None] + offsets).repeat(len(templates), 1, 1)

    features, centres = (torch.zeros(1, 200, 200),) * 2, (torch.tensor([[100, 100], [96, 104]]),) * 2
    heat = heat_at(Ruler(), features, centres, max_shift=8)
    assert heat.shape == (2, 17, 17)
    assert heat[0, 0, 0] == -808 and heat[1, 8, 8] == 0 and heat[1, 16, 0] == 792


def test_no_blocks_no_matches():
    matches = Matches.joined([])
    assert len(matches.col) == len(matches.reason) == 0
