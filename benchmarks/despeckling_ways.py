"""What takes speckle out of images in the benchmark: the task `despeckle` as users have it, and a peer in a process of
its own.
"""

import subprocess
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from ..contract.despeckling_jobs import DespeckleJob
from ..contract.sources import RasterSource
from ..engine.despeckling.centred_reader import CentredReader
from ..engine.despeckling.despeckle import run
from ..engine.despeckling.survey import survey
from ..engine.rasters.grid import Window
from ..engine.rasters.own_pixels import own_grid
from ..engine.rasters.source_file import open_anywhere
from ..engine.reporting import NullReporter

LEVELS = (2, 3, 4, 5, 6, 7, 8)
"""Means of the logarithm of the amplitude that images are brought to for the peer, which knows one calibration only."""


def by_task(images: np.ndarray, method: str, model: str = "") -> np.ndarray:
    """Return the linear power [n, h, w] that the task makes of complex images or linear power [n, h, w].

    method: of `contract.despeckling_jobs.DESPECKLERS`; `model` is a file for "model". Images come one by one, without
    a place; what the task asks of speckle it estimates.
    """
    unit, clean = "complex" if np.iscomplexobj(images) else "power", []
    with TemporaryDirectory() as folder:
        output = str(Path(folder) / "clean.tif")
        for image in images:
            job = DespeckleJob(written(folder, image), output, method, model, unit, "power", device="cpu")
            run(job, NullReporter())
            with open_anywhere(RasterSource("clean", output, "", anywhere=True)) as file:
                clean.append(file.read(1))
    return np.stack(clean)


def centred(images: np.ndarray) -> np.ndarray:
    """Return complex images [n, h, w] with their spectra in the middle, as the task shows them to a network."""
    found = []
    with TemporaryDirectory() as folder:
        for image in images:
            source = written(folder, image)
            grid = own_grid(source)
            with CentredReader(source, grid, survey(source, grid).centring) as reader:
                (real, imaginary), _ = reader.read_bands(Window(0, 0, grid.width, grid.height))
            found.append(real + 1j * imaginary)
    return np.stack(found)


def written(folder: str, image: np.ndarray) -> RasterSource:
    """Write an image [h, w] into a folder as a file in radar geometry; return its `RasterSource`."""
    path, (height, width) = str(Path(folder) / "image.tif"), image.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", "GTiff", width, height, 1, dtype=image.dtype) as file:
            file.write(image, 1)
    return RasterSource("image", path, "", anywhere=True)


@dataclass(frozen=True)
class Peer:
    """A despeckler of complex images that is no part of the project, in a process of its own.

    command: what is started, with four more arguments: the sensor (a key of `despeckling.SENSORS`); "own" where the
    peer shall centre spectra itself, if it can, or "none"; a folder of complex64 files [h, w], NAME.npy, and one for
    the amplitudes, float32 [h, w], by the same names. The last line that it prints is how many seconds of CPU
    time it took without its start.
    """

    command: Sequence[str]

    def clean(self, images: Iterable[np.ndarray], sensor: str, centring: str) -> tuple[list[np.ndarray], float]:
        """Return the linear power [h, w] that the peer makes of complex images [h, w], and its seconds."""
        with TemporaryDirectory() as inputs, TemporaryDirectory() as outputs:
            names = []
            for number, image in enumerate(images):
                names.append(f"{number:04}.npy")
                np.save(Path(inputs) / names[-1], image.astype(np.complex64))
            command = [*self.command, sensor, centring, inputs, outputs]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            amplitudes = [np.load(Path(outputs) / name) for name in names]
        return [each.astype(np.float32) ** 2 for each in amplitudes], float(told.split()[-1])

    def at_level(self, images: np.ndarray, sensor: str, centring: str, level: float) -> np.ndarray:
        """Return the linear power [n, h, w] of complex images, which the peer sees at a level of `LEVELS`."""
        gain = gain_to(level, images)
        return np.stack(self.clean(images * gain, sensor, centring)[0]) / gain**2

    def best_level(self, images: np.ndarray, sensor: str, score: Callable[[np.ndarray], float]) -> float:
        """Return the level of `LEVELS` at which the peer's power [n, h, w] of complex images has the highest score."""
        gains = [gain_to(level, images) for level in LEVELS]
        found, _ = self.clean([image * gain for gain in gains for image in images], sensor, "own")
        powers = np.reshape(found, (len(LEVELS), *images.shape)) / np.square(gains)[:, None, None, None]
        return LEVELS[int(np.argmax([score(power) for power in powers]))]


def gain_to(level: float, images: np.ndarray) -> float:
    """Return the factor of complex images whose mean logarithm of the amplitude then is `level`; zeros do not count."""
    amplitudes = np.abs(images)
    return float(np.exp(level - np.log(amplitudes[amplitudes > 0]).mean()))
