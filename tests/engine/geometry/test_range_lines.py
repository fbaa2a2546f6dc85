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
    fold_over,
    fold_under,
    layover_count,
    local_incidence,
    shadow_depth,
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


@pytest.mark.parametrize("degrees", [25, 38, 50])
def test_an_upright_wall_stands_in_the_middle_between_samples(degrees):
    """Shadow and layover of a box are right to the sample, whatever part of a step is left over."""
    step, height, theta = 0.5, 20.3, math.radians(degrees)
    seen = sight(box(height), angle(degrees), step, wall=5.0)
    dark = shadow_depth(seen, step)[0] > 0
    behind, before = step * (torch.arange(400) - 259.5), step * (199.5 - torch.arange(400))
    assert torch.equal(dark[260:], (behind < height * math.tan(theta))[260:])
    under = fold_over(seen, step)[0] > 0
    assert torch.equal(under[:200], (before < height / math.tan(theta))[:200])
    # The roof lies over the ground before it as far as h cot.
    over = fold_under(seen, step)[0] > 0
    assert torch.equal(over[200:260], (-before < height / math.tan(theta))[200:260])


def test_what_is_no_wall_slopes(terrain):
    """The same sight where no step is as high as a wall."""
    for found, expected in zip(sight(terrain, angle(38), 10.0, wall=1e4), sight(terrain, angle(38), 10.0)):
        assert torch.equal(found, expected)


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
    level = torch.zeros(1, 1)
    assert local_incidence(level, level, growing) == pytest.approx(growing, abs=1e-5)


@pytest.mark.parametrize("slope", [-60, -30, 10, 25, 37])
def test_a_tilted_plane_is_compressed_by_sin_of_the_difference_within_1_in_10000(slope):
    theta, tilt = math.radians(38), math.radians(slope)
    plane = (torch.arange(300) * 10 * math.tan(tilt)).expand(4, -1)
    ratio = math.sin(theta - tilt) / (math.sin(theta) * math.cos(tilt))
    assert distortion(plane, angle(38), 10.0).compression == pytest.approx(ratio, abs=1e-4)
    along = torch.tensor(math.tan(tilt))
    assert float(local_incidence(along, torch.zeros(()), angle(38))) == pytest.approx(theta - tilt, abs=1e-4)
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


@pytest.mark.parametrize("along, across", [(0.4, 0.0), (-0.4, 0.0), (0.0, 0.4), (0.0, -0.4), (0.3, 0.7)])
def test_the_local_incidence_is_the_angle_to_the_normal(along, across):
    theta = math.radians(38)
    normal, to_sensor = np.array([-along, -across, 1]), np.array([-math.sin(theta), 0, math.cos(theta)])
    expected = math.acos(normal @ to_sensor / np.linalg.norm(normal))
    found = local_incidence(torch.tensor(along), torch.tensor(across), angle(38))
    assert float(found) == pytest.approx(expected, abs=1e-5)


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
