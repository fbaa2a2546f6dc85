"""Range lines against algebra and against plain numpy, line by line."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.geometry.range_lines import (
    ACTIVE_LAYOVER,
    ACTIVE_SHADOW,
    FORESHORTENING,
    LAYOVER,
    NO_DATA,
    PASSIVE_LAYOVER,
    PASSIVE_SHADOW,
    SHADOW,
    distortion,
    fill_gaps,
    layover_count,
    local_incidence,
    sight,
    spread,
    zones,
)
from sarbridge.tests.engine.geometry import range_line_reference as reference

HALF = 0.5


def angle(degrees):
    return torch.tensor([[math.radians(degrees)]])


def box(height, first=200, last=260, length=400):
    """A line with samples `first` to `last` (exclusive) on a flat roof."""
    line = torch.zeros(1, length)
    line[:, first:last] = height
    return line


def metres(mask, bits, step):
    return step * int(((mask & bits) > 0).sum())


@pytest.fixture
def terrain():
    """40 rough lines [40, 500], metres, for steps of 10 m: slopes of all signs, a third of them steep."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(40, 500, generator=generator).cumsum(1) * torch.linspace(0.5, 20, 40)[:, None] + 300


@pytest.mark.parametrize("degrees", [20, 38, 55])
def test_zones_are_those_of_plain_numpy(terrain, degrees):
    """The same in all but 1 of 10,000 samples: those where rounding decides between two zones."""
    found = zones(terrain, angle(degrees), 10.0, HALF).numpy()
    expected = reference.zones(terrain.numpy(), math.radians(degrees), 10.0, HALF)
    assert (found != expected).mean() < 1e-4
    assert all((found & bit).any() for bit in (1, 2, 4, 8, 16))


@pytest.mark.parametrize("degrees", [25, 40])
def test_the_layover_count_is_that_of_counted_pieces(terrain, degrees):
    """Within 2 % where the ground is cut into 2,000 pieces a step; the rest lies on the border of two cells."""
    found = layover_count(terrain[:20], angle(degrees), 10.0).numpy()
    expected = reference.layover_count(terrain[:20].numpy(), math.radians(degrees), 10.0)
    agrees = np.abs(found - expected) < 0.02 * expected
    assert agrees[:, 50:-50].mean() > 0.99
    assert expected.max() > 5


@pytest.mark.parametrize("degrees", [25, 38, 50])
def test_a_box_is_laid_over_by_h_cot_and_throws_a_shadow_of_h_tan_within_a_sample(degrees):
    step, height = 0.5, 20.0
    mask = zones(box(height), angle(degrees), step, HALF)[0]
    theta = math.radians(degrees)
    before, roof, behind = mask[:200], mask[200:260], mask[260:]
    assert metres(before, LAYOVER, step) == pytest.approx(height / math.tan(theta), abs=step)
    assert (before & LAYOVER > 0).nonzero().flatten().diff().eq(1).all()
    assert before[-2] == PASSIVE_LAYOVER
    on_roof = min(height / math.tan(theta), 60 * step)
    assert metres(roof, LAYOVER, step) == pytest.approx(on_roof, abs=step)
    assert before[-1] == roof[0] == ACTIVE_LAYOVER  # the foot and the top of the wall
    assert metres(behind, SHADOW, step) == pytest.approx(height * math.tan(theta), abs=step)
    assert roof[-1] & ACTIVE_SHADOW and behind[0] & ACTIVE_SHADOW and behind[1] & SHADOW == PASSIVE_SHADOW
    assert (mask & FORESHORTENING == 0).all()


def test_a_low_box_on_a_plain_leaves_the_rest_alone():
    mask = zones(box(3.0), angle(40), 1.0, HALF)[0]
    assert mask[:190].eq(0).all() and mask[270:].eq(0).all()


@pytest.mark.parametrize("level", [0, 2345.67])
@pytest.mark.parametrize("degrees", [10, 38, 80])
def test_a_flat_plane_has_no_zone_at_all_and_counts_1(level, degrees):
    flat = torch.full((3, 5000), level)
    assert zones(flat, angle(degrees), 0.5, HALF).eq(0).all()
    assert layover_count(flat, angle(degrees), 0.5) == pytest.approx(1, abs=1e-3)


def test_a_flat_plane_has_no_zone_where_the_incidence_grows():
    growing = torch.linspace(math.radians(29), math.radians(46), 4000)[None]
    flat = torch.full((2, 4000), 812.5)
    assert zones(flat, growing, 30.0, HALF).eq(0).all()
    assert layover_count(flat, growing, 30.0) == pytest.approx(1, abs=1e-3)
    assert local_incidence(flat, growing, 30.0) == pytest.approx(growing.expand(2, -1), abs=1e-5)


@pytest.mark.parametrize("slope", [-60, -30, 10, 25, 37])
def test_a_tilted_plane_is_compressed_by_sin_of_the_difference_within_1_in_10000(slope):
    theta, tilt = math.radians(38), math.radians(slope)
    plane = (torch.arange(300) * 10 * math.tan(tilt)).expand(4, -1)
    ratio = math.sin(theta - tilt) / (math.sin(theta) * math.cos(tilt))
    assert distortion(plane, angle(38), 10.0).compression == pytest.approx(ratio, abs=1e-4)
    assert local_incidence(plane, angle(38), 10.0) == pytest.approx(theta - tilt, abs=1e-4)
    assert layover_count(plane, angle(38), 10.0)[:, 150] == pytest.approx(1 / ratio, rel=0.02)
    expected = FORESHORTENING if ratio < HALF else SHADOW if slope == -60 else 0
    assert ((zones(plane, angle(38), 10.0, HALF)[:, 1:] & ~SHADOW) | (expected & SHADOW)).eq(expected).all()


def test_slopes_that_meet_the_line_of_sight_go_from_foreshortened_to_laid_over_and_from_lit_to_shadow():
    """At 38°: layover from 38° of slope on, shadow from 52° on, both within half a degree; half is lost at 21.3°."""
    for slope, bit, expected in (
        (20.8, FORESHORTENING, False),
        (21.8, FORESHORTENING, True),
        (37.5, ACTIVE_LAYOVER, False),
        (38.5, ACTIVE_LAYOVER, True),
        (-51.5, ACTIVE_SHADOW, False),
        (-52.5, ACTIVE_SHADOW, True),
    ):
        plane = (torch.arange(50) * 10 * math.tan(math.radians(slope)))[None]
        assert (zones(plane, angle(38), 10.0, HALF)[0, 1:] & bit > 0).eq(expected).all(), slope


def test_the_faces_of_a_pyramid_have_the_local_incidence_of_their_normals_within_a_hundredth_of_a_degree():
    theta, slope = math.radians(38), 0.4
    axis = (torch.arange(101) - 50.0).abs()
    pyramid = slope * (50 - torch.maximum(axis[:, None], axis[None])) * 5.0
    found = local_incidence(pyramid, angle(38), 5.0)
    norm = math.hypot(1, slope)
    for place, cosine in (
        ((50, 20), (math.cos(theta) + slope * math.sin(theta)) / norm),  # faces the sensor
        ((50, 80), (math.cos(theta) - slope * math.sin(theta)) / norm),
        ((20, 50), math.cos(theta) / norm),
        ((80, 50), math.cos(theta) / norm),
    ):
        assert math.degrees(float(found[place])) == pytest.approx(math.degrees(math.acos(cosine)), abs=0.01)


def test_a_ridge_is_laid_over_by_h_cot_before_its_crest_and_throws_a_shadow_of_h_tan_behind_it_within_2_samples():
    """A ridge of 100 m, 70 m wide on each side (55°): steeper than both the rays of 38° and their shadow."""
    step, height, half_width = 1.0, 100.0, 70
    line = height * (1 - (torch.arange(800) - 400.0).abs() / half_width).clamp_min(0)[None]
    mask = zones(line, angle(38), step, HALF)[0]
    theta = math.radians(38)
    assert mask[400 - half_width + 1 : 400].eq(ACTIVE_LAYOVER).all()
    laid_over = (mask & LAYOVER > 0).nonzero().flatten()
    assert 400 - int(laid_over[0]) == pytest.approx(height / math.tan(theta), abs=2)
    assert (mask[401 : 400 + half_width] & ACTIVE_SHADOW > 0).all()
    dark = (mask & SHADOW > 0).nonzero().flatten()
    assert int(dark[-1]) - 400 == pytest.approx(height * math.tan(theta), abs=2)
    # Behind the crest, layover ends where the slope is as far from the sensor as the ridge's near foot.
    down = (height * math.cos(theta) - half_width * math.sin(theta)) / (
        math.sin(theta) + height / half_width * math.cos(theta)
    )
    assert int(laid_over[-1]) - 400 == pytest.approx(down, abs=2)


def test_a_tower_of_one_sample_is_laid_over_and_throws_its_shadow_within_a_sample():
    step, height = 1.0, 15.0
    mask = zones(box(height, 200, 201), angle(45), step, HALF)[0]
    assert metres(mask[:200], LAYOVER, step) == pytest.approx(height, abs=step)
    assert metres(mask[201:], SHADOW, step) == pytest.approx(height, abs=step)
    assert mask[199] == ACTIVE_LAYOVER and mask[200] == PASSIVE_LAYOVER and mask[201] == ACTIVE_SHADOW


def test_holes_are_no_data_and_change_nothing_around_them():
    flat = torch.full((2, 100), 1500.0)
    flat[:, 40:50] = torch.nan
    flat[0, :5] = flat[0, 95:] = torch.nan
    mask = zones(flat, angle(38), 10.0, HALF)
    assert torch.equal(mask == NO_DATA, ~torch.isfinite(flat))
    assert mask[mask != NO_DATA].eq(0).all()


def test_gaps_are_filled_linearly_and_from_the_nearest_at_the_ends():
    nan = torch.nan
    lines = torch.tensor([[nan, 1, nan, nan, 4, nan], [nan] * 6, [0, 1, 2, 3, 4, 5.0], [nan] * 6])
    between, last = [0.5, 1, 2, 3, 4, 4.5], [0, 1, 2, 3, 4, 5]
    assert torch.equal(fill_gaps(lines), torch.tensor([[1, 1, 2, 3, 4, 4], between, last, last]))
    assert torch.equal(fill_gaps(lines[1::2]), torch.zeros(2, 6))


def test_sight_has_the_slant_range_and_the_look_height_of_every_place(terrain):
    """Within a centimetre of 5 km."""
    theta = math.radians(33)
    seen = sight(terrain, angle(33), 10.0)
    distance, height = torch.arange(500) * 10.0, terrain - terrain[:, :1]
    assert seen.slant_range == pytest.approx(distance * math.sin(theta) - height * math.cos(theta), abs=0.01)
    assert seen.look_height == pytest.approx(distance * math.cos(theta) + height * math.sin(theta), abs=0.01)


def test_spread_keeps_all_mass_within_1_in_a_million():
    generator = torch.Generator().manual_seed(1)
    start, end = torch.rand(2, 6, 300, generator=generator) * 90 + 5
    mass = torch.rand(6, 300, generator=generator)
    found = spread(start, end, mass, 100, 1.0)
    assert found.sum(1) == pytest.approx(mass.sum(1), rel=1e-6)
    assert found.min() > -1e-5


def test_spread_fills_bins_by_the_share_of_the_segment_in_them():
    """A segment from 0.5 to 3, backwards, and a wall that is met all at once at 4.25."""
    found = spread(torch.tensor([[3.0, 4.25]]), torch.tensor([[0.5, 4.25]]), torch.tensor([[5.0, 7.0]]), 6, 1.0)
    assert found[0] == pytest.approx(torch.tensor([1.0, 2.0, 2.0, 0.0, 7.0, 0.0]), abs=0.01)
