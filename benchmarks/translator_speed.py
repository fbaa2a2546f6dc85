"""The speed of a translation beside that of its network alone, and what makes the network fast, as Markdown tables."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from ..contract.sources import RasterSource
from ..contract.translation_jobs import TranslateToOpticalJob
from ..engine.compute.device import reduced_precision, supports_bf16
from ..engine.inference.chosen_tiles import TileWish, chosen_tiles
from ..engine.rasters.grid import Window
from ..engine.rasters.scene_scale import FACTS
from ..engine.reporting import NullReporter
from ..engine.translation.methods import NETWORK, method_of
from ..engine.translation.translate_to_optical import run
from ..models.model_file import load_model, save_model
from ..models.networks import network_entries
from ..models.translation.bridge_view import BridgeView
from ..recipes.translation.ship_bridge_view import translator_card
from .peak_memory import growth, measured
from .speckle_raster import grid_of, write_raster

CPU = torch.device("cpu")
TINY = (8, 8, 8, 8, 8)
"""Widths of a network that takes next to nothing: what is measured is the rest."""

WAYS = {
    "eager, float32": (torch.contiguous_format, nullcontext),
    "channels last, float32": (torch.channels_last, nullcontext),
    "bfloat16": (torch.contiguous_format, lambda: torch.autocast("cpu", torch.bfloat16)),
    "channels last, bfloat16": (torch.channels_last, lambda: torch.autocast("cpu", torch.bfloat16)),
}
"""Memory format and precision of a network, the last as the engine runs it where `supports_bf16`."""


def share_table(model: Path, side: int, sides: Sequence[int], rounds: int) -> str:
    """Return the Markdown table of whole translations beside bare loops over their tiles, by `sides` of tiles."""
    lines = [
        f"\n### Translating {side} × {side} pixels, beside the network in a bare loop, {rounds} rounds\n",
        f"{torch.get_num_threads()} threads of torch, on the CPU; bfloat16: {'yes' if supports_bf16(CPU) else 'no'}.\n",
        "| tile | pixels computed per pixel kept | bare loop s | all s | share % | Mpx/s | peak memory GB |",
        "|---|---|---|---|---|---|---|",
    ]
    card, networks = load_model(str(model), NETWORK)
    method, network = method_of(card), networks[NETWORK]
    planes = 1 + FACTS if method.one_by_one else card.inputs["sar"]["bands"]
    with TemporaryDirectory() as folder:
        source = write_raster(Path(folder) / "image.tif", side)
        jobs = {tile: job_of(model, source, tile) for tile in sides}
        whole = Window(0, 0, side, side)
        tilings = {tile: chosen_tiles(TileWish(tile), card.tiling, method.is_local, whole)[0] for tile in sides}
        ways = [
            way
            for tile, tiling in tilings.items()
            for way in (
                lambda tiling=tiling: bare_loop(network, planes, tiling.side, tiling.count(grid_of(side))),
                lambda tile=tile: run(jobs[tile], NullReporter()),
            )
        ]
        seconds = in_turns(ways, rounds)
        for (tile, tiling), bare, whole in zip(tilings.items(), seconds[::2], seconds[1::2]):
            share = statistics.median(alone / together for alone, together in zip(bare, whole))
            peak, _ = measured(jobs[tile])
            computed = tiling.count(grid_of(side)) * tiling.side**2 / side**2
            bare, whole = statistics.median(bare), statistics.median(whole)
            lines.append(
                f"| {tile} | {computed:.2f} | {bare:.1f} | {whole:.1f} | {100 * share:.0f} | "
                f"{side**2 / 1e6 / whole:.2f} | {peak:.2f} |"
            )
    return "\n".join(lines)


def gains_table(model: Path, tile: int, rounds: int) -> str:
    """Return the Markdown table of the speed of a network on a tile, by memory format and precision."""
    card, networks = load_model(str(model), NETWORK)
    planes = 1 + FACTS if method_of(card).one_by_one else card.inputs["sar"]["bands"]
    seconds = in_turns(
        [lambda way=way: one_way(networks[NETWORK], planes, tile, *way) for way in WAYS.values()], rounds
    )
    lines = [
        f"\n### Its network on a tile of {tile} × {tile}, {rounds} rounds, {torch.get_num_threads()} threads\n",
        "| way | Mpx/s | against eager float32 |",
        "|---|---|---|",
    ]
    for name, own in zip(WAYS, seconds):
        gain = statistics.median(eager / each for eager, each in zip(seconds[0], own))
        lines.append(f"| {name} | {tile**2 / 1e6 / statistics.median(own):.2f} | {gain:.2f} × |")
    return "\n".join(lines)


def memory_table(sides: Sequence[int]) -> str:
    """Return the Markdown table of the peak memory of translations by a tiny network, in fresh engine processes."""
    lines = [
        "\n### Translations by a tiny network, an engine process of its own each\n",
        "| Raster | peak memory GB | seconds with its start |",
        "|---|---|---|",
    ]
    peaks = []
    for side in sides:
        with TemporaryDirectory() as folder:
            model, image = Path(folder) / "tiny.safetensors", Path(folder) / "image.tif"
            network = BridgeView(widths=TINY)
            entries = network_entries({NETWORK: network}, {NETWORK: {"widths": list(TINY)}})
            card = replace(translator_card(network, "tiny", "", (), {}), networks=entries)
            save_model(model, card, {NETWORK: network})
            job = job_of(model, write_raster(image, side))
            began = time.perf_counter()
            peaks.append(measured(job)[0])
            lines.append(f"| {side} × {side} | {peaks[-1]:.3f} | {time.perf_counter() - began:.0f} |")
    lines.append(f"\nThe largest takes {growth(peaks)} of the memory of the smallest.")
    return "\n".join(lines)


def in_turns(
    ways: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[list[float]]:
    """Return the seconds by a `clock` that each of some ways takes, in rounds in which they take turns; one more warms
    them up.
    """
    seconds = [[] for _ in ways]
    for number in range(rounds + 1):
        for way, own in zip(ways, seconds):
            began = clock()
            way()
            if number:
                own.append(clock() - began)
    return seconds


def job_of(model: Path, source: RasterSource, tile: int = 0) -> TranslateToOpticalJob:
    """Return the job that translates what `write_raster` returned to a file beside it, on the CPU."""
    output = str(Path(source.path).with_name("optical.tif"))
    return TranslateToOpticalJob(source, str(model), output, ("VV",), tile=tile, device="cpu")


@torch.inference_mode()
def bare_loop(network: torch.nn.Module, planes: int, side: int, count: int) -> None:
    """Run a network on so many tiles that are there already, as the engine runs it: one by one on a CPU."""
    network.to(memory_format=torch.channels_last).eval()
    tensor = torch.randn(1, planes, side, side).to(memory_format=torch.channels_last)
    with reduced_precision(CPU):
        for _ in range(count):
            network(tensor)


@torch.inference_mode()
def one_way(network: torch.nn.Module, planes: int, side: int, layout: torch.memory_format, precision: Callable) -> None:
    """Run a network on one tile in a memory format and a precision."""
    network.to(memory_format=layout).eval()
    tensor = torch.randn(1, planes, side, side).to(memory_format=layout)
    with precision():
        network(tensor)
