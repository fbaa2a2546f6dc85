"""What a despeckler learns from on users' complex layers: patches of centred images, told apart by place."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ....contract.despeckling_jobs import TrainDespecklerJob
from ....contract.errors import UserError
from ....contract.sources import RasterSource
from ...rasters.grid import Grid, Window
from ...rasters.own_pixels import own_grid
from ...reporting import Reporter
from ...training.patches import TRAINING, VALIDATION, lattice, split_by_place
from ..centred_reader import CentredReader
from ..speckled_scene import speckled_scene
from ..survey import Survey, told_survey


@dataclass(frozen=True)
class ComplexImage:
    """One band of a complex layer: the level of its power, and what its spectrum is like."""

    source: RasterSource
    grid: Grid
    level: float
    survey: Survey


class Place(NamedTuple):
    """A patch: the `window` of an image's grid, and the reader that cuts it out, for one thread at a time."""

    image: ComplexImage
    reader: CentredReader
    window: Window

    def parts(self) -> np.ndarray:
        """Read real and imaginary part, float32 [2, S, S], in units in which the level of the image's power is 1."""
        return self.reader.read_bands(self.window)[0] / np.float32(self.image.level**0.5)


@dataclass(frozen=True)
class ComplexPlaces:
    """Patches to learn from, and those of other places to validate with; one of each at least."""

    images: tuple[ComplexImage, ...]
    training: tuple[Place, ...]
    validation: tuple[Place, ...]


@contextmanager
def complex_places(job: TrainDespecklerJob, reporter: Reporter) -> Iterator[ComplexPlaces]:
    """Yield the `ComplexPlaces` of a job, whose files are open meanwhile.

    Raises `UserError` for layers that are not complex, hold no data, or too few patches for two parts.
    """
    images = [image for source in job.layers for image in complex_images(source, "auto", reporter)]
    with ExitStack() as stack:
        places = {TRAINING: [], VALIDATION: []}
        for number, image in enumerate(images):
            reader = stack.enter_context(CentredReader(image.source, image.grid, image.survey.centring))
            part_of_work = reporter.part(number / len(images), (number + 1) / len(images))
            for window, which in _patches(job, image, reader, part_of_work):
                if which:
                    places[which].append(Place(image, reader, window))
        yield ComplexPlaces(tuple(images), *(tuple(places[which]) for which in (TRAINING, VALIDATION)))


def complex_images(source: RasterSource, unit: str, reporter: Reporter) -> list[ComplexImage]:
    """Return the images of a layer, one of each band or of both parts; what their spectra are like is told.

    unit: of `SAR_UNITS`. Raises `UserError` for a layer that is not complex.
    """
    grid = own_grid(source)
    scene = speckled_scene(source, unit, grid, reporter)
    if not scene.is_complex:
        raise UserError(
            f"Layer '{source.name}' holds no phase, and MERLIN learns from real and imaginary parts: choose "
            "single-look complex (SLC) images."
        )
    found = told_survey(scene.source, grid, reporter)
    return [
        ComplexImage(replace(scene.source, bands=(band,)), grid, each.level, found)
        for band, each in zip(scene.source.bands, scene.bands)
    ]


def _patches(
    job: TrainDespecklerJob, image: ComplexImage, reader: CentredReader, reporter: Reporter
) -> list[tuple[Window, str]]:
    """Return patches without no data and the part that each belongs to, "" across borders."""
    grid, name = image.grid, image.source.name
    windows, known = known_patches(reader, job.patch, reporter)
    parts = split_by_place(known, job.validation_share, job.seed)
    counts = {which: parts.count(which) for which in (TRAINING, VALIDATION)}
    if not all(counts.values()):
        raise UserError(
            f"Layer '{name}' has {grid.width} × {grid.height} pixels and {len(known)} patches of {job.patch} pixels "
            "without no data, too few for two parts that share no pixel, one to learn from and one to validate with: "
            "choose larger layers, or smaller patches."
        )
    reporter.info(
        f"{counts[TRAINING]} patches of {job.patch} pixels of band {image.source.bands[0]} of layer '{name}' are for "
        f"training and {counts[VALIDATION]}, of other places, for validation; {windows - len(known)} of {windows} hold "
        "no data and are left out."
    )
    return list(zip(known, parts))


def known_patches(reader: CentredReader, side: int, reporter: Reporter) -> tuple[int, list[Window]]:
    """Return how many patches of a side an image has, and those without no data, row by row."""
    windows = lattice(Window(0, 0, reader.grid.width, reader.grid.height), side)
    known = []
    for done, window in enumerate(windows):
        reporter.progress(done / len(windows))
        if reader.read_bands(window)[1].all():
            known.append(window)
    return len(windows), known
