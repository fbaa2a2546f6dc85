"""Memory and speed of a network over whole rasters, and how far reading, network and writing overlap, as Markdown.

    python benchmarks/inference.py [--sides 4000 8000 20000] [--rounds 3]

benchmarks/README.md says more.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import torch
from rasterio.transform import Affine

from ..contract.sources import RasterSource
from ..engine.compute.device import reduced_precision
from ..engine.inference.blending import core
from ..engine.inference.raster_network import map_rasters
from ..engine.inference.tiling import Tiling
from ..engine.rasters.grid import Grid, Tiles, Window
from ..engine.rasters.grid_reader import GridReader
from ..engine.rasters.map_file import MapWriter
from ..engine.reporting import NullReporter
from ..engine.worker import BLOCK_CACHE
from .peak_memory import growth, peak_of

CRS = rasterio.crs.CRS.from_epsg(32633).to_wkt()
PLACE = Affine(10, 0, 500_000, 0, -10, 5_300_000)
TILING = Tiling(side=544, halo=16, step=8)
BATCH = 4
CPU = torch.device("cpu")
_STRIP = 512  # rows of a synthetic raster that are made at once


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[4_000, 8_000, 20_000], help="pixels a side of rasters")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of parts alone and all together")
    parser.add_argument("--only-map", metavar="FILE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.only_map:
        print(json.dumps(measured(Path(arguments.only_map))))
        return
    print(memory_table(arguments.sides), flush=True)
    print(overlap_table(min(arguments.sides), arguments.rounds))


def small_network():
    """Return two layers of convolutions that see 4 pixels far."""
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(1, 16, 5, padding=2), torch.nn.ReLU(), torch.nn.Conv2d(16, 1, 5, padding=2)
    return torch.nn.Sequential(*layers)


def memory_table(sides):
    """Return the Markdown table of peak memory and speed, each raster in a fresh process."""
    lines = [
        "\n### A network over rasters, a process of its own each, one thread of torch\n",
        "| Raster | peak memory GB | seconds | million pixels a second |",
        "|---|---|---|---|",
    ]
    peaks = []
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            write_raster(Path(folder) / "image.tif", side)
            command = [sys.executable, __file__, "--only-map", f"{folder}/image.tif"]
            environment = {"GDAL_CACHEMAX": BLOCK_CACHE, **os.environ}  # as the engine's process sets it
            answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        peak, seconds = json.loads(answer.stdout)
        peaks.append(peak)
        lines.append(f"| {side} × {side} | {peak:.3f} | {seconds:.0f} | {side**2 / 1e6 / seconds:.2f} |")
    lines.append(f"\nThe largest takes {growth(peaks)} of the memory of the smallest.")
    return "\n".join(lines)


def measured(path):
    """Map the raster of `write_raster` at a path; return (peak memory of this process in GB, seconds)."""
    began = time.perf_counter()
    together(path, path.with_name("mapped.tif"), small_network())
    return peak_of(os.getpid()), time.perf_counter() - began


def overlap_table(side, rounds):
    """Return the Markdown table of the seconds of the parts, each alone, and of all together."""
    lines = [
        f"\n### Reading, network and writing, {side} × {side} pixels, {rounds} rounds\n",
        "| reading s | network s | writing s | together s | together ÷ sum of the parts |",
        "|---|---|---|---|---|",
    ]
    network, ratios = small_network(), []
    with tempfile.TemporaryDirectory() as folder:
        image, mapped, again = (Path(folder) / f"{name}.tif" for name in ("image", "mapped", "again"))
        write_raster(image, side)
        together(image, mapped, network)  # and everything is warm
        parts = (
            lambda: read_alone(image),
            lambda: compute_alone(side, network),
            lambda: write_alone(mapped, again),
            lambda: together(image, mapped, network),
        )
        for _ in range(rounds):
            *alone, all_at_once = (_seconds(part) for part in parts)
            ratios.append(all_at_once / sum(alone))
            lines.append("| " + " | ".join(f"{each:.1f}" for each in (*alone, all_at_once)) + f" | {ratios[-1]:.2f} |")
    lines.append(f"\nMedian of the ratios: {statistics.median(ratios):.2f}.")
    return "\n".join(lines)


def together(image, path, network):
    """Map the raster `image` into a file."""
    source, grid = opened(image)
    with GridReader(source, grid) as reader, MapWriter(path, grid, "float32", math.nan) as writer:
        map_rasters(network, [reader], TILING, core, writer, CPU, BATCH, NullReporter())


def read_alone(image):
    """Read all tiles."""
    source, grid = opened(image)
    with GridReader(source, grid) as reader:
        for window in TILING.windows(grid):
            reader.read_bands(window)


@torch.inference_mode()
def compute_alone(side, network):
    """Run the network on as many tiles of noise as a raster has."""
    network = network.to(memory_format=torch.channels_last)
    batch = torch.randn(BATCH, 1, TILING.side, TILING.side).to(memory_format=torch.channels_last)
    count = math.ceil(side / TILING.core) ** 2
    with reduced_precision(CPU):
        for first in range(0, count, BATCH):
            network(batch[: count - first])


def write_alone(mapped, path):
    """Write what lies in the file `mapped` again, core by core; return the seconds without reading it."""
    with rasterio.open(mapped) as file:
        values = file.read()
        grid = Grid(CRS, file.transform, file.width, file.height)
    began = time.perf_counter()
    with MapWriter(path, grid, "float32", math.nan) as writer:
        for window in Tiles(Window(0, 0, grid.width, grid.height), TILING.core):
            col, row, width, height = window
            writer.write(values[:, row : row + height, col : col + width], window)
    return time.perf_counter() - began


def _seconds(part):
    """Return the seconds that a part takes, or those that it says it took."""
    began = time.perf_counter()
    told = part()
    return told or time.perf_counter() - began


def write_raster(path, side):
    """Write speckle of `side` × `side` pixels in dB, float32 as SAR products are."""
    generator = np.random.default_rng(0)
    with MapWriter(path, Grid(CRS, PLACE, side, side), "float32", math.nan) as file:
        for row in range(0, side, _STRIP):
            intensity = generator.standard_gamma(4, (min(_STRIP, side - row), side), dtype=np.float32) / 4
            file.write(10 * np.log10(intensity) - 10, Window(0, row, side, len(intensity)))


def opened(image):
    """Return the `RasterSource` of `write_raster`'s file and a `Grid` half a pixel beside its own.

    So that reading resamples, as it does for most pairs of layers.
    """
    with rasterio.open(image) as file:
        grid = Grid(CRS, PLACE * Affine.translation(0.5, 0.5), file.width, file.height)
    return RasterSource("speckle", str(image), CRS), grid


if __name__ == "__main__":
    main()
