"""From a raster of probabilities to what users get: a mask, footprints, and a raster of their own lattice."""

import math
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Optional

import numpy as np
import shapely
from scipy import ndimage

from ...contract.footprint_lines import FoundBuilding, write_footprint_lines
from ..compute.read_ahead import read_ahead
from ..compute.write_behind import write_behind
from ..rasters.carried_place import CarriedPlace
from ..rasters.grid import Grid, Window
from ..rasters.map_file import BLOCK, MapWriter, opened_again
from ..reporting import Reporter
from .polygons import Surveyor, outlines
from .probabilities import ProbabilityReader
from .separation import separated
from .whole_parts import Part, WholeParts

BUILT, OPEN, NO_DATA = 1, 0, 255
"""Values of the mask."""

_STRIP_PIXELS = 5 * 2**19
"""Most pixels of a strip, which is as wide as the raster: 512 rows of 5,000 pixels, 128 of 20,000."""


@dataclass(frozen=True)
class Rules:
    """What counts as a building.

    threshold: probability from which a pixel is built up; border: that from which it is a border; min_area: m² of the
    smallest building, by its pixels, or these in radar geometry; tolerance: pixels that outlines are simplified by, 0
    for none; seed: pixels within the borders of a building that touches others, at least.
    """

    threshold: float
    border: float
    min_area: float
    tolerance: float
    seed: float = 0.0


@dataclass
class FoundBuildings:
    """Makes footprints and rasters of the probabilities that an open `ProbabilityReader` gives on its grid.

    Its bands are the probability of a building and, where there are two, of a border; `place` is what the rasters say
    of where they lie beside the grid. Afterwards `count` is how many buildings there are, `area` what they cover, as
    the `surveyor` measures it, `scores` the sum of their scores, `known` and `built` how many pixels have data and are
    built up, `areas` those of all of them, and `cuts` how often one was too large to be held as a whole.
    """

    reader: ProbabilityReader
    rules: Rules
    surveyor: Surveyor
    place: CarriedPlace
    known: int = 0
    built: int = 0
    scores: float = 0.0
    cuts: int = 0
    areas: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many buildings were found."""
        return len(self.areas)

    @property
    def area(self) -> float:
        """What their footprints cover."""
        return math.fsum(self.areas)

    @property
    def mean_score(self) -> Optional[float]:
        """Mean of their scores, 0..1; None where there is none."""
        return self.scores / self.count if self.count else None

    @property
    def share(self) -> Optional[float]:
        """Built-up pixels as percent of those with data; None where there is none."""
        return 100 * self.built / self.known if self.known else None

    def write(self, footprints: Path, mask: Path, probability: Optional[Path], reporter: Reporter) -> None:
        """Write the file of `FoundBuilding` lines, the mask, and the probabilities where there is a path for them."""
        self._small = []
        with ExitStack() as stack:
            writer = stack.enter_context(MapWriter(mask, self.reader.grid, "uint8", NO_DATA))
            levels = None
            if probability:
                told = ["probability of a building (0..1)"]
                levels = MapWriter(probability, self.reader.grid, "float32", math.nan, descriptions=told)
                stack.enter_context(levels)
            for each in filter(None, (writer, levels)):
                self.place.write(each.dataset)
            write_footprint_lines(footprints, self._buildings(writer, levels, reporter))
        with opened_again(mask) as dataset:
            for window, inside in self._small:  # of several strips, which were written before they were known as small
                values = dataset.read(1, window=window.to_rasterio())
                values[inside] = OPEN
                dataset.write(values, 1, window=window.to_rasterio())

    def _buildings(self, mask, probability, reporter) -> Iterator[FoundBuilding]:
        """Yield the buildings; one thread reads the next strip and another writes the one before."""
        parts = WholeParts()
        strips = list(_strips(self.reader.grid))
        put = partial(_put, mask, probability)
        with closing(read_ahead(self.reader.read_bands, strips)) as read, write_behind(put, 1) as write:
            for window, (values, known) in zip(strips, read):
                strip = Part(window, known & (values[0] >= self.rules.threshold), values)
                levels = np.where(known, strip.mask, NO_DATA).astype(np.uint8)
                bottom = window.row + window.height
                for part in parts.add(strip, bottom == self.reader.grid.height):
                    small = yield from self._found(part)
                    if not small.any():
                        continue
                    if part.window == window:
                        levels[small] = OPEN
                    else:
                        self._small.append((part.window, small))
                    self.built -= int(small.sum())
                write(window, levels, values[0], known)
                self.known += int(known.sum())
                self.built += int(strip.mask.sum())
                reporter.progress(bottom / self.reader.grid.height)
        self.cuts = parts.cuts

    def _found(self, part):
        """Yield the buildings of a part; return where it is built up, bool [h, w], but too small to be a building."""
        if len(part.values) > 1:
            labels = separated(part.mask, part.values[1] > self.rules.border, self.rules.seed)
        else:
            labels, _ = ndimage.label(part.mask)
        traced = outlines(labels, part.window, self.rules.tolerance)
        polygons, numbers = np.array([each.polygon for each in traced]), np.array([each.label for each in traced])
        pixels = np.bincount(labels.ravel())
        scores = np.bincount(labels.ravel(), part.values[0].ravel()) / np.maximum(pixels, 1)
        as_found = pixels[numbers] / shapely.area(polygons)  # what a simplified outline has lost or gained
        is_kept = np.zeros(len(scores), bool)
        measured = self.surveyor.measured(polygons, scores[numbers])
        for number, factor, building in zip(numbers.tolist(), as_found.tolist(), measured):
            if building.area_m2 * factor >= self.rules.min_area:
                is_kept[number] = True
                self.areas.append(building.area_m2)
                self.scores += building.score
                yield building
        return part.mask & ~is_kept[labels]


def _put(mask, probability, window, levels, values, known):
    """Write a strip of the mask, and of the probabilities where they are wanted."""
    mask.write(levels, window)
    if probability:
        probability.write(np.where(known, values, np.float32(np.nan)), window)


def _strips(grid: Grid) -> Iterator[Window]:
    """Yield the `Window`s of strips of a `Grid`, which end where blocks of a file or whole parts of them do."""
    height = BLOCK
    while height > 1 and height * grid.width > _STRIP_PIXELS:
        height //= 2
    for row in range(0, grid.height, height):
        yield Window(0, row, grid.width, min(height, grid.height - row))
