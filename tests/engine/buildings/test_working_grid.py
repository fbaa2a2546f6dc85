"""The lattice that a network sees: the line of sight runs down its columns, whatever the layer's own lattice."""

import math

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.buildings.working_grid import working_grid, working_lattice
from sarbridge.engine.rasters.grid import Grid, Window

LATTICES = {
    "projected": (32633, Affine(0.5, 0, 400_000, 0, -0.5, 6_900_000)),
    "degrees": (4326, Affine(2e-5, 0, 15.0, 0, -1e-5, 60.0)),
    "turned": (32633, Affine.translation(400_000, 6_900_000) * Affine.rotation(25) * Affine.scale(0.5, -0.5)),
    "south up": (32633, Affine(0.5, 0, 400_000, 0, 0.5, 6_900_000)),
    "web": (3857, Affine(1, 0, 1_600_000, 0, -1, 8_300_000)),
}


def layer(name, width=400, height=300):
    epsg, transform = LATTICES[name]
    return Grid(CRS.from_epsg(epsg).to_wkt(), transform, width, height)


@pytest.mark.parametrize("azimuth", [4.0, 77.0, 180.0, 283.5])
@pytest.mark.parametrize("name", LATTICES)
def test_the_line_of_sight_runs_down_the_columns(name, azimuth):
    whole = layer(name)
    grid, _ = working_grid(whole, Window(0, 0, whole.width, whole.height), 1.0, azimuth)
    right, down = grid.pixel_sides()
    assert np.hypot(*right) == pytest.approx(1, rel=1e-3) and np.hypot(*down) == pytest.approx(1, rel=1e-3)
    assert math.degrees(math.atan2(*down)) % 360 == pytest.approx(azimuth, abs=0.05)
    assert right[0] * down[1] - right[1] * down[0] == pytest.approx(-1, rel=1e-3)  # not mirrored: seen from above
    cols, rows = grid.to_pixel(*whole.to_map([0, whole.width, 0, whole.width], [0, 0, whole.height, whole.height]))
    assert cols.min() >= 1 and rows.min() >= 1 and cols.max() <= grid.width - 1 and rows.max() <= grid.height - 1


def test_parts_of_a_layer_lie_on_one_lattice():
    whole = layer("turned")
    all_of_it = working_grid(whole, Window(0, 0, 400, 300), 1.0, 77.0)
    part = working_grid(whole, Window(120, 40, 100, 90), 1.0, 77.0)
    moved = part.window.col - all_of_it.window.col, part.window.row - all_of_it.window.row
    assert np.allclose(all_of_it.grid.to_map(*moved), part.grid.to_map(0, 0), atol=1e-6)


def test_nothing_is_resampled_without_need():
    whole, window = layer("projected"), Window(7, 9, 100, 90)
    own = working_grid(whole, window, 0.0, None)
    assert own.window == window and own.grid.transform * (0, 0) == whole.transform * (7, 9)
    assert working_grid(whole, window, 0.5, None) == own
    along = math.degrees(math.atan2(*whole.pixel_sides()[1])) % 360  # the layer's columns run along the line of sight
    assert working_grid(whole, window, 0.5, along) == own
    assert working_grid(whole, window, 0.0, along) == own and working_grid(whole, window, 0.0, along + 10) != own


def test_only_what_is_asked_for_must_not_be_too_large():
    whole = layer("projected", 600_000, 600_000)
    everything = Window(0, 0, 600_000, 600_000)
    with pytest.raises(UserError, match="What the network sees of the layer has 6.* pixels, more than"):
        working_grid(whole, everything, 0.5, 180.0)
    assert working_lattice(whole, everything, 0.5, 180.0).grid.width > 600_000
    assert working_grid(whole, Window(500_000, 9, 100, 90), 1.0, 180.0).grid.width < 60
