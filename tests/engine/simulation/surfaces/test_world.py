"""Invented worlds: the same from the same seed, and made of what they say."""

import math

import numpy as np
import pytest
import torch
from sarbridge.contract.landscapes import LANDSCAPES
from sarbridge.engine.simulation.noise import smooth_noise, voronoi
from sarbridge.engine.simulation.surfaces.districts import DISTRICTS
from sarbridge.engine.simulation.surfaces.erosion import fill_pits
from sarbridge.engine.simulation.surfaces.polylines import nearest_on_polyline
from sarbridge.engine.simulation.surfaces.surface import Cover
from sarbridge.engine.simulation.surfaces.world import world
from scipy.spatial import cKDTree

WORLDS = [(name, pixel_size) for name in LANDSCAPES for pixel_size in (0.5, 10.0)]


@pytest.fixture(scope="module")
def worlds():
    """One world of each landscape, fine and coarse."""
    return {key: world(192, key[1], seed=5, landscape=key[0]) for key in WORLDS}


@pytest.mark.parametrize("key", WORLDS)
def test_a_world_is_sound(worlds, key):
    surface = worlds[key]
    above = surface.height - surface.terrain
    assert torch.isfinite(surface.height).all() and torch.isfinite(surface.terrain).all()
    assert set(surface.cover.unique().tolist()) <= {int(cover) for cover in Cover}
    assert above.min() >= 0
    standing = (surface.cover == Cover.ROOF) | (surface.cover == Cover.FOREST)
    assert torch.equal(above > 0, standing)
    assert torch.equal(surface.cover == Cover.ROOF, surface.building > 0)
    assert len(surface.wall_azimuth) == surface.building.max() + 1
    assert len(surface.row_azimuth) == surface.parcel.max() + 1
    assert surface.wall_azimuth.min() >= 0 and surface.wall_azimuth.max() < 360


def test_the_same_seed_gives_the_same_world(worlds):
    again, other = (world(192, 10.0, seed, "hills") for seed in (5, 6))
    for name, value in vars(worlds["hills", 10.0]).items():
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, vars(again)[name]), name
    assert not torch.equal(other.terrain, again.terrain)


def test_seeds_choose_different_landscapes():
    reliefs = [float(world(64, 30.0, seed).terrain.std()) for seed in range(12)]
    assert max(reliefs) > 20 * min(reliefs)


def test_relief_and_water(worlds):
    relief = {name: float(worlds[name, 10.0].terrain.std()) for name in LANDSCAPES}
    assert relief["mountains"] > 3 * relief["hills"] > 3 * relief["plain"]
    assert relief["mountains"] > 100
    sea = worlds["coast", 10.0]
    water = sea.cover == Cover.WATER
    assert water.float().mean() == pytest.approx(LANDSCAPES["coast"].water, abs=0.03)
    assert sea.height[water].abs().max() == 0


def test_a_river_lies_lower_than_its_banks():
    surface = world(512, 2.0, seed=1, landscape="city")
    river = surface.cover == Cover.WATER
    assert 0.03 < river.float().mean() < 0.5
    banks = torch.nn.functional.max_pool2d(river[None].float(), 15, 1, 7)[0].bool() & ~river
    assert surface.terrain[river].median() <= surface.terrain[banks].median()


def test_buildings_are_as_high_as_their_districts_say():
    lowest = min(kind.eaves[0] for kind in DISTRICTS.values() if kind.occupied)
    highest = max(kind.eaves[1] + 7 for kind in DISTRICTS.values())
    surface = world(384, 1.0, seed=5, landscape="city")
    above = (surface.height - surface.terrain)[surface.building > 0]
    assert above.max() > 12
    # A building is level: the ground rises or falls a little under it.
    assert 0.85 * lowest - 1 < above.min() and above.max() < highest + 3


def test_buildings_stand_along_their_azimuth():
    """The sides of a large roof, as its second moments measure them, lie along the walls' azimuth."""
    surface = world(512, 0.5, seed=3, landscape="suburb")
    sizes = torch.bincount(surface.building.flatten().long())[1:]
    checked = 0
    for number in (sizes.argsort(descending=True)[:40] + 1).tolist():
        row, col = np.nonzero((surface.building == number).numpy())
        if min(row.min(), col.min()) < 2 or max(row.max(), col.max()) > 509:
            continue
        values, axes = np.linalg.eigh(np.cov(col, -row))
        angle = math.radians(float(surface.wall_azimuth[number]))
        frame = np.stack((col, -row)).T @ [[math.sin(angle), math.cos(angle)], [math.cos(angle), -math.sin(angle)]]
        filled = len(col) / np.prod(np.ptp(frame, axis=0) + 1)
        if filled < 0.9 or values[1] < 2 * values[0]:  # an L-shape, or as long as wide
            continue
        azimuth = math.degrees(math.atan2(*axes[:, 1]))
        difference = (azimuth - float(surface.wall_azimuth[number]) + 45) % 90 - 45
        assert abs(difference) < 4
        checked += 1
    assert checked >= 5


def test_water_leaves_filled_ground():
    """From each node, always to the lowest neighbour, one comes to the rim."""
    heights = torch.randn(24, 24, generator=torch.Generator().manual_seed(0))
    filled = fill_pits(heights)
    assert (filled >= heights).all()
    for start in np.ndindex(24, 24):
        row, col = start
        for _ in range(24 * 24):
            if row in (0, 23) or col in (0, 23):
                break
            around = filled[row - 1 : row + 2, col - 1 : col + 2]
            assert around.min() < filled[row, col]
            down, right = divmod(int(around.argmin()), 3)
            row, col = row + down - 1, col + right - 1
        assert row in (0, 23) or col in (0, 23)


def test_voronoi_cells_belong_to_the_nearest_point():
    place = torch.arange(80.0) + 0.5
    y, x = torch.meshgrid(place, place, indexing="ij")
    cells = voronoi(x, y, 80.0, 11.0, torch.Generator().manual_seed(1))
    distance, index = cKDTree(cells.points.T.numpy()).query(np.stack((x.ravel(), y.ravel()), 1), k=2)
    assert np.allclose(cells.distance.flatten(), distance[:, 0], atol=1e-3)
    assert (cells.index.flatten().numpy() == index[:, 0]).mean() > 0.999
    assert (cells.other.flatten().numpy() == index[:, 1]).mean() > 0.97  # nine nodes are looked at


def test_distance_to_a_polyline():
    corners = torch.tensor([[10.0, 60.0, 90.0], [20.0, 40.0, 95.0]])
    distance, along = nearest_on_polyline(corners, 100, 1.0, 30.0)
    dense = [np.linspace(*corners.T.numpy()[k : k + 2], 500) for k in (0, 1)]
    row, col = np.mgrid[:100, :100] + 0.5
    expected, nearest = cKDTree(np.concatenate(dense)).query(np.stack((col.ravel(), row.ravel()), 1))
    expected, nearest = expected.reshape(100, 100), nearest.reshape(100, 100) / 499
    near = expected < 25
    assert np.abs(distance.numpy() - expected)[near].max() < 1  # half a cell of the lattice
    assert np.abs(along.numpy() - nearest)[near & (expected > 3)].mean() < 0.02
    assert distance.numpy()[expected > 33].min() > 29.99


def test_noise_has_unit_variance():
    noise = smooth_noise(800, 1.0, 5.0, torch.Generator().manual_seed(0))
    assert float(noise.std()) == pytest.approx(1, abs=0.03)
    assert abs(float(noise.mean())) < 0.05
