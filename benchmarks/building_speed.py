"""Speed and memory of the extraction of buildings, as Markdown.

    python benchmarks/building_speed.py [--model FILE] [--side 4096] [--tiles 1024 1536] [--sides 4000 20000]

How much of its network's speed an extraction keeps, without and with the footprints, on a layer that is seen as it lies
and on one that is turned; and the peak memory of extractions by a tiny network.
benchmarks/README.md says more.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import statistics
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
import shapely
import torch

from ..contract.buildings_jobs import ExtractBuildingsJob
from ..contract.sources import RasterSource
from ..engine.buildings.extract_buildings import run
from ..engine.buildings.methods import NETWORK
from ..engine.buildings.working_grid import working_grid
from ..engine.compute.memory import keep_freed_memory
from ..engine.inference.chosen_tiles import TileWish, chosen_tiles
from ..engine.inference.raster_network import KEPT
from ..engine.rasters.grid import Window
from ..engine.reporting import NullReporter, Reporter
from ..models.buildings.bridge_build import PLANES, BridgeBuild
from ..models.card import Card
from ..models.model_file import load_model, save_model
from ..models.networks import network_entries
from ..recipes.buildings.ship_bridge_build import card_of
from .peak_memory import growth, measured
from .speckle_raster import PLACE, grid_of, write_raster
from .translator_speed import TINY, bare_loop, in_turns

BUILT = 0.001
"""Share of the pixels of speckle that shall be built up: some footprints on each hectare, as in a town."""

AS_IT_LIES, TURNED = 180.0, 210.0
"""Look azimuths, degrees: of a layer whose columns run along the line of sight, and of one turned by 30 degrees."""


def main() -> None:
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="model file; without one an untrained BridgeBuild")
    parser.add_argument("--side", type=int, default=4_096, help="pixels a side of the raster whose time is taken")
    parser.add_argument("--tiles", type=int, nargs="+", default=[1_024, 1_536], help="pixels a side of tiles")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which the ways take turns")
    parser.add_argument("--sides", type=int, nargs="+", default=[4_000, 20_000], help="of rasters whose memory is told")
    arguments = parser.parse_args()
    keep_freed_memory()  # as in the engine's process
    with TemporaryDirectory() as folder:
        model = arguments.model or untrained(Path(folder) / "untrained.safetensors", BridgeBuild())
        print(share_table(model, arguments.side, arguments.tiles, arguments.rounds), flush=True)
    print(memory_table(arguments.sides))


def untrained(path: Path, network: BridgeBuild, **arguments: object) -> Path:
    """Write a model of a network that has learnt nothing, for the pixels of `write_raster`; return the path."""
    pixel = PLACE.a
    entries = network_entries({NETWORK: network}, {NETWORK: arguments})
    card = replace(card_of(network, 0.5, {}), networks=entries, working_pixel=pixel, pixel_size_range=(pixel, pixel))
    save_model(path, card, {NETWORK: network})
    return path


class Stages(Reporter):
    """Keeps when the share of a run that finds footprints begins, `found_at`, in seconds of the clock."""

    def __init__(self, predicted: float) -> None:
        super().__init__(lambda message: None)
        self._predicted, self.found_at = predicted, None

    def progress(self, fraction: float) -> None:
        """Note the first progress beyond the network's part."""
        if fraction >= self._predicted and self.found_at is None:
            self.found_at = time.perf_counter()


def share_table(model: Path, side: int, sides: list, rounds: int) -> str:
    """Return the Markdown table of extractions beside bare loops over their tiles, by look and `sides` of tiles."""
    lines = [
        f"\n### Buildings of {side} × {side} pixels, beside the network in a bare loop, {rounds} rounds\n",
        f"{torch.get_num_threads()} threads of torch, on the CPU.\n",
        "| look | tile | tiles | bare loop s | probabilities s | share % | all s | share % | footprints |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    card, networks = load_model(str(model), NETWORK)
    with TemporaryDirectory() as folder:
        source = write_raster(Path(folder) / "image.tif", side, card.working_pixel)
        threshold = threshold_of(model, Path(folder), card.working_pixel)
        for azimuth in (AS_IT_LIES, TURNED):
            for tile in sides:
                job = job_of(model, source, azimuth, threshold, tile)
                lines.append(_row(job, card, networks[NETWORK], side, rounds))
    return "\n".join(lines)


def _row(job: ExtractBuildingsJob, card: Card, network: torch.nn.Module, side: int, rounds: int) -> str:
    tile, count = tiles_of(card, side, job.look_azimuth, job.tile)
    predicted, numbers = [], {}

    def extract():
        stages, began = Stages(0.85), time.perf_counter()
        numbers.update(run(job, stages)["numbers"])
        predicted.append(stages.found_at - began)

    bare, whole = in_turns([lambda: bare_loop(network, PLANES, tile, count), extract], rounds)
    shares = [100 * statistics.median(a / b for a, b in zip(bare, each)) for each in (predicted[1:], whole)]
    bare, first, whole = (statistics.median(each) for each in (bare, predicted[1:], whole))
    return (
        f"| {job.look_azimuth:.0f}° | {tile} | {count} | {bare:.1f} | {first:.1f} | {shares[0]:.0f} | {whole:.1f} | "
        f"{shares[1]:.0f} | {numbers['BUILDING_COUNT']:,} |"
    )


def tiles_of(card: Card, side: int, azimuth: float, tile: int) -> tuple[int, int]:
    """Return (side of the tiles, how many the network is shown: those with the layer in or by their cores)."""
    grid = grid_of(side, card.working_pixel)
    working = working_grid(grid, Window(0, 0, side, side), card.working_pixel, azimuth)
    tiling, _ = chosen_tiles(TileWish(tile), card.tiling, True, working.window)
    corners = grid.to_map([0, side, side, 0], [0, 0, side, side])
    layer = shapely.Polygon(np.column_stack(working.grid.to_pixel(*corners)))
    cores = [
        shapely.box(*(tiling.halo + each for each in (col, row, col + tiling.core, row + tiling.core)))
        for col, row, _, _ in tiling.windows(working.grid)
    ]
    return tiling.side, int((shapely.distance(layer, cores) < KEPT).sum())


def memory_table(sides: list) -> str:
    """Return the Markdown table of the peak memory of extractions by a tiny network, in fresh engine processes."""
    lines = [
        "\n### Buildings by a tiny network, an engine process of its own each\n",
        "| Raster | peak memory GB | seconds with its start | footprints |",
        "|---|---|---|---|",
    ]
    peaks = []
    for side in sides:
        with TemporaryDirectory() as folder:
            model = untrained(Path(folder) / "tiny.safetensors", BridgeBuild(widths=TINY), widths=list(TINY))
            threshold = threshold_of(model, Path(folder), PLACE.a)
            job = job_of(model, write_raster(Path(folder) / "image.tif", side), AS_IT_LIES, threshold)
            began = time.perf_counter()
            peak, numbers = measured(job)
            peaks.append(peak)
            seconds = time.perf_counter() - began
            lines.append(f"| {side} × {side} | {peak:.3f} | {seconds:.0f} | {numbers['BUILDING_COUNT']:,} |")
    lines.append(f"\nThe largest takes {growth(peaks)} of the memory of the smallest.")
    return "\n".join(lines)


def threshold_of(model: Path, folder: Path, pixel: float, side: int = 400) -> float:
    """Return the probability that a share of `BUILT` of the pixels of speckle, `pixel` metres wide, exceeds."""
    source, probability = write_raster(folder / "small.tif", side, pixel), folder / "small_probability.tif"
    job = replace(job_of(model, source, AS_IT_LIES, 0.5), probability=str(probability))
    run(job, NullReporter())
    with rasterio.open(probability) as dataset:
        return float(np.quantile(dataset.read(1), 1 - BUILT))


def job_of(model: Path, source: RasterSource, azimuth: float, threshold: float, tile: int = 0) -> ExtractBuildingsJob:
    """Return the job for what `write_raster` returned, on the CPU; its outputs lie beside it."""
    folder = Path(source.path).parent
    outputs = str(folder / "footprints.jsonl"), str(folder / "mask.tif")
    look = {"look_azimuth": azimuth, "incidence": 40.0}
    return ExtractBuildingsJob(source, str(model), *outputs, **look, threshold=threshold, tile=tile, device="cpu")


if __name__ == "__main__":
    main()
