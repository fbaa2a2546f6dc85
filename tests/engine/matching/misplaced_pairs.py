"""Pairs of one texture, as SAR and as optical image, of which the optical one claims to lie elsewhere."""

import numpy as np
import rasterio
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.layer import Layer
from sarbridge.engine.matching.working_grid import working_grid
from sarbridge.engine.rasters.radiometry import OpticalRadiometry, SarRadiometry
from scipy.ndimage import gaussian_filter

CRS = rasterio.crs.CRS.from_epsg(32631)
TRUE = Affine(10, 0, 500_000, 0, -10, 5_500_000)
"""Where both images lie; the optical one claims to lie at `TRUE` times an error in pixels."""

NO_DATA = 255


def texture(side, seed=1):
    """Return a texture of 8 bits [side, side] with features of some pixels and of some tens of pixels."""
    noise = np.random.default_rng(seed).normal(size=(side, side))
    fine, coarse = (gaussian_filter(noise, sigma) for sigma in (2.5, 9))
    values = fine / fine.std() + coarse / coarse.std()
    return np.clip(127 + 40 * values, 0, 254).astype(np.uint8)


def misplaced(folder, error, sar, optical, sar_corner=(0, 0)):
    """Return (SAR layer, optical layer, working grid) of images [side, side]; `error`: an `Affine` in pixels.

    sar_corner: the pixel (col, row) of the optical image that the SAR image begins with.
    """
    layers = []
    for name, values, place in (
        ("sar", sar, TRUE * Affine.translation(*sar_corner)),
        ("optical", optical, TRUE * error),
    ):
        path, (height, width) = folder / f"{name}.tif", values.shape
        shape = {"width": width, "height": height, "count": 1, "dtype": "uint8"}
        with rasterio.open(path, "w", "GTiff", crs=CRS, transform=place, nodata=NO_DATA, **shape) as file:
            file.write(values, 1)
        radiometry = SarRadiometry("display") if name == "sar" else OpticalRadiometry(0, 254)
        layers.append(Layer(RasterSource(name, str(path), CRS.to_wkt()), radiometry))
    return (*layers, working_grid(*(layer.source for layer in layers)))


def about_the_middle(side, transform):
    """Return a transform that is given about the origin, about the middle of an image."""
    middle = Affine.translation(side / 2, side / 2)
    return middle * transform * ~middle


def largest_error(transform, error, grid, side):
    """Return by how many pixels a transform from optical to SAR positions on the grid misses, at most, the truth."""
    cols, rows = (part.ravel() for part in np.meshgrid(*2 * [np.linspace(0, side, 5)]))
    claimed = grid.to_pixel(*(TRUE * error * (cols, rows)))
    found = np.array(transform * claimed)
    return float(np.linalg.norm(found - np.array(grid.to_pixel(*(TRUE * (cols, rows)))), axis=0).max())
