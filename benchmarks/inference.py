"""Memory and speed of networks over whole rasters, as Markdown.

    python benchmarks/inference.py [--model FILE] [--side 4096] [--tiles 1024 1536 2048] [--sides 4000 20000]

How much of its network's speed a translation keeps, by side of the tiles; what channels last and bfloat16 gain; how far
reading, network and writing overlap; and the peak memory of translations by a tiny network. benchmarks/README.md says
more.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import math
import statistics
import tempfile
import time
from pathlib import Path

import rasterio
import torch
from rasterio.transform import Affine

from ..contract.installation import SHIPPED_MODELS
from ..contract.sources import RasterSource
from ..engine.compute.device import reduced_precision
from ..engine.compute.memory import keep_freed_memory
from ..engine.inference.blending import core
from ..engine.inference.raster_network import map_rasters
from ..engine.inference.tile_reader import TileReader
from ..engine.inference.tiling import Tiling
from ..engine.rasters.grid import Grid, Tiles, Window
from ..engine.rasters.map_file import MapWriter
from ..engine.rasters.mirrored_reader import MirroredReader
from ..engine.reporting import NullReporter
from .speckle_raster import CRS, PLACE, write_raster
from .translator_speed import CPU, gains_table, memory_table, share_table

TILING = Tiling(side=544, halo=16, step=8)
BATCH = 4


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shipped = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"
    parser.add_argument("--model", type=Path, default=shipped, help="model file of a translator")
    parser.add_argument("--side", type=int, default=4_096, help="pixels a side of the raster that is translated")
    parser.add_argument("--tiles", type=int, nargs="+", default=[1_024, 1_536, 2_048], help="pixels a side of tiles")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which the ways take turns")
    parser.add_argument("--sides", type=int, nargs="+", default=[4_000, 20_000], help="of rasters whose memory is told")
    arguments = parser.parse_args()
    keep_freed_memory()  # as in the engine's process
    print(share_table(arguments.model, arguments.side, arguments.tiles, arguments.rounds), flush=True)
    print(gains_table(arguments.model, min(arguments.tiles), arguments.rounds), flush=True)
    print(memory_table(arguments.sides), flush=True)
    torch.set_num_threads(1)
    print(overlap_table(min(arguments.sides), arguments.rounds))


def small_network():
    """Return two layers of convolutions that see 4 pixels far."""
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(1, 16, 5, padding=2), torch.nn.ReLU(), torch.nn.Conv2d(16, 1, 5, padding=2)
    return torch.nn.Sequential(*layers)


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
    with MirroredReader(source, grid) as reader, MapWriter(path, grid, "float32", math.nan) as writer:
        map_rasters(network, [reader], TILING, core, writer, CPU, BATCH, NullReporter())


def read_alone(image):
    """Read all tiles."""
    source, grid = opened(image)
    with MirroredReader(source, grid) as reader:
        tiles = TileReader(reader, TILING)
        for window in TILING.windows(grid):
            tiles.read(window)


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


def opened(image):
    """Return the `RasterSource` of `write_raster`'s file and a `Grid` half a pixel beside its own.

    So that reading resamples, as it does for most pairs of layers.
    """
    with rasterio.open(image) as file:
        grid = Grid(CRS, PLACE * Affine.translation(0.5, 0.5), file.width, file.height)
    return RasterSource("speckle", str(image), CRS), grid


if __name__ == "__main__":
    main()
