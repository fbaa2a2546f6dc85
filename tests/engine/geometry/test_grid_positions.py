"""Positions between grids against PROJ, and values between pixels against formulas."""

import numpy as np
import pytest
import torch
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.engine.geometry.grid_positions import Interpolator, nearest, positions
from sarbridge.engine.geometry.range_lattice import range_lattice
from sarbridge.engine.rasters.grid import Grid, Window, part

UTM = Grid(CRS.from_epsg(32633).to_wkt(), Affine(30, 0, 700_000, 0, -30, 6_650_000), 900, 700)
DEGREES = Grid(CRS.from_epsg(4326).to_wkt(), Affine(0.0003, 0, 19.4, 0, -0.0003, 59.95), 900, 700)
COARSE = Grid(CRS.from_epsg(4326).to_wkt(), Affine(0.01, 0, 10, 0, -0.01, 60), 90, 80)


def exactly(grid, other, cols, rows):
    xs, ys = transform(grid.crs, other.crs, *grid.to_map(cols, rows))
    return other.to_pixel(xs, ys)


@pytest.mark.parametrize("grid, tolerance", [(UTM, 0.001), (DEGREES, 0.01), (COARSE, 0.05)])
def test_positions_are_those_of_proj(grid, tolerance):
    """There and back, in pixels: cells of 30 m, and of 1 km in degrees at 60° of latitude."""
    window = Window(0, 0, grid.width, grid.height)
    lattice = range_lattice(grid, window, 78, 1000 if grid is COARSE else 20)
    for start, end in ((grid, lattice), (lattice, grid)):
        found = positions(start, Window(10, 20, 60, 50), end)
        cols, rows = np.meshgrid(np.arange(10, 70) + 0.5, np.arange(20, 70) + 0.5)
        expected = exactly(start, end, cols.ravel(), rows.ravel())
        for ours, theirs in zip(found, expected):
            assert ours.numpy().ravel() == pytest.approx(theirs, abs=tolerance)


def test_a_part_of_a_grid_has_its_pixels():
    inner = part(UTM, Window(100, -20, 50, 60))
    assert inner.to_map(0.5, 0.5) == UTM.to_map(100.5, -19.5)
    assert (inner.width, inner.height) == (50, 60)


def test_between_pixels_a_plane_is_itself():
    row, col = torch.meshgrid(torch.arange(20) + 0.5, torch.arange(30) + 0.5, indexing="ij")
    where = torch.tensor([[3.2, 7.75, 29.4]]), torch.tensor([[1.1, 9.5, 19.3]])
    found = Interpolator(4000 + 3 * col - 2 * row).at(*where)
    assert found == pytest.approx(4000 + 3 * where[0] - 2 * where[1], abs=1e-3)


def test_unknown_pixels_do_not_spread_and_are_not_made_up():
    values = torch.full((5, 5), 7.0)
    values[2, 2] = torch.nan
    at = Interpolator(values).at(torch.tensor([[2.5, 3.1, 2.9, 6.0, 0.5]]), torch.tensor([[2.5, 2.5, 2.5, 2.0, 4.5]]))
    assert torch.equal(torch.isnan(at), torch.tensor([[True, False, True, True, False]]))
    assert at[0, 1] == 7 and at[0, 4] == 7


def test_labels_are_those_of_the_pixel_there_or_of_the_border():
    labels = torch.arange(12, dtype=torch.uint8).reshape(3, 4)
    found = nearest(labels, torch.tensor([0.1, 0.9, 3.99, 9.0, -2.0]), torch.tensor([0.0, 1.0, 2.5, 1.5, 2.2]))
    assert found.tolist() == [0, 4, 11, 7, 8] and found.dtype == torch.uint8
