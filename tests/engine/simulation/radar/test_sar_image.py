"""Simulated radar images of surfaces whose image follows from a line of algebra."""

import math

import numpy as np
import pytest
import torch
from sarbridge.contract.geometry_jobs import look_azimuth
from sarbridge.engine.simulation.line_of_sight import Lines
from sarbridge.engine.simulation.radar.backscatter import gamma_nought
from sarbridge.engine.simulation.radar.echoes import echoes, on_lines
from sarbridge.engine.simulation.radar.reflectivity import BRIGHT
from sarbridge.engine.simulation.radar.sar_image import sar_image
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD, TERRASARX_STRIPMAP
from sarbridge.engine.simulation.radar.slant_range import RadarGrid
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface

SIDE = 240  # metres
INCIDENCE = 40.0
COT, TAN = 1 / math.tan(math.radians(INCIDENCE)), math.tan(math.radians(INCIDENCE))
WIND = 5.0
WEST, EAST, NORTH, SOUTH = 70, 150, 100, 160  # edges of the box: columns and rows, metres
HEIGHT = 30.0


def ground(pixel_size=1.0, cover=Cover.BARE, slope=0.0):
    """Return a plane that rises eastwards by `slope`."""
    count = round(SIDE / pixel_size)
    east = (torch.arange(count) + 0.5) * pixel_size
    terrain = (east * slope).repeat(count, 1)
    covers = torch.full((count, count), cover, dtype=torch.uint8)
    return Surface(pixel_size, terrain, terrain.clone(), covers, torch.zeros_like(covers).int(), torch.zeros(1))


def box(pixel_size=1.0, wall_azimuth=90.0):
    surface = ground(pixel_size)
    inside = (
        slice(round(NORTH / pixel_size), round(SOUTH / pixel_size)),
        slice(round(WEST / pixel_size), round(EAST / pixel_size)),
    )
    surface.height[inside], surface.building[inside], surface.cover[inside] = HEIGHT, 1, Cover.ROOF
    return Surface(**{**vars(surface), "wall_azimuth": torch.tensor([0.0, wall_azimuth])})


def mean_power(surface, azimuth, incidence=INCIDENCE, spacing=None, bin_size=0.15, polarisation="VV"):
    """Return sigma nought [A, R] before noise and speckle, without texture, and the `RadarGrid`."""
    angle = math.radians(incidence)
    lines = Lines(azimuth, surface.height.shape)
    along = on_lines(surface, torch.ones_like(surface.height), lines, azimuth)
    spacing = spacing or surface.pixel_size
    grid = RadarGrid.over(along.height, lines, surface.pixel_size, angle, spacing, bin_size)
    generator = torch.Generator().manual_seed(0)
    return grid.project(*echoes(along, angle, "C", [polarisation], WIND, grid, generator))[0], grid


def box_along(azimuth):
    """Return where the box begins and ends along a look direction, and where its middle line is, in metres of a map."""
    away = {0: (SIDE - SOUTH, SIDE - NORTH), 90: (WEST, EAST), 180: (NORTH, SOUTH), 270: (SIDE - EAST, SIDE - WEST)}
    across = {0: (WEST, EAST), 90: (NORTH, SOUTH), 180: (SIDE - EAST, SIDE - WEST), 270: (SIDE - SOUTH, SIDE - NORTH)}
    return *away[azimuth], sum(across[azimuth]) // 2


def ground_range(grid):
    """Return the middle of each bin in metres of level ground at height 0, from the begin of the line."""
    slant = grid.near + (np.arange(grid.shape[1]) + 0.5) * grid.bin_size
    return slant / math.sin(grid.incidence)


LOOKS = [(heading, side) for heading in (0, 90, 180, 270) for side in ("right", "left")]


@pytest.mark.parametrize(("heading", "side"), LOOKS)
def test_box(heading, side):
    """Layover h cot(incidence) towards the sensor, double bounce at the foot, shadow h tan(incidence) behind: 0.5 m."""
    azimuth = round(look_azimuth(heading, side))
    first, last, middle = box_along(azimuth)
    power, grid = mean_power(box(), azimuth)
    profile, place = power[middle].numpy(), ground_range(grid)
    level = np.median(profile[(place > 5) & (place < first - HEIGHT * COT - 5)])
    raised = place[(profile > 1.5 * level) & (place < last)]
    assert raised.min() == pytest.approx(first - HEIGHT * COT, abs=0.5)
    assert place[profile.argmax()] == pytest.approx(first, abs=0.5)
    dark = place[(profile < 0.01 * level) & (place > first + 10) & (place < SIDE - 2)]
    assert dark.min() == pytest.approx(last - HEIGHT * COT, abs=0.5)
    assert dark.max() == pytest.approx(last + HEIGHT * TAN, abs=0.5)
    assert np.ptp(dark) == pytest.approx(HEIGHT * (COT + TAN), abs=0.8)


def test_double_bounce_is_a_line_along_the_wall():
    power, grid = mean_power(box(), 90)
    brightest = ground_range(grid)[power[NORTH + 1 : SOUTH - 1].argmax(1)]
    assert np.ptp(brightest) == 0
    assert bool((power[: NORTH - 1] < power[NORTH + 5].max() / 5).all())


def test_double_bounce_falls_with_the_wall_turning_away():
    def strength(turn, polarisation="VV"):
        """Of the pixel at the foot over its neighbours, which are layover alone."""
        power, grid = mean_power(box(wall_azimuth=90.0 + turn), 90, polarisation=polarisation)
        foot = round((WEST * math.sin(grid.incidence) - grid.near) / grid.bin_size)
        near = power[NORTH + 5, foot - 6 : foot + 6]
        return float(near.max() - near.median())

    assert strength(5) / strength(0) == pytest.approx(math.exp(-0.5), rel=0.1)
    assert strength(90) == pytest.approx(strength(0))  # a box has walls at right angles
    assert strength(30) < strength(0) / 20
    assert strength(0, "VH") < strength(0) / 5


@pytest.mark.parametrize("azimuth", [90, 33.0])
@pytest.mark.parametrize("polarisation", ["VV", "VH"])
def test_level_ground_shows_its_sigma_nought(azimuth, polarisation):
    """Table values at 40°: -12.8 and -23.0 dB; 1 %, away from the edges."""
    power, _ = mean_power(ground(), azimuth, polarisation=polarisation)
    middle = power[power.shape[0] // 2 - 20 :][:40, power.shape[1] // 2 - 50 :][:, :100]
    expected = 10 ** ({"VV": -1.28, "VH": -2.30}[polarisation])
    assert middle.numpy() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("slope", [-0.5, 0.3, 0.6])
def test_tilted_plane(slope):
    """Facing the sensor, it takes fewer bins, and each holds what more ground, more steeply lit, returns; 1 %."""
    power, grid = mean_power(ground(slope=slope), 90)
    angle, tilt = math.radians(INCIDENCE), math.atan(slope)
    used = SIDE * (math.sin(angle) - slope * math.cos(angle)) / grid.bin_size
    assert grid.shape[1] == pytest.approx(used, rel=0.02)
    local = torch.tensor([angle - tilt])
    gamma = float(gamma_nought(torch.tensor([Cover.BARE]), local, "C", "VV", WIND)[0])
    across, along = math.cos(angle - tilt), math.sin(angle - tilt)
    middle = power[100:140, grid.shape[1] // 2 - 10 :][:, :20]
    assert middle.numpy() == pytest.approx(gamma * across / along * math.sin(angle), rel=0.01)


def test_layover_keeps_the_energy():
    """All that is returned arrives: bins times their area sum up to the cross-sections."""
    surface = box()
    angle, lines = math.radians(INCIDENCE), Lines(90, surface.height.shape)
    along = on_lines(surface, torch.ones_like(surface.height), lines, 90)
    grid = RadarGrid.over(along.height, lines, 1.0, angle, 2.0, 0.7)
    start, end, area = echoes(along, angle, "X", ["HH", "HV"], WIND, grid, torch.Generator().manual_seed(0))
    image = grid.project(start, end, area)
    pixel_area = 2.0 * 0.7 / math.sin(angle)
    assert (image.double().sum((1, 2)) * pixel_area).numpy() == pytest.approx(
        area.double().sum((1, 2)).numpy(), rel=1e-5
    )


def test_positions_follow_the_echoes():
    """A bright cell on a roof appears where `positions` says; on level ground it is h cot(incidence) off."""
    surface = box()
    surface.cover[130, 110] = Cover.FOREST
    bare = box()
    difference = mean_power(surface, 90)[0] - mean_power(bare, 90)[0]
    _, grid = mean_power(bare, 90)
    line, bin_ = np.unravel_index(difference.argmax().item(), difference.shape)
    at_height, at_level = (grid.positions(height)[:, 130, 110] for height in (surface.height, surface.terrain))
    assert at_height[0] == pytest.approx(line + 0.5, abs=0.5)
    assert at_height[1] == pytest.approx(bin_ + 0.5, abs=0.5 * math.sin(grid.incidence) / grid.bin_size + 1)
    moved = float(at_level[1] - at_height[1]) * grid.bin_size / math.sin(grid.incidence)
    assert moved == pytest.approx(HEIGHT * COT, rel=1e-4)


@pytest.mark.parametrize("azimuth", [90, 100, 281])
def test_terrain_correction_puts_ground_where_it_is(azimuth):
    """A lake on a plateau: with the terrain's heights its shore is where the map has it, without it is displaced."""
    surface = ground(2.0)
    surface.terrain[:, :] = surface.height[:, :] = 25.0
    surface.cover[45:75, 45:75] = Cover.WATER
    power, grid = mean_power(surface, azimuth, bin_size=1.0)
    corrected = grid.to_map(power[None], surface.terrain)[0]
    level = grid.to_map(power[None], torch.zeros_like(surface.terrain))[0]
    inside, outside = corrected[48:72, 48:72].max(), corrected[35:42, 35:85].min()
    assert inside < outside / 2

    def centre(image):
        dark = (image[25:95, 25:95] < (inside * outside).sqrt()).nonzero().float().mean(0) + 25.5
        return dark * 2.0

    assert centre(corrected).numpy() == pytest.approx(120.0, abs=0.5)
    moved = centre(level) - centre(corrected)
    towards = (math.cos(math.radians(azimuth)), -math.sin(math.radians(azimuth)))  # the sensor: (down, right)
    assert moved.numpy() == pytest.approx(np.array(towards) * 25.0 * COT, abs=0.5)


def test_shadow_shows_the_noise_floor():
    surface = box()
    generator = torch.Generator().manual_seed(1)
    image = sar_image(surface, TERRASARX_STRIPMAP, 90, INCIDENCE, ["HH"], generator, reflectivity=BRIGHT)
    line, bin_ = image.grid.positions(surface.height)[:, NORTH + 10 : SOUTH - 10, EAST + 3 : EAST + 20].long()
    dark = 10 * math.log10(image.intensity[0][line, bin_].mean())
    assert dark == pytest.approx(TERRASARX_STRIPMAP.noise_floor, abs=1.5)


def test_image_and_seed():
    surface = box(10.0)

    def take(seed):
        return sar_image(surface, SENTINEL1_IW_GRD, 98, 38, ["VV", "VH"], torch.Generator().manual_seed(seed))

    image = take(0)
    assert image.looks.shape == (5, 2, *image.grid.shape) and image.looks.dtype == torch.complex64
    assert torch.allclose(
        image.intensity, (image.weights[:, None, None, None] * image.looks.abs() ** 2).sum(0), rtol=1e-4
    )
    assert image.grid.to_map(image.intensity, surface.terrain).shape == (2, 24, 24)
    assert torch.equal(image.looks, take(0).looks)
    assert not torch.equal(image.looks, take(1).looks)
