"""Arrays as rasters, and toy networks over them."""

import math

import numpy as np
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.engine.inference.blending import core
from sarbridge.engine.inference.raster_network import map_rasters
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.source_file import in_file, read_mirrored_box
from sarbridge.engine.reporting import NullReporter

CPU = torch.device("cpu")
UTM = rasterio.crs.CRS.from_epsg(32633).to_wkt()
PLACE = Affine(10, 0, 500_000, 0, -10, 5_300_000)


class ArrayReader:
    """Values [C, H, W] as a reader gives them; NaN is no data. They begin at (col, row) = `at` of the grid."""

    def __init__(self, values, at=(0, 0)):
        self.values, self.at = values, at

    def read_mirrored(self, window):
        left, top = window.col - self.at[0], window.row - self.at[1]
        box, shape = (left, top, left + window.width, top + window.height), self.values.shape[1:]
        read = read_mirrored_box(box, shape, lambda ranges: self.values[:, slice(*ranges[0]), slice(*ranges[1])])
        known = np.isfinite(read).all(0)
        return np.where(known, read, np.nan).astype(np.float32), known & in_file(box, shape)


class ArrayWriter:
    """What is written, as an array `values` [C, H, W], and how `often` each pixel was."""

    def __init__(self, width, height, count=1, dtype="float32", nodata=-99.0):
        self.grid, self.count, self.dtype, self.nodata = Grid("", None, width, height), count, dtype, nodata
        self.values, self.often = np.zeros((count, height, width), dtype), np.zeros((height, width), int)

    def write(self, values, window):
        assert values.dtype == self.dtype and values.shape == (self.count, window.height, window.width)
        place = slice(window.row, window.row + window.height), slice(window.col, window.col + window.width)
        self.values[:, place[0], place[1]] = values
        self.often[place] += 1


class Same(torch.nn.Module):
    """The first band of the first input."""

    def forward(self, image, *others):
        return image[:, :1]


def pixelwise():
    """Convolutions that look 4 pixels far."""
    return scaled(torch.nn.Conv2d(1, 8, 5, padding=2), torch.nn.ReLU(), torch.nn.Conv2d(8, 1, 5, padding=2))


def pyramid():
    """Down to a quarter of the resolution and back up: a lattice of 4 pixels, on which it looks less than 16 far."""
    return scaled(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 4, stride=2, padding=1),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 8, 3, padding=1),
        torch.nn.Upsample(scale_factor=4),
        torch.nn.Conv2d(8, 1, 3, padding=1),
    )


def scaled(*layers):
    """The layers with random weights, one after another, so that noise becomes numbers of about -2..2."""
    network = torch.nn.Sequential(*layers)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in network.parameters():
            weights.normal_(0, 1 / math.sqrt(weights[0].numel()), generator=generator)
    return network


def noise(height=150, width=170, channels=1, seed=0):
    return np.random.default_rng(seed).normal(size=(channels, height, width)).astype(np.float32)


def with_holes():
    """Noise with small and large holes, scattered pixels, and a wedge without data, as a turned image has."""
    values, random = noise(), np.random.default_rng(1)
    for left, top, width, height in zip(*random.integers(0, 150, (2, 9)), *random.integers(1, 30, (2, 9))):
        values[:, top : top + height, left : left + width] = np.nan
    values[:, random.random((150, 170)) < 0.01] = np.nan
    values[:, np.add.outer(np.arange(150), np.arange(170)) < 60] = np.nan
    return values


def mapped(network, values, tiling, blend=core, batch=3, at=(0, 0), **writer):
    """Map values [C, H, W], or several such inputs, that begin at `at`; return the `ArrayWriter`."""
    inputs = values if isinstance(values, list) else [values]
    width, height = inputs[0].shape[2] + at[0], inputs[0].shape[1] + at[1]
    writer = ArrayWriter(width, height, **writer)
    map_rasters(network, [ArrayReader(each, at) for each in inputs], tiling, blend, writer, CPU, batch, NullReporter())
    return writer
