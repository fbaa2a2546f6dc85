"""Sheared lines: where samples lie, that surfaces go there and back, and zones of whole jobs against brute force."""

import math

import numpy as np
import pytest
import rasterio
import torch
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.geometry_jobs import SarDistortionsJob, SarView
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.geometry import sar_distortions
from sarbridge.engine.geometry.line_metres import LineMetres
from sarbridge.engine.geometry.range_lines import LAYOVER, SHADOW
from sarbridge.engine.geometry.sheared_lines import ShearedLines
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.engine.rasters.ground import ground_vectors
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.geometry.line_truth import PER_CELL, zones_at

OCTANTS = [22.5, 67.5, 112.5, 157.5, 202.5, 247.5, 292.5, 337.5]
ALONG_THE_MAP_AND_DIAGONAL = [0, 45, 90, 180, 225, 270]
UTM = CRS.from_epsg(32633).to_wkt()
DEGREES = CRS.from_epsg(4326).to_wkt()
MAPS = {
    "square": Grid(UTM, Affine(30, 0, 500_000, 0, -30, 5_300_000), 220, 210),
    "wide cells": Grid(UTM, Affine(60, 0, 500_000, 0, -30, 5_300_000), 220, 210),
    "turned by 30 degrees": Grid(UTM, Affine(26, 15, 500_000, 15, -26, 5_300_000), 220, 210),
    "upside down": Grid(UTM, Affine(30, 0, 500_000, 0, 30, 5_290_000), 220, 210),
    "grid north askew": Grid(UTM, Affine(30, 0, 780_000, 0, -30, 6_650_000), 220, 210),
    "degrees": Grid(DEGREES, Affine(0.0004, 0, 15, 0, -0.0003, 60), 220, 210),
}
WINDOW = Window(60, 70, 50, 40)


def all_lines(look_azimuth, per_row=1, grid=MAPS["square"]):
    return ShearedLines.over(grid, WINDOW, look_azimuth, (900.0, 300.0), per_row)


def towards(lines, start, end):
    """(metres, azimuth in degrees) on the ground between samples (n, l) of the lattice."""
    (x0, x1), (y0, y1) = lines.lattice.to_map(*(np.array([start, end]).T + 0.5))
    east, north = ground_vectors(lines.grid.crs, [(x0, y0)], [(x1, y1)])[0]
    return math.hypot(east, north), math.degrees(math.atan2(east, north)) % 360


@pytest.mark.parametrize("look_azimuth", OCTANTS + ALONG_THE_MAP_AND_DIAGONAL)
@pytest.mark.parametrize("name", MAPS)
def test_lines_run_along_the_azimuth_over_all_of_the_window_and_as_far_as_asked(name, look_azimuth):
    """The azimuth within a twentieth of a degree, in the middle; the step within a thousandth."""
    lines = all_lines(look_azimuth, grid=MAPS[name])
    middle = lines.count // 2
    length, azimuth = towards(lines, (0, middle), (lines.samples - 1, middle))
    assert (azimuth - look_azimuth + 180) % 360 - 180 == pytest.approx(0, abs=0.05)
    step = float(LineMetres.of(lines.cells, lines.shear).at(torch.zeros(1), torch.zeros(1))[0].mean())
    assert step == pytest.approx(length / (lines.samples - 1), rel=1e-3)
    cols, rows = np.meshgrid(WINDOW.col + np.arange(50) + 0.5, WINDOW.row + np.arange(40) + 0.5)
    samples, across = lines.lattice.to_pixel(*lines.grid.to_map(cols, rows))
    assert samples.min() >= 900 / step and lines.samples - samples.max() >= 300 / step
    assert across.min() >= 0.5 and across.max() <= lines.count - 0.5
    # The centres of cells lie at samples: what is measured there needs no interpolation along the line.
    np.testing.assert_allclose(samples % 1, 0.5, atol=1e-6)


@pytest.mark.parametrize("per_row", [1, 2])
@pytest.mark.parametrize("look_azimuth", OCTANTS + ALONG_THE_MAP_AND_DIAGONAL)
def test_a_plane_goes_onto_the_lines_and_back_unchanged(look_azimuth, per_row):
    lines = all_lines(look_azimuth, per_row)
    area = lines.area
    row, col = (torch.arange(size) for size in (area.height, area.width))
    plane = 3.0 * (row[:, None] + area.row) - 2.0 * (col + area.col) + 500
    assert torch.equal(lines.on_map(lines.ordered(plane)), plane)
    found = lines.profiles(lines.ordered(plane), math.inf)
    cols, rows = cells_under(lines)
    inner = slice(1, -1)  # the first and the last half of a row go on as level ground
    np.testing.assert_allclose(found[inner], (3 * (rows - 0.5) - 2 * (cols - 0.5) + 500)[inner], atol=2e-3)
    askew = 0 if per_row == 1 else 3 / 4  # the nearest line is within a quarter of a cell
    torch.testing.assert_close(lines.on_map(at_cells(lines, found)), lines.inner(plane), atol=askew + 2e-3, rtol=0)


def cells_under(lines):
    """(columns, rows) of the map, corner origin, of all samples [samples, lines]."""
    samples, across = np.meshgrid(np.arange(lines.samples) + 0.5, np.arange(lines.count) + 0.5, indexing="ij")
    return lines.grid.to_pixel(*lines.lattice.to_map(samples, across))


def at_cells(lines, profiles):
    """What all of the window's cells have of [samples, lines], in the order of the lines."""
    within = profiles[lines.before : lines.before + lines.per_row * lines.cells.height]
    return lines.at_cells(within[None], Window(0, 0, lines.cells.width, lines.cells.height))[0]


def test_where_there_may_be_walls_the_nearest_line_counts():
    for per_row in (1, 2):
        lines = all_lines(67.5, per_row)
        numbers = torch.arange(lines.count, dtype=torch.float32).expand(lines.samples, -1).contiguous()
        found = at_cells(lines, numbers)
        assert torch.equal(found, found.round()) == (per_row == 2)
        exact = at_cells(lines._replace(per_row=1, before=0, samples=lines.samples), numbers)
        assert (found - exact).abs().max() <= 0.5


@pytest.mark.parametrize("look_azimuth", OCTANTS)
def test_walls_stand_upright_on_the_lines_and_holes_stay_holes(look_azimuth):
    """With steps that are all walls, a sample has the height of the cell that it lies in, a quarter of a row off."""
    lines = all_lines(look_azimuth, per_row=2)
    heights = 10.0 * torch.randint(9, (lines.area.height, lines.area.width), generator=torch.Generator().manual_seed(1))
    heights[::7, ::5] = torch.nan
    found = lines.profiles(lines.ordered(heights), wall=5.0)
    cols, rows = cells_under(lines)
    expected = heights[np.floor(rows - lines.area.row), np.floor(cols - lines.area.col)]
    np.testing.assert_array_equal(found, expected)


def test_metres_change_where_degrees_do():
    """Over a degree of latitude at 60° N a column narrows by 3 %, and the step to the north-east with it."""
    grid = Grid(DEGREES, Affine(0.001, 0, 15, 0, -0.001, 60.5), 1000, 1000)
    lines = ShearedLines.over(grid, Window(0, 0, 1000, 1000), 60, (0.0, 0.0), 1)
    metres = LineMetres.of(lines.cells, lines.shear)
    place = torch.tensor([0.0, 500.0, 999.0])
    found = metres.at(place - lines.shear * place[:, None], place[:, None])
    for number, row in enumerate(place.tolist()):
        ends = np.array([[-lines.shear / 2, -0.5], [lines.shear / 2, 0.5]]) + 0.5
        steps = [lines.cells.metres(*(ends + (col, row))[:, None]) for col in place.tolist()]
        assert found[0, number].numpy() == pytest.approx(np.linalg.norm(steps, axis=-1).ravel(), rel=3e-4)
    assert float(found[0].max() / found[0].min()) > 1.02


def hills(grid):
    """Waves that run all ways, 1.1 km long and less: slopes of 38° on average, steep ones on all sides."""
    row, col = np.indices((grid.height, grid.width))
    width, height = np.linalg.norm(grid.pixel_sides(), axis=1)
    heights = np.full(row.shape, 800.0)
    for number, length in enumerate((180, 160, 140, 120, 100)):
        turn = 2.4 * number
        heights += 0.6 * length * np.sin((row * height * math.sin(turn) + col * width * math.cos(turn)) / length)
    return heights


@pytest.mark.parametrize("look_azimuth", OCTANTS)
@pytest.mark.parametrize("name", MAPS)
def test_zones_are_those_of_each_cells_own_line(tmp_path, name, look_azimuth):
    """98.5 % of 500 cells, and shares of layover and shadow within 1.2 % of all cells, at 40°, in all octants."""
    grid = MAPS[name]
    heights = hills(grid).astype(np.float32)
    path = str(tmp_path / "dem.tif")
    profile = {"driver": "GTiff", "width": grid.width, "height": grid.height, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", crs=grid.crs, transform=grid.transform, **profile) as dataset:
        dataset.write(heights, 1)
    job = SarDistortionsJob(
        RasterSource("dem", path, grid.crs), SarView(look_azimuth, 40, 40), str(tmp_path / "zones.tif"), device="cpu"
    )
    sar_distortions.run(job, NullReporter())
    with rasterio.open(job.output) as dataset:
        mask = dataset.read(1)
    azimuth = math.radians(look_azimuth)
    cols, rows = np.linalg.solve(grid.pixel_sides().T, (math.sin(azimuth), math.cos(azimuth)))
    step = 30 / PER_CELL
    cells = np.random.default_rng(7).integers(70, 140, (500, 2))
    expected = zones_at(heights, cells, (rows * step, cols * step), step, 40, 60 * PER_CELL)
    found = mask[tuple(cells.T)]
    assert (found == expected).mean() >= 0.985
    for bits, least in ((LAYOVER, 0.1), (SHADOW, 0.003)):
        assert (expected & bits > 0).mean() > least
        assert (found & bits > 0).mean() == pytest.approx((expected & bits > 0).mean(), abs=0.012)
