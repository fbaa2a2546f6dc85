"""Speed and memory of the distortion zones and of the simulator, as Markdown.

    python benchmarks/geometry.py [--sides 5000 20000] [--rounds 3] [--skip-memory]

benchmarks/README.md says more.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import functools
import math
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import torch

from ..contract.geometry_jobs import OpticalView, SarDistortionsJob, SarView
from ..contract.optical_presets import SENTINEL_2
from ..contract.sources import RasterSource
from ..engine.geometry import line_bands, range_lines, sar_distortions
from ..engine.reporting import NullReporter
from ..engine.simulation.camera.optical_image import optical_image
from ..engine.simulation.radar.sar_image import sar_image
from ..engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ..engine.simulation.surfaces.world import world
from ..tests.engine.geometry import range_line_reference
from .peak_memory import growth, measured
from .translator_speed import in_turns

CELL = 30.0
INCIDENCE = 35.0
LINES = 512, 4096
"""Range lines of the comparison, and samples in each."""

_STRIP = 500  # rows of a synthetic surface model that are made at once


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[5_000, 20_000], help="cells a side of surface models")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which torch and numpy take turns")
    parser.add_argument("--skip-memory", action="store_true", help="leave the surface models out")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    print(line_table(arguments.rounds), flush=True)
    print(yardstick_table(arguments.rounds), flush=True)
    print(simulator_table(arguments.rounds), flush=True)
    if not arguments.skip_memory:
        print(job_table(arguments.sides))


def line_table(rounds):
    """Return the Markdown table of the same lines by torch, on each device, and by numpy, line by line."""
    height = torch.from_numpy(landscape(*LINES))
    angle = math.radians(INCIDENCE)
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    ways = {"numpy, line by line": lambda: range_line_reference.zones(height.numpy(), angle, CELL, 0.5)}
    for name in devices:
        ways[f"torch, {name}"] = functools.partial(by_torch, height.to(name), torch.tensor([[angle]], device=name))
    masks = {name: np.asarray(way()) for name, way in ways.items()}  # and everything is warm
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds[name].append(_seconds(way))
    numpy_seconds, numpy_mask = (results["numpy, line by line"] for results in (seconds, masks))
    lines = [
        f"\n### Zones of {LINES[0]} range lines of {LINES[1]:,} samples, {rounds} rounds\n",
        "| Way | million samples a second | against numpy | same zones |",
        "|---|---|---|---|",
    ]
    for name, taken in seconds.items():
        ratio = statistics.median(theirs / ours for theirs, ours in zip(numpy_seconds, taken))
        same = 100 * (masks[name] == numpy_mask).mean()
        lines.append(f"| {name} | {math.prod(LINES) / 1e6 / min(taken):.1f} | {ratio:.1f} | {same:.3f} % |")
    return "\n".join(lines)


def by_torch(height, angle):
    """Zones of lines [L, N] in the bands that the engine works on."""
    windows = line_bands.bands(*height.shape, height.device)

    def band(window):
        return range_lines.zones(height[window.row : window.row + window.height], angle, CELL, 0.5)

    return torch.cat(line_bands.over_bands(band, windows, height.device)).cpu()


def yardstick_table(rounds, side=3_000):
    """Return the Markdown table of a whole job beside two that do next to nothing with the same file, by CPU time."""
    with tempfile.TemporaryDirectory() as folder:
        dem, output = write_landscape(Path(folder) / "dem.tif", side), str(Path(folder) / "output.tif")
        job = SarDistortionsJob(dem, SarView(78.0, INCIDENCE, INCIDENCE), output, device="cpu")
        ways = {
            "zones, read and written": lambda: sar_distortions.run(job, NullReporter()),
            "read, cumulative maximum along rows": lambda: np.maximum.accumulate(_read(dem.path), axis=1),
        }
        if shutil.which("gdaldem"):
            command = ["gdaldem", "hillshade", "-q", dem.path, output]
            ways["gdaldem hillshade, read and written"] = lambda: subprocess.run(command, check=True)
        taken = dict(zip(ways, in_turns(list(ways.values()), rounds, _cpu_time)))
    zones = taken["zones, read and written"]
    lines = [
        f"\n### A surface model of {side:,} × {side:,} cells, {rounds} rounds, CPU seconds\n",
        "| Way | seconds | zones take |",
        "|---|---|---|",
    ]
    for name, seconds in taken.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(zones, seconds))
        lines.append(f"| {name} | {statistics.median(seconds):.2f} | {ratio:.1f} × |")
    if len(ways) < 3:
        lines.append("\nWithout `gdaldem`, which is not installed here.")
    return "\n".join(lines)


def _read(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def _cpu_time():
    """Seconds of this process and of those that it waited for, user and system together."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def simulator_table(rounds, side=512):
    """Return the Markdown table of the simulator's parts for a city of `side` × `side` cells of 5 m, on each device."""
    view = OpticalView(azimuth=100.0, off_nadir=5.0, sun_azimuth=160.0, sun_elevation=45.0)
    lines = [
        f"\n### Simulator, {side} × {side} cells of 5 m, {rounds} rounds, million cells a second\n",
        "| Device | world | SAR image | optical image |",
        "|---|---|---|---|",
    ]
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        generator = torch.Generator(device).manual_seed(1)
        surface = world(side, 5.0, 1, "city", device)
        parts = (
            lambda device=device: world(side, 5.0, 1, "city", device).height.cpu(),
            lambda s=surface, g=generator: sar_image(s, SENTINEL1_IW_GRD, 80.0, 38.0, ("VV",), g).intensity.cpu(),
            lambda s=surface, g=generator: optical_image(s, SENTINEL_2, view, g).cpu(),
        )
        speeds = [side**2 / 1e6 / min(_seconds(part) for _ in range(rounds)) for part in parts]
        lines.append(f"| {device} | " + " | ".join(f"{speed:.2g}" for speed in speeds) + " |")
    return "\n".join(lines)


def _seconds(run):
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def job_table(sides):
    """Return the Markdown table of whole jobs (mask only, reading and writing included) in fresh engine processes."""
    lines = [
        "\n### Whole jobs, an engine process of its own each, on the CPU\n",
        "| Surface model | peak memory GB | seconds | million cells a second | laid over |",
        "|---|---|---|---|---|",
    ]
    peaks = []
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            dem = write_landscape(Path(folder) / "dem.tif", side)
            view = SarView(78.0, INCIDENCE, INCIDENCE)
            began = time.monotonic()
            peak, numbers = measured(SarDistortionsJob(dem, view, str(Path(folder) / "zones.tif"), device="cpu"))
            seconds = time.monotonic() - began
        peaks.append(peak)
        speed, share = side**2 / 1e6 / seconds, numbers["LAYOVER_SHARE"]
        lines.append(f"| {side} × {side} | {peak:.2f} | {seconds:.0f} | {speed:.2f} | {share:.1f} % |")
    lines.append(f"\nThe largest takes {growth(peaks)} of the memory of the smallest.")
    return "\n".join(lines)


def landscape(height, width, first_row=0):
    """Return a synthetic landscape, float32 [height, width] in metres: waves of 0.4 to 9 km, relief about 1.5 km."""
    row, col = np.arange(first_row, first_row + height)[:, None], np.arange(width)[None]
    metres = np.zeros((height, width), np.float32)
    for number, wavelength in enumerate((300, 130, 61, 29, 13)):
        turn = 2.4 * number
        along = (row * math.sin(turn) + col * math.cos(turn)) * (2 * math.pi / wavelength)
        across = (row * math.cos(turn) - col * math.sin(turn)) * (2 * math.pi / (1.7 * wavelength))
        metres += np.float32(1.3 * wavelength) * np.sin(along, dtype=np.float32) * np.cos(across, dtype=np.float32)
    return metres + np.float32(1000)


def write_landscape(path, side):
    """Write the landscape of `side` × `side` cells in strips; return its `RasterSource`."""
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32", "crs": "EPSG:32633"}
    transform = rasterio.Affine(CELL, 0, 500_000, 0, -CELL, 5_300_000)
    with rasterio.open(path, "w", **profile, transform=transform, tiled=True) as dem:
        for row in range(0, side, _STRIP):
            strip = landscape(min(_STRIP, side - row), side, row)
            dem.write(strip, 1, window=rasterio.windows.Window(0, row, side, len(strip)))
        return RasterSource("landscape", str(path), dem.crs.to_wkt())


if __name__ == "__main__":
    main()
