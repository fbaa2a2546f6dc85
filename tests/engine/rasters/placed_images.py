"""Images that lie anywhere: on a map, or in radar geometry with points or polynomials that say where."""

import warnings

import numpy as np
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.rpc import RPC
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource

UTM31 = CRS.from_epsg(32631)
ROTATED = Affine(10, 0, 500_000, 0, -10, 5_500_000) * Affine.rotation(33)
POINTS = tuple(
    GroundControlPoint(row, col, 4 + col / 1e4, 52 - row / 1e4, 7.0, str(number), "")
    for number, (row, col) in enumerate([(0, 0), (0, 90), (70, 0), (70, 90), (33.5, 41.25)])
)
LONLAT = CRS.from_epsg(4326)
RPCS = RPC(
    height_off=10,
    height_scale=500,
    lat_off=52,
    lat_scale=0.1,
    line_den_coeff=[1.0] + [0.0] * 19,
    line_num_coeff=[0.0, 0, 1] + [0.0] * 17,
    line_off=40,
    line_scale=40,
    long_off=4,
    long_scale=0.1,
    samp_den_coeff=[1.0] + [0.0] * 19,
    samp_num_coeff=[0.0, 1, 0] + [0.0] * 17,
    samp_off=50,
    samp_scale=50,
)


def write_anywhere(path, values, transform=None, points=(), rpcs=None, dtype=None, **profile):
    """Write values [n, h, w] as GeoTIFF; return its `RasterSource` with all bands, which may lie anywhere."""
    values = np.asarray(values)
    count, height, width = values.shape
    place = {"transform": transform, "crs": UTM31} if transform else {}
    shape = {"width": width, "height": height, "count": count, "dtype": dtype or values.dtype.name}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", "GTiff", **shape, **place, **profile) as file:
            file.write(values)
            if points:
                file.gcps = list(points), LONLAT
            if rpcs:
                file.rpcs = rpcs
    crs = UTM31.to_wkt() if transform else ""
    return RasterSource(path.stem, str(path), crs, tuple(range(1, count + 1)), anywhere=True)


def opened(path, mode="r"):
    """Open a raster that may have no place, quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(path, mode)


def places_of(points):
    """Return (row, column, x, y, z) of ground control points, [n, 5]."""
    return np.array([(each.row, each.col, each.x, each.y, each.z) for each in points])
