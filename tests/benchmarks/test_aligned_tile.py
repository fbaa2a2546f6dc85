"""That the positions in an aligned image tell how far it is off."""

import numpy as np
import pytest
import rasterio
from affine import Affine
from sarbridge.benchmarks.aligned_tile import distances, with_positions

TILE = Affine(10, 0, 500_000, 0, -10, 5_000_000)


@pytest.fixture
def tile(tmp_path):
    path = tmp_path / "tile.tif"
    profile = {"driver": "GTiff", "width": 40, "height": 30, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", **profile, crs="EPSG:32633", transform=TILE) as written:
        written.write(np.ones((1, 30, 40), np.uint8))
    return path


def test_an_aligned_image_is_off_by_what_it_is_misplaced(tile, tmp_path):
    falsified = with_positions(tile, Affine.translation(3, -4), tmp_path / "falsified.tif")
    off = distances(falsified, TILE)
    assert len(off) == 38 * 28 and np.allclose(off, 5)
    assert np.allclose(distances(falsified, TILE * Affine.translation(3, -4)), 0)


def test_pixels_without_data_are_not_judged(tile, tmp_path):
    path = with_positions(tile, Affine.identity(), tmp_path / "positions.tif")
    with rasterio.open(path, "r+") as image:
        values = image.read()
        values[:, :10] = np.nan
        image.write(values)
    assert len(distances(path, TILE)) == 38 * 19
