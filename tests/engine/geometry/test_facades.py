"""Walls and their layover, against boxes whose shadows and layover are known by formula."""

import math

import pytest
import torch
from sarbridge.engine.geometry.facades import STOREY, facades, folds
from sarbridge.engine.geometry.facades import layover as layover_of_folds
from sarbridge.engine.geometry.range_lines import is_shadowed, sight

STEP = 0.05
FRONT, BACK = 60.0, 100.0  # metres along the line
HEIGHT = 12.0


def positions(length=160.0):
    return torch.arange(0, length, STEP, dtype=torch.float64)


def box(height=HEIGHT, front=FRONT, back=BACK):
    x = positions()
    return torch.where((x >= front) & (x < back), height, 0.0)[None]


def layover(height, bare, incidence, step):
    return layover_of_folds(folds(sight(height, incidence, step), bare, incidence, step))


def angle(degrees):
    return torch.tensor(math.radians(degrees), dtype=torch.float64)


def extent(flags):
    """Return (first, last) position of the flagged samples of one line, which must be one run."""
    at = flags[0].nonzero().ravel()
    assert len(at) == at[-1] - at[0] + 1
    return at[0].item() * STEP, at[-1].item() * STEP


@pytest.mark.parametrize("incidence", [25, 38, 49.9])
def test_facade_layover_lies_in_front_of_a_box_over_h_cot_incidence_within_two_steps(incidence):
    facade_layover, other = layover(box(), None, angle(incidence), STEP)
    begin, end = extent(facade_layover)
    assert begin == pytest.approx(FRONT - HEIGHT / math.tan(math.radians(incidence)), abs=2 * STEP)
    assert end == pytest.approx(FRONT, abs=2 * STEP)  # the roof, which is the highest, is not façade layover
    assert not other.any()


def test_a_box_narrower_than_its_layover_covers_as_much_ground():
    """A tower's wall alone lies over h cot(incidence) of ground, however small its roof is."""
    facade_layover, _ = layover(box(back=FRONT + 3), None, angle(38), STEP)
    assert extent(facade_layover)[0] == pytest.approx(FRONT - HEIGHT / math.tan(math.radians(38)), abs=2 * STEP)


def test_the_highest_of_one_slant_range_found_by_brute_force():
    """Against the published rule: of the cells in one SAR pixel all but the highest are façade layover."""
    generator = torch.Generator().manual_seed(3)
    blocks = (torch.rand(6, 32, generator=generator, dtype=torch.float64) > 0.7) * 9.0
    height = blocks.repeat_interleave(20, 1)
    step, incidence = 0.5, angle(42)
    flagged, _ = layover(height, None, incidence, step)
    seen = sight(height, incidence, step).slant_range
    x = torch.arange(height.shape[1]) * step
    differing = 0
    for line in range(len(height)):
        for i in range(height.shape[1]):
            # every other place of the polyline that has the slant range of sample i
            others = seen[line] - seen[line, i]
            crossing = (others[:-1] * others[1:] < 0).nonzero().ravel()
            share = others[crossing] / (others[crossing] - others[crossing + 1])
            heights = height[line, crossing] + share * (height[line, crossing + 1] - height[line, crossing])
            expected = bool((heights > height[line, i] + 1e-6).any())
            # The line ends: what would lie over its last metres is not there to be crossed.
            if x[i] < x[-1] - 12:
                differing += expected != bool(flagged[line, i])
    assert differing == 0


def test_shadow_and_occlusion_of_a_box():
    """h tan(incidence) behind it: radar shadow, optical occlusion away from the satellite, shade of the sun."""
    for degrees in (49.9, 14.5, 60):
        begin, end = extent(is_shadowed(sight(box(), angle(degrees), STEP), STEP))
        assert begin == pytest.approx(BACK, abs=2 * STEP)
        assert end == pytest.approx(BACK + HEIGHT * math.tan(math.radians(degrees)), abs=2 * STEP)


def test_looking_straight_down_nothing_is_occluded():
    assert not is_shadowed(sight(box(), angle(0), STEP), STEP).any()


def test_layover_of_a_slope_is_not_that_of_the_house_on_it():
    """A steep slope lies over with and without the house; only what the house adds is façade layover."""
    x = positions()
    slope = ((x - 40) * 2).clamp(0, 40)  # 63° towards the sensor, from 40 to 60 m
    house = torch.where((x >= 80) & (x < 95), 10.0, 0.0)
    facade_layover, other = layover((slope + house)[None], slope[None], angle(38), STEP)
    of_slope, _ = layover(slope[None], None, angle(38), STEP)
    assert torch.equal(other, of_slope & other) and other.any()
    begin, end = extent(facade_layover & (x > 60)[None])
    assert begin == pytest.approx(80 - 10 / math.tan(math.radians(38)), abs=2 * STEP)
    assert end == pytest.approx(80, abs=2 * STEP)
    assert not (facade_layover & other).any()


def test_bare_ground_under_footprints_is_filled_along_the_line():
    """Without a terrain model the ground under a building is interpolated between its two sides."""
    x = positions()
    bare = torch.where((x >= FRONT) & (x < BACK), torch.nan, 0.0)[None]
    facade_layover, other = layover(box(), bare, angle(38), STEP)
    assert torch.equal(facade_layover, layover(box(), None, angle(38), STEP)[0])
    assert not other.any()


def test_facades_are_the_edge_cells_of_a_box():
    height = torch.zeros(12, 12)
    height[3:8, 4:9] = 6.0
    expected = torch.zeros(12, 12, dtype=torch.bool)
    expected[3:8, 4:9] = True
    expected[4:7, 5:8] = False
    everywhere = torch.ones_like(expected)
    assert torch.equal(facades(height, everywhere, (1.0, 1.0)), expected)
    assert not facades(height, ~everywhere, (1.0, 1.0)).any()


def test_facades_need_a_storey_and_more_than_45_degrees():
    height = torch.zeros(5, 6)
    height[:, 3:] = STOREY + 0.1
    everywhere = torch.ones_like(height, dtype=torch.bool)
    assert facades(height, everywhere, (1.0, 1.0)).sum() == 5
    assert not facades(height - 0.2 * (height > 0), everywhere, (1.0, 1.0)).any()
    assert not facades(height, everywhere, (10.0, 1.0)).any()  # the same step over 10 m is a slope


def test_no_wall_stands_against_unknown_ground():
    height = torch.full((3, 4), 20.0)
    height[:, 2] = torch.nan
    assert not facades(height, torch.ones(3, 4, dtype=torch.bool), (1.0, 1.0)).any()
