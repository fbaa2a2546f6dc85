"""Roofs in radar geometry: as far nearer to the sensor as their height makes them."""

import math

import pytest
import torch
from sarbridge.engine.simulation.line_of_sight import Lines
from sarbridge.engine.simulation.radar.roofs import roof_share
from sarbridge.engine.simulation.radar.slant_range import RadarGrid
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface

INCIDENCE = math.radians(40)


def scene(heights):
    """A building of 20 × 30 cells (rows, columns) of a metre, whose roof has `heights` along the columns."""
    building = torch.zeros(60, 90, dtype=torch.int32)
    building[20:40, 40:70] = 1
    terrain = torch.zeros(60, 90)
    height = terrain.clone()
    height[20:40, 40:70] = heights
    cover = torch.full((60, 90), int(Cover.GRASS), dtype=torch.uint8)
    return Surface(1.0, terrain, height, cover, building, torch.zeros(2))


def share_of(surface):
    lines = Lines(90.0, surface.height.shape)  # the radar stands in the west: range runs along the columns
    grid = RadarGrid.over(lines.to_lines(surface.height[None])[0], lines, 1.0, INCIDENCE, 1.0, 0.5)
    return roof_share(surface, grid), grid


@pytest.mark.parametrize("height", [0.0, 5.0, 12.0])
def test_a_flat_roof_moves_by_its_height(height):
    share, grid = share_of(scene(torch.full((30,), height)))
    rows, cols = (share > 0.5).nonzero().T
    near = grid.slant_range(torch.tensor(40.0), torch.tensor(height)) / 0.5
    far = grid.slant_range(torch.tensor(70.0), torch.tensor(height)) / 0.5
    assert len(rows.unique()) == 20
    assert cols.min() == pytest.approx(float(near), abs=1) and cols.max() + 1 == pytest.approx(float(far), abs=1)


def test_sloping_roofs_have_no_gaps():
    """A gable: the side towards the radar is foreshortened, the other one stretched."""
    gable = 10 + torch.cat([torch.arange(15.0), torch.arange(14.0, -1, -1)]) * 0.7
    share, _ = share_of(scene(gable))
    middle = share[share.shape[0] // 2] > 0.5
    first, last = middle.nonzero()[[0, -1], 0]
    assert middle[first : last + 1].all()


def test_without_buildings_there_is_none():
    surface = scene(torch.zeros(30))
    share, _ = share_of(Surface(**{**vars(surface), "building": torch.zeros_like(surface.building)}))
    assert not share.any()
