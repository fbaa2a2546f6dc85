"""Black and white of optical layers, by what their values are."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.optical_stretch import band_stretch

PLACE = Affine(10, 0, 500000, 0, -10, 5500000)


def stretch_of(path, scale):
    values = np.random.default_rng(0).normal(100, 20, (200, 300)).clip(1, 254).astype(np.uint8)
    profile = {"driver": "GTiff", "width": 300, "height": 200, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", crs="EPSG:32631", transform=PLACE, **profile) as file:
        file.write(values, 1)
        if scale != 1:
            file.scales = (scale,)
    with rasterio.open(path) as file:
        crs = file.crs.to_wkt()
    source = RasterSource("Layer A", str(path), crs)
    return band_stretch(source, Grid(crs, PLACE, 300, 200), NullReporter())


def test_eight_bits_stay_as_they_are(tmp_path):
    assert stretch_of(tmp_path / "a.tif", 1) == stretch_of(tmp_path / "b.tif", 1)
    assert (stretch_of(tmp_path / "c.tif", 1).low, stretch_of(tmp_path / "d.tif", 1).high) == ((0.0,), (255.0,))


def test_eight_bits_that_the_file_scales_are_no_rendering(tmp_path):
    """Reflectances of 0.004 to 1, stored in steps of 1/255: 0 to 255 would leave them all black."""
    stretch = stretch_of(tmp_path / "a.tif", 1 / 255)
    assert (stretch.low[0], stretch.high[0]) == pytest.approx((50 / 255, 150 / 255), abs=0.03)
