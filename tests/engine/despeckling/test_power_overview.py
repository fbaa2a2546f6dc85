"""Small pictures of large images, and the place in them where most is to be seen."""

import tracemalloc

import numpy as np
import pytest
from sarbridge.engine.despeckling.power_overview import power_overview, roughest
from sarbridge.engine.rasters.own_pixels import PowerReader, own_grid
from sarbridge.engine.reports.pictures import OVERVIEW_SIDE
from sarbridge.tests.engine.rasters.placed_images import write_anywhere


def overview(tmp_path, values, **profile):
    source = write_anywhere(tmp_path / "sar.tif", values[None], **profile)
    with PowerReader(source, own_grid(source), "power") as reader:
        return power_overview(reader)


@pytest.mark.parametrize(("shape", "factor"), [((30, 40), 1), ((901, 50), 2), ((1300, 2750), 4)])
def test_cells_are_means_of_what_is_known(shape, factor, tmp_path):
    values = np.random.default_rng(0).gamma(1, size=shape).astype(np.float32)
    values[: shape[0] // 3, :7] = 0
    found, by = overview(tmp_path, values)
    known = np.where(values > 0, values, np.nan)
    rows, cols = (-(-each // factor) for each in shape)
    wide = np.full((rows * factor, cols * factor), np.nan)
    wide[: shape[0], : shape[1]] = known
    cells = wide.reshape(rows, factor, cols, factor).swapaxes(1, 2).reshape(rows, cols, -1)
    there = np.isfinite(cells).any(-1)
    assert by == factor and max(found.shape) <= OVERVIEW_SIDE
    np.testing.assert_array_equal(np.isfinite(found), there)
    np.testing.assert_allclose(found[there], np.nanmean(cells[there], -1), rtol=1e-5)


def test_memory_is_that_of_a_window(tmp_path):
    source = write_anywhere(tmp_path / "sar.tif", np.ones((1, 8000, 1500), np.float32), tiled=True)
    with PowerReader(source, own_grid(source), "power") as reader:
        tracemalloc.start()
        power_overview(reader)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8000 * 1500 * 4


def test_the_roughest_place_is_the_one_that_varies_most():
    power = np.ones((200, 300))
    power[120:150:2, 210:240] = 50
    power[:60] = np.nan
    power[60:64] = 1e9  # an edge beside what is not known
    col, row = roughest(power[64:], 32)
    assert 205 < col < 245 and 115 < row + 64 < 155
    assert all(np.isfinite(roughest(np.full((5, 5), each), 3)).all() for each in (np.nan, 1.0))
