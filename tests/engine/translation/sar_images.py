"""Radar images as files for tests: fields of different backscatter, with speckle."""

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource

LEFT, TOP, PIXEL = 500_000, 5_300_000, 10.0
CRS_OF_ALL = CRS.from_epsg(32633)


def backscatter(height, width, seed=0):
    """Decibels [height, width]: patches from -18 to -4 dB, four looks."""
    generator = np.random.default_rng(seed)
    fields = generator.uniform(-18, -4, (height // 16 + 1, width // 16 + 1)).repeat(16, 0).repeat(16, 1)
    speckle = generator.gamma(4, 1 / 4, (height, width))
    return (fields[:height, :width] + 10 * np.log10(speckle)).astype(np.float32)


def write_sar(path, *bands, nodata=None, pixel=PIXEL, corner=(LEFT, TOP), dtype="float32"):
    """Write bands [h, w] as GeoTIFF and return its `RasterSource` with all of them."""
    height, width = bands[0].shape
    shape = {"height": height, "width": width, "count": len(bands), "dtype": dtype, "nodata": nodata}
    transform = Affine(pixel, 0, corner[0], 0, -pixel, corner[1])
    with rasterio.open(path, "w", driver="GTiff", crs=CRS_OF_ALL, transform=transform, **shape) as dataset:
        dataset.write(np.stack(bands).astype(dtype))
    return RasterSource(path.stem, str(path), CRS_OF_ALL.to_wkt(), tuple(range(1, len(bands) + 1)))
