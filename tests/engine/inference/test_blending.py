"""Tiles become one raster: each pixel once, with weights that sum to one, and little in memory."""

import tracemalloc

import numpy as np
import pytest
from sarbridge.engine.inference.blending import Seams, core, raised_cosine
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.grid import Grid

TILING = Tiling(side=32, halo=4, step=2)
GRIDS = [Grid("", None, *size) for size in ((100, 70), (72, 48), (24, 24), (25, 23), (5, 3), (1, 60))]


def blended(blend, tiling, grid, value_of, count=1):
    """Blend tiles filled by value_of(number, window); return (raster [C, h, w], how often each pixel came)."""
    outputs = (
        (window, np.broadcast_to(np.float32(value_of(number, window)), (count, tiling.side, tiling.side)))
        for number, window in enumerate(tiling.windows(grid))
    )
    raster, times = np.full((count, grid.height, grid.width), np.nan), np.zeros((grid.height, grid.width), int)
    for values, (col, row, width, height) in blend(outputs, tiling, grid):
        assert values.shape == (count, height, width)
        raster[:, row : row + height, col : col + width] = values
        times[row : row + height, col : col + width] += 1
    return raster, times


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("tiling", [TILING, Tiling(32, 8, 4), Tiling(16, 0, 1), Tiling(32, 8, 4, (3, 1))])
@pytest.mark.parametrize("blend", [core, raised_cosine])
def test_every_pixel_comes_once_and_constants_stay(blend, tiling, grid):
    raster, times = blended(blend, tiling, grid, lambda number, window: 0.1, count=3)
    assert (times == 1).all()
    assert (raster == np.float32(0.1)).all(), "to the last bit"


@pytest.mark.parametrize("grid", GRIDS)
def test_a_core_is_its_tiles_alone(grid):
    raster, _ = blended(core, TILING, grid, lambda number, window: number)
    rows, cols = np.mgrid[: grid.height, : grid.width] // 24
    np.testing.assert_array_equal(raster[0], rows * -(-grid.width // 24) + cols)


def raised_cosines(start, length, side, halo):
    """Weights of a tile that begins at `start` along a row of `length` pixels, in the textbook's form."""
    positions = np.arange(length) - start + 0.5
    rise = np.where(start > -halo, 0.5 - 0.5 * np.cos(np.pi * np.clip(positions / (2 * halo), 0, 1)), 1)
    falls = start + halo + side - 2 * halo < length
    fall = np.where(falls, 0.5 - 0.5 * np.cos(np.pi * np.clip((side - positions) / (2 * halo), 0, 1)), 1)
    return np.where((positions > 0) & (positions < side), rise * fall, 0)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("tiling", [TILING, Tiling(32, 8, 4)])
def test_raised_cosines_are_the_weights_and_sum_to_one(tiling, grid):
    """A tile of ones among zeros shows its weights."""
    total = np.zeros((grid.height, grid.width))
    for chosen, window in enumerate(tiling.windows(grid)):
        weights = blended(raised_cosine, tiling, grid, lambda number, _, chosen=chosen: number == chosen)[0][0]
        down = raised_cosines(window.row, grid.height, tiling.side, tiling.halo)
        along = raised_cosines(window.col, grid.width, tiling.side, tiling.halo)
        np.testing.assert_allclose(weights, down[:, None] * along, atol=1e-6)
        total += weights
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_seams_are_how_far_tiles_are_apart_where_they_overlap():
    """Two tiles beside each other; what no tile knows does not count, nor do bands beyond those asked for."""
    grid, seams = Grid("", None, 48, 24), Seams(bands=1)
    outputs = []
    for window, value in zip(TILING.windows(grid), (0.25, 0.75)):
        values = np.full((2, 32, 32), value, np.float32)
        values[1], values[0, :4] = 100 * value, np.nan
        outputs.append((window, values))
    assert seams.mean is None and not list(raised_cosine([], TILING, grid, seams))
    assert list(raised_cosine(outputs, TILING, grid, seams))
    assert (seams.mean, seams.largest) == (0.5, 0.5)


def test_only_rows_that_still_overlap_are_kept():
    peaks = []
    for height in (200, 4000):
        grid = Grid("", None, 400, height)
        outputs = ((window, np.zeros((1, 32, 32), np.float32)) for window in TILING.windows(grid))
        tracemalloc.start()
        for _ in raised_cosine(outputs, TILING, grid):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_tilings_that_make_no_sense():
    for side, halo, step in ((30, 4, 4), (32, 3, 2), (32, 16, 1), (32, -2, 2), (32, 4, 0)):
        with pytest.raises(ValueError, match="tiles"):
            Tiling(side, halo, step)
    grid = Grid("", None, 64, 64)
    with pytest.raises(ValueError, match="at most half"):
        blended(raised_cosine, Tiling(32, 10, 2), grid, lambda number, window: 0)


def test_where_one_tile_has_no_data_the_other_counts_in_full():
    raster, _ = blended(raised_cosine, TILING, Grid("", None, 48, 48), lambda number, _: [np.nan, 1, 2, 3][number])
    alone = 20  # rows and columns that no other tile sees
    assert np.isnan(raster[0, :alone, :alone]).all()
    assert (raster[0, :alone, alone:] == 1).all() and (raster[0, alone:, :alone] == 2).all()
    assert ((raster[0, alone:, alone:] >= 1) & (raster[0, alone:, alone:] <= 3)).all()
