"""Despecklers beside classical filters, and beside a peer, as Markdown.

    python benchmarks/despeckling.py --work WORK --models FOLDER --data DATA [--peer COMMAND] [--tables ...]

WORK keeps the simulated places of the recipe `despeckling.ship_despecklers`, FOLDER its model files.
benchmarks/README.md says more, and what a peer's command is.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from ..contract.despeckling_jobs import DESPECKLERS
from ..engine.compute.memory import keep_freed_memory
from ..recipes.despeckling.fidelity import Fidelity, decibel_range, fidelity
from ..recipes.despeckling.invented import VALIDATION_PLACES, Invented, invented
from .despeckling_crops import CROPS, crop
from .despeckling_measures import Smoothness, smoothness_of
from .despeckling_speed import speed_table
from .despeckling_ways import Peer, by_task, centred

SENSORS = {"sentinel1_slc": "merlin_s1_iw_slc", "stripmap": "merlin_stripmap", "spotlight": "merlin_spotlight"}
"""Radars of complex images, and the model for each."""

DETECTED = {"sentinel1_grd": None, "metre": "merlin_spotlight"}
"""Radars of detected images, and the model for their complex ones where there is one look."""

SUITED = {
    "Amsterdam, Sentinel-1": ("sentinel1_slc",),
    "Envisat": ("sentinel1_slc", "stripmap"),
    "Rotterdam, airborne X band": ("stripmap", "spotlight"),
    "UAVSAR, San Fernando": ("stripmap", "spotlight"),
    "UAVSAR, Winnipeg": ("stripmap", "spotlight"),
}
"""Sensors whose despecklers are tried on a crop: no other sensor than Sentinel-1 has one of its own."""

CORNER = ..., slice(256), slice(256)
"""Pixels of each image by which the peer's level is chosen."""

_BLOCKS, _BLOCKS_OF_CROP = 40, 10

Way = tuple[str, np.ndarray]
"""The name of a way, and the power [n, h, w] that it gives."""


def main() -> None:
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with the simulated places of the recipe")
    parser.add_argument("--models", type=Path, required=True, help="folder of the model files")
    parser.add_argument("--data", type=Path, help="folder with the real complex images, for the table of the crops")
    parser.add_argument("--peer", type=shlex.split, help="command of another despeckler of complex images")
    parser.add_argument(
        "--places", type=int, default=6, help=f"simulated places of each radar, {VALIDATION_PLACES} at most"
    )
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES), help="which to print")
    parser.add_argument("--side", type=int, default=1_024, help="pixels a side of the image whose time is taken")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which the ways take turns")
    arguments = parser.parse_args()
    arguments.peer = arguments.peer and Peer(arguments.peer)
    keep_freed_memory()  # as in the engine's process
    for name in arguments.tables:
        for table in TABLES[name](arguments):
            print(table, flush=True)


def simulated_tables(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a table of each radar of complex images."""
    for sensor, model in SENSORS.items():
        scenes = invented(arguments.work, sensor, arguments.places)
        ways = [*task_ways(scenes.samples, arguments.models, (model,))]
        if arguments.peer:
            ways += peer_ways(arguments.peer, scenes, sensor)
        yield simulated_table(sensor, scenes.expected, np.abs(scenes.samples) ** 2, 1, ways)


def detected_tables(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a table of each radar of detected images."""
    for radar, model in DETECTED.items():
        scenes = invented(arguments.work, radar, arguments.places)
        ways = [*task_ways(scenes.intensity, arguments.models, ("bridgeclear",))]
        if model:
            ways.append((f"{model}, of the complex image", by_task(scenes.samples, "model", _file(arguments, model))))
        yield simulated_table(radar, scenes.expected, scenes.intensity, scenes.looks, ways)


def crop_tables(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield a table of each real crop."""
    if not arguments.data:
        return
    for name, files in CROPS.items():
        images = crop(arguments.data, files)
        before = np.abs(images) ** 2
        measure = smoothness_of(before, 1, _BLOCKS_OF_CROP)
        models = [SENSORS[sensor] for sensor in SUITED[name]]
        ways = [*task_ways(images, arguments.models, models)]
        for sensor in SUITED[name] if arguments.peer else ():
            level = level_by_truth(arguments.peer, invented(arguments.work, sensor, arguments.places), sensor)
            ways += peer_ways_of_crop(arguments.peer, images, sensor, level)
        yield _table(
            f"{name}, {len(images)} × {images.shape[1]} × {images.shape[2]} pixels",
            ("ENL", "ratio mean", "variance (theory: 1)", "structure"),
            [("before", [_text(measure(before).looks), "", "", ""])]
            + [(way, _of_smoothness(measure(power))) for way, power in ways],
        )


def speed_tables(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the table of the seconds, of one sensor: those of the others have the same network."""
    sensor, model = list(SENSORS.items())[-1]
    yield speed_table(sensor, Path(_file(arguments, model)), arguments.peer, arguments.side, arguments.rounds)


TABLES: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "simulated": simulated_tables,
    "crops": crop_tables,
    "detected": detected_tables,
    "speed": speed_tables,
}


def task_ways(images: np.ndarray, models: Path, names: Sequence[str]) -> Iterator[Way]:
    """Yield what the task makes of complex images or power [n, h, w] by each filter and by models."""
    for method, words in DESPECKLERS.items():
        if method != "model":
            yield words, by_task(images, method)
    for name in names:
        yield f"**{name}**", by_task(images, "model", str(models / f"{name}.safetensors"))


def peer_ways(peer: Peer, scenes: Invented, sensor: str) -> Iterator[Way]:
    """Yield what the peer makes of invented images as it is, and without its bias."""
    level = level_by_truth(peer, scenes, sensor)
    power = peer.at_level(scenes.samples, sensor, "own", level)
    yield f"peer, level {level}", power
    bias = fidelity(power, scenes.expected, decibel_range(scenes.expected)).bias
    yield "the same, its bias taken off", power * 10 ** (-bias / 10)


def level_by_truth(peer: Peer, scenes: Invented, sensor: str) -> float:
    """Return the level at which the peer's corners of invented images are nearest to the truth."""
    expected = scenes.expected[CORNER]
    within = decibel_range(expected)
    return peer.best_level(scenes.samples[CORNER], sensor, lambda power: fidelity(power, expected, within).psnr)


def peer_ways_of_crop(peer: Peer, images: np.ndarray, sensor: str, by_truth: float) -> Iterator[Way]:
    """Yield what the peer makes of real images, at the level at which the mean ratio of corners is nearest to 1.

    It centres them itself, or gets them centred; and once more at the level of its best on invented images.
    """
    corners = images[CORNER]
    level = peer.best_level(corners, sensor, lambda power: -abs(np.mean(np.abs(corners) ** 2 / power) - 1))
    yield f"peer, {sensor}, level {level}", peer.at_level(images, sensor, "own", level)
    yield "the same, centred as for ours", peer.at_level(centred(images), sensor, "none", level)
    if by_truth != level:
        yield f"peer, {sensor}, level {by_truth}, as for truth", peer.at_level(images, sensor, "own", by_truth)


def simulated_table(radar: str, expected: np.ndarray, before: np.ndarray, looks: float, ways: Sequence[Way]) -> str:
    """Return the Markdown table of ways [n, h, w] beside the truth and beside the power before, of so many looks."""
    within, measure = decibel_range(expected), smoothness_of(before, looks, _BLOCKS)
    variance = f"variance (theory: {1 / looks:.2f})"
    first = [*_of_fidelity(fidelity(before, expected, within)), _text(measure(before).looks), "", "", ""]
    rows = [("before", first)]
    for way, power in ways:
        rows.append((way, [*_of_fidelity(fidelity(power, expected, within)), *_of_smoothness(measure(power))]))
    n, height, width = expected.shape
    return _table(
        f"{radar}, {n} × {height} × {width} pixels, truth from {within[0]:.1f} to {within[1]:.1f} dB",
        ("PSNR dB", "SSIM", "bias dB", "ENL", "ratio mean", variance, "structure"),
        rows,
    )


def _of_fidelity(found: Fidelity) -> list[str]:
    return [f"{found.psnr:.2f}", f"{found.ssim:.3f}", f"{found.bias:+.2f}"]


def _of_smoothness(found: Smoothness) -> list[str]:
    return [_text(found.looks), f"{found.mean:.3f}", f"{found.variance:.2f}", f"{found.structure:.3f}"]


def _text(looks: Optional[float]) -> str:
    return "–" if looks is None else f"{looks:.1f}" if looks < 100 else f"{looks:.0f}"


def _table(title: str, head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    lines = [f"\n### {title}\n", f"| | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def _file(arguments: argparse.Namespace, model: str) -> str:
    return str(arguments.models / f"{model}.safetensors")


if __name__ == "__main__":
    main()
