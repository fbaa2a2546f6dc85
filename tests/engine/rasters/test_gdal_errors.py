"""What GDAL refuses has a public name; everything else passes as it is."""

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform
from sarbridge.engine.rasters.gdal_errors import gdal_errors_caught


def test_a_place_outside_a_projection_is_named():
    with pytest.raises(RasterioError, match="outside of projection domain"), gdal_errors_caught():
        transform("EPSG:4326", "+proj=ortho", [180.0], [0.0])


def test_a_copy_of_a_damaged_file_is_named(tmp_path):
    whole, damaged = tmp_path / "whole.tif", tmp_path / "damaged.tif"
    profile = {"driver": "GTiff", "width": 256, "height": 256, "count": 1, "dtype": "uint16", "compress": "deflate"}
    with rasterio.open(whole, "w", **profile) as file:
        file.write(np.random.default_rng(0).integers(0, 60000, (1, 256, 256), np.uint16))
    damaged.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(RasterioError), gdal_errors_caught():
        rasterio.shutil.copy(damaged, tmp_path / "copy.tif", driver="GTiff")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("no such system", "EPSG:4326", [0.0], [0.0]), CRSError), (("EPSG:4326", "EPSG:3857", ["x"], [0.0]), TypeError)],
)
def test_wrong_arguments_are_no_errors_of_gdal(arguments, error):
    with pytest.raises(error), gdal_errors_caught():
        transform(*arguments)
