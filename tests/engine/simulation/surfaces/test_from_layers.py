"""Surfaces of a user's layers: buildings found, burned, measured and refused."""

import math

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.simulation.surfaces.from_layers import surface_from_footprints, surface_from_heights
from sarbridge.engine.simulation.surfaces.surface import Cover

SIDE = 120
ROW, COL = np.mgrid[:SIDE, :SIDE] + 0.5
TRANSFORM = Affine(0.5, 0, 400_000, 0, -0.5, 5_000_000)


def turned_box(azimuth, half_along=20, half_across=10, centre=(60, 60)):
    """Cells [H, W] inside a rectangle whose long side has that azimuth, and its ring in map coordinates."""
    angle = math.radians(azimuth)
    east, north = COL - centre[0], centre[1] - ROW
    along, across = (
        east * math.sin(angle) + north * math.cos(angle),
        east * math.cos(angle) - north * math.sin(angle),
    )
    inside = (np.abs(along) < half_along) & (np.abs(across) < half_across)
    ring = []
    for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)):
        x = a * half_along * math.sin(angle) + b * half_across * math.cos(angle) + centre[0]
        y = -(a * half_along * math.cos(angle) - b * half_across * math.sin(angle)) + centre[1]
        ring.append(TRANSFORM * (x, y))
    return inside, ring


def ground():
    """Rolling ground in metres [H, W]."""
    return (50 + 2 * np.sin(COL / 25) + 1.5 * np.cos(ROW / 30)).astype(np.float32)


@pytest.mark.parametrize("azimuth", [0, 17, 45, 80])
def test_a_box_in_a_dsm_is_a_building(azimuth):
    inside, _ = turned_box(azimuth)
    dsm = np.where(inside, 62, ground())
    surface = surface_from_heights(dsm, ground(), 0.5)
    found = surface.cover.numpy() == Cover.ROOF
    assert (found & inside).sum() / (found | inside).sum() > 0.9
    assert len(surface.wall_azimuth) == 2
    assert abs((float(surface.wall_azimuth[1]) - azimuth + 45) % 90 - 45) < 3
    assert np.allclose(surface.height, dsm) and np.allclose(surface.terrain, ground())


def test_trees_are_not_roofs():
    rng = np.random.default_rng(0)
    wood = (COL < 50) & (ROW < 50)
    dsm = ground() + np.where(wood, 12 + rng.uniform(-4, 4, COL.shape), 0)
    surface = surface_from_heights(dsm, ground(), 0.5)
    assert (surface.cover.numpy()[wood] == Cover.FOREST).mean() > 0.97
    assert (surface.cover.numpy()[~wood] == Cover.GRASS).mean() > 0.99


def test_level_ground_in_rolling_country_is_water():
    lake = np.hypot(COL - 80, ROW - 80) < 25
    terrain = np.where(lake, 46, ground()).astype(np.float32)
    surface = surface_from_heights(terrain, None, 0.5)
    water = surface.cover.numpy() == Cover.WATER
    assert (water & lake).sum() / (water | lake).sum() > 0.9


def test_gaps_are_filled():
    dsm = ground()
    dsm[30:40, 30:40] = np.nan
    surface = surface_from_heights(dsm, None, 0.5)
    assert torch.isfinite(surface.height).all()
    assert np.abs(surface.height.numpy() - ground()).max() < 0.6


def test_a_plain_that_somebody_drew_is_no_water():
    flat = np.zeros((SIDE, SIDE), np.float32)
    assert (surface_from_heights(flat, None, 0.5).cover == Cover.GRASS).all()
    assert (surface_from_heights(flat, None, 0.5, is_plain=False).cover == Cover.WATER).all()


def test_a_dsm_below_the_dtm_is_raised_to_it():
    surface = surface_from_heights(ground() - 0.3, ground(), 0.5)
    assert torch.equal(surface.height, surface.terrain)


def test_no_heights_at_all():
    with pytest.raises(UserError, match="'roofs' has no heights"):
        surface_from_heights(np.full((9, 9), np.nan), None, 0.5, ("roofs", ""))


def test_footprints_become_buildings():
    boxes = [turned_box(30, centre=(35, 35), half_along=15), turned_box(75, centre=(85, 80), half_along=15)]
    surface = surface_from_footprints(ground(), TRANSFORM, TRANSFORM.a, [[ring] for _, ring in boxes], [9.0, 21.5])
    for number, ((inside, _), height, azimuth) in enumerate(zip(boxes, (9.0, 21.5), (30, 75)), 1):
        found = surface.building.numpy() == number
        assert (found & inside).sum() / (found | inside).sum() > 0.97
        assert float(surface.height[found].std()) < 1e-4  # a level roof
        assert float((surface.height - surface.terrain)[found].mean()) == pytest.approx(height, abs=1e-3)
        assert abs((float(surface.wall_azimuth[number]) - azimuth + 45) % 90 - 45) < 0.01


def test_a_courtyard_stays_open_and_what_lies_outside_gets_no_number():
    outer, ring = turned_box(20, half_along=30, half_across=30)
    inner, hole = turned_box(20, half_along=12, half_across=12)
    away = [(x + 1e4, y) for x, y in ring]
    surface = surface_from_footprints(ground(), TRANSFORM, TRANSFORM.a, [[away], [ring, hole]], [5.0, 8.0])
    assert surface.building.max() == 1 and len(surface.wall_azimuth) == 2
    assert surface.scene_number.tolist() == [0, 2]
    assert (surface.building.numpy()[inner] == 0).mean() > 0.97
    assert (surface.building.numpy()[outer & ~inner] == 1).mean() > 0.97
    assert float((surface.height - surface.terrain).max()) > 7


def test_footprints_beside_the_dem_leave_it_bare():
    ring = [(x + 1e4, y) for x, y in turned_box(0)[1]]
    surface = surface_from_footprints(ground(), TRANSFORM, TRANSFORM.a, [[ring]], [5.0])
    assert not surface.building.any() and torch.equal(surface.height, surface.terrain)


def test_a_real_town(real_data):
    """The published land cover of Gothenburg knows its buildings (class 2): heights alone find nearly all of them."""
    folder = real_data / "dsm" / "gothenburg"
    dsm, dtm, land_cover = (
        rasterio.open(folder / name).read(1) for name in ("DSM_KRbig.tif", "DEM_KRbig.tif", "landcover.tif")
    )
    surface = surface_from_heights(dsm, dtm, 1.0)
    found, known = (surface.cover == Cover.ROOF).numpy(), land_cover == 2
    assert found[known].mean() > 0.9 and known[found].mean() > 0.95
    assert 5 < float((surface.height - surface.terrain)[surface.cover == Cover.ROOF].median()) < 30
