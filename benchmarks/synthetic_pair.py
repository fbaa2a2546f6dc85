"""A synthetic pair of any size: the same fields and buildings in unrelated grey values, the SAR image with speckle."""

import numpy as np
import rasterio
from affine import Affine

CRS = "EPSG:32632"
PIXEL = 10.0


def synthetic_pair(side, seed=0):
    """Return (SAR, optical), uint8 [side, side] each, aligned: rectangles that overlap, one per 40 x 40 pixels."""
    generator = np.random.default_rng(seed)
    sar, optical = np.full((side, side), 60, np.uint8), np.full((side, side), 110, np.uint8)
    count = side * side // 1600
    left, top = generator.integers(-40, side, (2, count))
    width, height = generator.integers(12, 90, (2, count))
    greys = generator.integers(20, 180, (2, count), dtype=np.uint8)
    for x, y, w, h, sar_grey, optical_grey in zip(left, top, width, height, *greys):
        box = slice(max(y, 0), y + h), slice(max(x, 0), x + w)
        sar[box], optical[box] = sar_grey, optical_grey
    for row in range(0, side, 1024):
        strip = slice(row, row + 1024)
        shape = sar[strip].shape
        # Amplitude of about four looks, and the sensor noise of an 8-bit optical image.
        speckle = np.sqrt(generator.standard_gamma(4, shape, dtype=np.float32) / 4)
        noise = 4 * generator.standard_normal(shape, dtype=np.float32)
        sar[strip] = np.clip(sar[strip] * speckle, 0, 255)
        optical[strip] = np.clip(optical[strip] + noise, 0, 255)
    return sar, optical


def write_pair(folder, side, shift=(0.0, 0.0)):
    """Write `sar.tif` and `optical.tif`, tiled, the latter displaced by `shift` pixels (right, down).

    Returns both paths.
    """
    paths = folder / "sar.tif", folder / "optical.tif"
    transform = Affine(PIXEL, 0, 500_000, 0, -PIXEL, 5_000_000)
    transforms = transform, transform * Affine.translation(*shift)
    for path, image, placed in zip(paths, synthetic_pair(side), transforms):
        profile = {"width": side, "height": side, "count": 1, "dtype": "uint8", "crs": CRS, "transform": placed}
        with rasterio.open(path, "w", driver="GTiff", tiled=True, **profile) as file:
            file.write(image, 1)
    return paths
