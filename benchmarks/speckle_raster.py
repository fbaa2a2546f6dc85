"""Speckle as a raster of any size."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine

from ..contract.sources import RasterSource
from ..engine.rasters.grid import Grid, Tiles, Window
from ..engine.rasters.map_file import MapWriter

CRS = rasterio.crs.CRS.from_epsg(32633).to_wkt()
PLACE = Affine(10, 0, 500_000, 0, -10, 5_300_000)


def write_raster(path: Path, side: int, pixel: float = PLACE.a) -> RasterSource:
    """Write speckle of `side` × `side` pixels in dB, float32 as SAR products are; return its `RasterSource`.

    pixel: metres that they are wide.
    """
    generator, grid = np.random.default_rng(0), grid_of(side, pixel)
    with MapWriter(path, grid, "float32", float("nan")) as file:
        for window in Tiles(Window(0, 0, side, side)):
            intensity = generator.standard_gamma(4, (window.height, window.width), dtype=np.float32) / 4
            file.write(10 * np.log10(intensity) - 10, window)
    return RasterSource("speckle", str(path), CRS)


def grid_of(side: int, pixel: float = PLACE.a) -> Grid:
    """Return the `Grid` of `write_raster`'s file."""
    return Grid(CRS, PLACE * Affine.scale(pixel / PLACE.a), side, side)
