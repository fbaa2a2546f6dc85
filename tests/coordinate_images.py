"""Images whose values are their own pixel coordinates, and tie points for them: each output pixel tells its origin."""

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.coregistration_jobs import CoregisterJob
from sarbridge.contract.sources import RasterSource

UTM = CRS.from_epsg(32631)
NORTH_UP = Affine(10, 0, 500_000, 0, -10, 4_000_000)
WIDTH, HEIGHT = 700, 560
SCALE = 0.9996
"""Of UTM there, on the central meridian of the zone: 0.9996 units of the map are a metre on the ground."""


def write(path, values, transform=NORTH_UP, crs=UTM, **profile):
    values = np.asarray(values)
    count, height, width = values.shape
    shape = {"count": count, "height": height, "width": width, "dtype": profile.pop("dtype", values.dtype.name)}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **shape, **profile) as dataset:
        dataset.write(values)
    return path


def coordinates(width=WIDTH, height=HEIGHT):
    """An image of two float bands: column and row of each pixel's centre."""
    rows, cols = np.mgrid[:height, :width] + 0.5
    return np.stack([cols, rows])


def source_of(path, crs=UTM, **kwargs):
    return RasterSource(name="moving", path=str(path), crs=crs.to_wkt(), **kwargs)


def tie_points(kind, transform=NORTH_UP, count=60, seed=0, noise=0.0):
    """Tie points whose true offsets (fixed minus moving, metres) are of the kind; rows as a job takes them."""
    random = np.random.default_rng(seed)
    cols, rows = random.uniform(0, WIDTH, count), random.uniform(0, HEIGHT, count)
    x, y = cols / WIDTH, rows / HEIGHT
    offsets = {
        "shift": (173 + 0 * x, 116 + 0 * x),
        "affine": (173 + 60 * x - 40 * y, 116 + 40 * x + 60 * y),
        "polynomial2": (173 + 60 * x - 80 * y * y, 116 + 70 * x * y),
        "tps": (173 + 50 * np.sin(4 * x + y), 116 + 40 * np.cos(5 * y)),
    }[kind]
    moving = np.column_stack([transform.a * cols + transform.b * rows + transform.c,
                              transform.d * cols + transform.e * rows + transform.f])  # fmt: skip
    return np.hstack([moving, moving + np.stack(offsets, axis=1) + random.normal(0, noise, (count, 2))])


def job_for(path, points, output, kind, **kwargs):
    """A job for an image; the points are called p0, p1, ..."""
    rows = tuple(map(tuple, np.asarray(points).tolist()))
    ids = tuple(f"p{number}" for number in range(len(rows)))
    named = {"point_ids": ids, "fixed_crs": UTM.to_wkt(), "moving": source_of(path), **kwargs}
    return CoregisterJob(points=rows, output=str(output), transform=kind, **named)


def palette_image(path):
    classes = np.random.default_rng(0).integers(0, 5, (1, HEIGHT, WIDTH)).astype(np.uint8)
    write(path, classes)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {value: (value, 255 - value, 7, 255) for value in range(256)})
        dataset.update_tags(1, legend="land cover")
        dataset.set_band_description(1, "classes")
    return classes
