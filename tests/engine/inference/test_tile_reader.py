"""Tiles show what the reader gives, and each pixel is read once."""

import numpy as np
import pytest
from sarbridge.engine.inference.mirroring import mirrored
from sarbridge.engine.inference.tile_reader import TileReader
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.grid import Grid
from sarbridge.tests.engine.inference.toy_networks import ArrayReader, noise, with_holes

GRID = Grid("", None, 170, 150)
TILINGS = [Tiling(64, 16, 4), Tiling(64, 16, 4, (12, 8)), Tiling(40, 4, 1), Tiling(48, 20, 4), Tiling(32, 0, 1)]


class Counting(ArrayReader):
    """Counts how many pixels it reads."""

    pixels = 0

    def read_mirrored(self, window):
        self.pixels += window.width * window.height
        return super().read_mirrored(window)


@pytest.mark.parametrize("tiling", TILINGS)
def test_each_pixel_is_read_once(tiling):
    reader, plain = Counting(with_holes()), ArrayReader(with_holes())
    tiles = TileReader(reader, tiling)
    windows = list(tiling.windows(GRID))
    for window in windows:
        for read, expected in zip(tiles.read(window), plain.read_mirrored(window)):
            np.testing.assert_array_equal(read, expected)
    ends = windows[-1]
    across, down = ends.col + tiling.side - windows[0].col, ends.row + tiling.side - windows[0].row
    assert reader.pixels == across * down


def test_gaps_are_filled_from_outside_of_the_tile_as_well():
    tiling, reader = TILINGS[0], ArrayReader(with_holes())
    tiles, window = TileReader(reader, tiling), next(iter(tiling.windows(GRID)))
    values, _ = tiles.read(window)
    filled = tiles.without_gaps(window, values)
    wide, _ = reader.read_mirrored(window._replace(col=-100, row=-100, width=400, height=400))
    everything = mirrored(wide, ~np.isnan(wide[0]))[:, 84:148, 84:148]
    np.testing.assert_array_equal(filled[:, 16:], everything[:, 16:])
    assert np.isnan(values).any() and np.isfinite(filled).all()


def test_for_small_gaps_little_is_read_around():
    values = noise()
    values[:, 20:24, 30:40] = np.nan
    tiling, reader = TILINGS[0], Counting(values)
    tiles, window = TileReader(reader, tiling), next(iter(tiling.windows(GRID)))
    seen, _ = tiles.read(window)
    tiles.without_gaps(window, seen)
    assert reader.pixels == 64**2 + (64 + 2 * 4) ** 2  # the middle of the gap is two pixels from its sides


def test_tiles_without_gaps_are_not_copied():
    tiling, reader = TILINGS[0], Counting(np.ones((1, 150, 170), np.float32))
    tiles, window = TileReader(reader, tiling), next(iter(tiling.windows(GRID)))
    values, _ = tiles.read(window)
    assert tiles.without_gaps(window, values) is values and reader.pixels == 64 * 64
