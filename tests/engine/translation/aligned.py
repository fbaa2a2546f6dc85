"""Aligned layers as files for tests: what the radar shows, and colours that follow from it."""

import numpy as np
import rasterio
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.contract.training_jobs import AlignedLayers
from sarbridge.tests.engine.translation.sar_images import CRS_OF_ALL, LEFT, PIXEL, TOP, write_sar
from scipy.ndimage import gaussian_filter


def relief(height, width, seed=0):
    """A smooth field [height, width], mean 0 and deviation 1."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 5)
    return (field - field.mean()) / field.std()


def write_colours(path, values, corner=(LEFT, TOP), pixel=PIXEL):
    """Write bands [C, h, w] as they are and return the `RasterSource` of all of them."""
    shape = {"height": values.shape[1], "width": values.shape[2], "count": len(values), "dtype": values.dtype.name}
    transform = Affine(pixel, 0, corner[0], 0, -pixel, corner[1])
    with rasterio.open(path, "w", driver="GTiff", crs=CRS_OF_ALL, transform=transform, **shape) as dataset:
        dataset.write(values)
    return RasterSource(path.stem, str(path), CRS_OF_ALL.to_wkt(), tuple(range(1, len(values) + 1)))


def colours_of(field):
    """Digital numbers uint16 [3, h, w] that rise and fall with a field."""
    return np.stack([1200 + 300 * field, 900 - 200 * field, 700 + 100 * field]).clip(1).astype(np.uint16)


def write_layers(
    folder, height=192, width=320, heights=False, corner=(LEFT, TOP), pixel=PIXEL, called="", seed=0, **entries
):
    """Write VV, VH and colours of one field, and heights if wanted; return them as `AlignedLayers` of 64 px patches.

    called: ending of the layers' names, for those of several places.
    """
    field = relief(height, width, seed)
    speckle = np.random.default_rng(1).normal(0, 1, (2, height, width))
    bands = -10 + 3 * field + speckle[0], -17 + 2 * field + speckle[1]
    sar = write_sar(folder / f"s1{called}.tif", *bands, corner=corner, pixel=pixel)
    optical = write_colours(folder / f"s2{called}.tif", colours_of(field), corner, pixel)
    dem = None
    if heights:
        metres = (300 + 100 * relief(height, width, 2))[None].astype(np.float32)
        dem = write_colours(folder / f"dem{called}.tif", metres, corner, pixel)
    given = {"polarisations": ("VV", "VH"), "dem": dem, "patch": 64, **entries}
    return AlignedLayers(sar, optical, **given)
