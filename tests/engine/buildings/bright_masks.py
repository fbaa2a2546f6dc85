"""Networks whose answer is known, and radar images of bright boxes, for tests of the extraction of buildings."""

import math

import numpy as np
import rasterio
import torch
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.geometry.surface_model import surface_grid

DARK, BRIGHT = -18.0, 2.0
LEFT, TOP = 500_000, 5_300_000
UTM = CRS.from_epsg(32633)


class Bright(torch.nn.Module):
    """Building where the first plane is above 1; a logit of 10 or -10."""

    def forward(self, planes):
        return 20 * (planes[:, :1] > 1).float() - 10


class BrightWithBorder(torch.nn.Module):
    """Building where the first plane is above 0.5, border where it is below 1.5 as well: the brightest are seeds."""

    def forward(self, planes):
        first = planes[:, :1]
        return torch.cat([20 * (first > 0.5).float() - 10, 20 * ((first > 0.5) & (first < 1.5)).float() - 10], 1)


class BehindBright(torch.nn.Module):
    """Building right below what is bright: the answer hangs on the direction of the image."""

    def forward(self, planes):
        above = torch.nn.functional.pad(planes[:, :1], (0, 0, 4, 0))[:, :, :-4]
        building = 20 * ((above > 1) & (planes[:, :1] < 1)).float() - 10
        return torch.cat([building, torch.full_like(building, -10)], 1)


class Leaning(torch.nn.Module):
    """Building below what is bright and above what is dark, and perhaps one anywhere."""

    def forward(self, planes):
        first = torch.nn.functional.pad(torch.nn.functional.avg_pool2d(planes[:, :1], 3, 1, 1), (0, 0, 4, 4))
        above, below = first[:, :, :-8], first[:, :, 8:]
        building = 8 * ((above > 1) & (below < -1)).float() - 3
        return torch.cat([building, torch.full_like(building, -10)], 1)


def boxes(height, width, places, level=BRIGHT):
    """Decibels [height, width], dark but in boxes (row, col, height, width); nowhere quite even."""
    values = np.full((height, width), DARK, np.float32)
    values += np.random.default_rng(0).normal(0, 0.2, values.shape).astype(np.float32)
    for row, col, tall, wide in places:
        values[row : row + tall, col : col + wide] = level
    return values


def write_radar(path, *bands, transform=None, crs=UTM, pixel=1.0, nodata=np.nan):
    """Write bands [h, w] as GeoTIFF and return its `RasterSource`; transform: north up from (LEFT, TOP) without."""
    height, width = bands[0].shape
    shape = {"height": height, "width": width, "count": len(bands), "dtype": "float32", "nodata": nodata}
    transform = transform or Affine(pixel, 0, LEFT, 0, -pixel, TOP)
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **shape) as dataset:
        dataset.write(np.stack(bands).astype(np.float32))
    return RasterSource(path.stem, str(path), CRS.from_user_input(crs).to_wkt(), tuple(range(1, len(bands) + 1)))


def town(path, azimuth, side=420, transform=None, crs=UTM, houses=40):
    """Write an image of houses that shine towards a radar and throw shadows away from it; return its source."""
    generator = np.random.default_rng(3)
    values = generator.normal(-10, 0.5, (side, side)).astype(np.float32)
    source = write_radar(path, values, transform=transform, crs=crs)
    east_north = surface_grid(source).pixel_sides()
    down = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    cols, rows = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    for col, row in generator.uniform(20, side - 20, (houses, 2)):
        east, north = np.moveaxis(np.stack([cols - col, rows - row], -1) @ east_north, -1, 0)
        along, across = east * down[0] + north * down[1], east * down[1] - north * down[0]
        beside = np.abs(across) < 7
        values[beside & (np.abs(along + 4) < 2)] = 5
        values[beside & (np.abs(along - 4) < 2)] = -25
    return write_radar(path, values, transform=transform, crs=crs)
