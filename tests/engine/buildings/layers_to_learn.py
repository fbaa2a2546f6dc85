"""A small town as layers of one place: what a radar and a camera see of it, and its footprints."""

from dataclasses import replace

import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.transform import Affine
from sarbridge.contract.building_training_jobs import BuildingLayers, TrainBuildingsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.tests.engine.buildings.scenes import LEFT, TOP, UTM, footprint_source, square

HEIGHT, WIDTH = 192, 256


def buildings(seed=0):
    """Squares on a lattice of 24 m, some of them missing, all within the place."""
    generator = np.random.default_rng(seed)
    return [
        square(col + 4, row + 4, int(side))
        for row in range(0, HEIGHT - 23, 24)
        for col in range(0, WIDTH - 23, 24)
        for side in generator.integers(8, 16, 1)
        if generator.random() < 0.8
    ]


def raster(path, values, pixel=1.0, nodata=None, corner=(0, 0)):
    """Write bands [C, h, w] and return their `RasterSource`."""
    placed = Affine(pixel, 0, LEFT + corner[0], 0, -pixel, TOP - corner[1])
    shape = {"width": values.shape[2], "height": values.shape[1], "count": len(values), "dtype": values.dtype}
    with rasterio.open(path, "w", "GTiff", crs=UTM, transform=placed, nodata=nodata, **shape) as file:
        file.write(values)
    return RasterSource(path.stem, str(path), UTM.to_wkt(), tuple(range(1, len(values) + 1)))


def town(folder, pixel=1.0, **entries):
    """Write HH and HV in dB, colours and footprints; return them as `BuildingLayers` of patches of 64 pixels."""
    shapes, generator = buildings(), np.random.default_rng(1)
    shape = round(HEIGHT / pixel), round(WIDTH / pixel)
    built = rasterize(shapes, shape, transform=Affine.scale(pixel)) > 0
    speckle = 10 * np.log10(generator.gamma(4, 1 / 4, (2, *shape)))
    bands = np.stack([np.where(built, -8, -12), np.where(built, -14, -18)]) + speckle
    colours = np.where(built, 170, 70) + generator.normal(0, 8, (3, *shape))
    layers = BuildingLayers(
        sar=raster(folder / "radar.tif", bands.astype(np.float32), pixel),
        optical=raster(folder / "photo.tif", colours.clip(1, 255).astype(np.uint8), pixel),
        footprints=footprint_source(folder / "houses.jsonl", shapes),
        polarisations=("HH", "HV"),
        patch=64,
    )
    return replace(layers, **entries)


def job_of(layers, out, **entries):
    """The job of a short training."""
    given = {"epochs": 1, "batch_size": 4, "device": "cpu", **entries}
    return TrainBuildingsJob(layers, "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)
