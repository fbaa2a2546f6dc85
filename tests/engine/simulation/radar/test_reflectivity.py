"""What changes from town to town."""

import math
from dataclasses import fields, replace

import pytest
import torch
from sarbridge.engine.simulation.line_of_sight import Lines
from sarbridge.engine.simulation.radar.echoes import echoes, on_lines
from sarbridge.engine.simulation.radar.reflectivity import BRIGHT, RANGES, Reflectivity
from sarbridge.engine.simulation.radar.slant_range import RadarGrid
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface

QUIET = replace(BRIGHT, facade=-60.0, corner=-60.0, point=-60.0)


def house(side=80):
    """A box of 12 m, 30 m by 30 m, whose western wall looks at the sensor."""
    terrain, cover = torch.zeros(side, side), torch.full((side, side), Cover.GRASS, dtype=torch.uint8)
    building = torch.zeros(side, side, dtype=torch.int32)
    building[25:55, 25:55], cover[25:55, 25:55] = 1, Cover.ROOF
    return Surface(1.0, terrain, terrain + 12.0 * building, cover, building, torch.tensor([0.0, 90.0]))


def returned(reflectivity, side=80):
    """Return the cross-sections that arrive from the house and its yard, summed, m²."""
    surface, lines = house(side), Lines(90.0, (side, side))
    on_range = on_lines(surface, torch.ones(side, side), lines, 90.0, reflectivity.canopy)
    grid = RadarGrid.over(on_range.height, lines, 1.0, math.radians(45), 1.0, 0.7)
    generator = torch.Generator().manual_seed(0)
    return float(echoes(on_range, math.radians(45), "X", ["HH"], 5.0, grid, generator, reflectivity)[2].sum())


def test_draws_lie_in_their_ranges_and_cover_all_that_can_change():
    drawn = [Reflectivity.drawn(torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert set(RANGES) == {field.name for field in fields(Reflectivity)}
    for name, (low, high) in RANGES.items():
        values = [getattr(each, name) for each in drawn]
        assert low <= min(values) < max(values) <= high


@pytest.mark.parametrize(("name", "strength"), [("facade", 0.0), ("corner", 0.0), ("point", 6.0)])
def test_each_echo_can_be_turned_down(name, strength):
    assert returned(replace(QUIET, **{name: strength})) > 1.05 * returned(QUIET)


def test_yards_have_points_and_open_land_has_none():
    """A tenth of 10 m² on each square metre: all the ground that is seen would give some 24 000 m²."""
    cluttered = replace(QUIET, yard_points=0.1, yard_point=10.0, point_spread=0.0)
    gained = returned(cluttered, 160) - returned(replace(QUIET, point_spread=0.0), 160)
    assert 3000 < gained < 11_000
