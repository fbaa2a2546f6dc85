"""Geotransforms that no image can have are refused with the reason; odd ones that can be true are taken."""

import math

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.rasters.source_file import open_source

LEFT, TOP = 500_000, 5_300_000


def opened(folder, *transform):
    path, crs = folder / "a.vrt", CRS.from_epsg(32633).to_wkt()
    text = ",".join(map(repr, map(float, Affine(*transform).to_gdal())))
    path.write_text(
        f'<VRTDataset rasterXSize="64" rasterYSize="64"><GeoTransform>{text}</GeoTransform>'
        '<VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    with open_source(RasterSource("Layer A", str(path), crs)) as dataset:
        return dataset.transform


@pytest.mark.parametrize(
    "transform, why",
    [
        ((math.nan, 0, LEFT, 0, -10, TOP), "not finite"),
        ((10, 0, math.inf, 0, -10, TOP), "not finite"),
        ((10, math.nan, LEFT, 0, -10, TOP), "not finite"),
        ((1e300, 0, LEFT, 0, -1e300, TOP), "reaches as far as 6.4e[+]301"),
        ((10, 0, 1e200, 0, -10, TOP), "reaches as far as 1e[+]200"),
        ((1e-12, 0, LEFT, 0, -1e-12, TOP), "finer than its coordinates can tell apart"),
        ((0.01, 0, LEFT, 0, -1e6, TOP), "are lines"),
        ((10, 10, LEFT, 10, 10 + 1e-9, TOP), "its columns run along its rows"),
        ((10, 1e6, LEFT, 0, -10, TOP), "are lines"),
    ],
)
def test_places_where_no_image_can_lie_are_refused(tmp_path, transform, why):
    with pytest.raises(UserError, match=f"The geotransform of layer 'Layer A' cannot be true .*{why}"):
        opened(tmp_path, *transform)


@pytest.mark.parametrize("transform", [(10, 10, LEFT, 10, 10, TOP), (0, 0, LEFT, 0, -10, TOP)])
def test_pixels_without_an_area_are_not_georeferenced(tmp_path, transform):
    with pytest.raises(UserError, match="is not georeferenced"):
        opened(tmp_path, *transform)


@pytest.mark.parametrize(
    "transform",
    [
        (1e-9, 0, 13.0, 0, -1e-9, 48.0),  # a tenth of a millimetre, in degrees
        (0.0005, 0, LEFT, 0, -0.0005, TOP),
        (10, 9.9, LEFT, 9.9, -10, TOP),
        (-10, 0, LEFT, 0, 10, TOP),
        (100, 0, LEFT, 0, -2, TOP),
        (1e6, 0, -2e7, 0, -1e6, 2e7),
    ],
)
def test_odd_places_that_can_be_true_are_taken(tmp_path, transform):
    np.testing.assert_allclose(opened(tmp_path, *transform), Affine(*transform))
