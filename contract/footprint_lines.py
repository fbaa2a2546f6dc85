"""Footprints of buildings between QGIS and the engine: a file of JSON lines, one footprint a line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Optional, TypeVar, Union


class Footprint(NamedTuple):
    """A building as its outline on the ground; an object with these keys on its line.

    `height`: metres above the ground, None where nothing tells it. `rings`: lists of positions [x, y], in the CRS that
    goes with the file; the first ring is the outline, others are courtyards.
    """

    height: Optional[float]
    rings: list[list[list[float]]]


class FoundBuilding(NamedTuple):
    """A building that was found in an image; `rings` as those of a `Footprint`.

    Area and perimeter are on the ground. score: mean probability inside, 0..1. elongation: length over width of the
    smallest rectangle around it, at least 1; orientation: of the length, degrees clockwise from true north, 0..180.

    In images in radar geometry positions are (column, -row), area and perimeter in pixels, and up is north.
    """

    area_m2: float
    perimeter_m: float
    score: float
    elongation: float
    orientation: float
    rings: list[list[list[float]]]


SCORE_COLOURS = {0.0: "#b85a1e", 0.6: "#a04cff", 0.75: "#55b0a2", 0.9: "#ffd51e"}
"""The colours of found buildings, by the lowest score of each class; they stand out on grey images."""


class ScoredFootprint(NamedTuple):
    """A building that is claimed or true; `score`: how sure the claim is, None where nothing tells it; `rings` and
    `height` as those of a `Footprint`."""

    score: Optional[float]
    rings: list[list[list[float]]]
    height: Optional[float] = None


Line = TypeVar("Line", Footprint, ScoredFootprint, FoundBuilding)


def write_footprint_lines(path: Union[str, Path], footprints: Iterable[Line]) -> None:
    """Write the footprints, one after the other, to the new file `path`."""
    with Path(path).open("w", encoding="utf-8") as file:
        for footprint in footprints:
            file.write(json.dumps(footprint._asdict()) + "\n")


def read_footprint_lines(path: Union[str, Path], kind: type[Line] = Footprint) -> Iterator[Line]:
    """Yield the footprints of the file, in its order; of the `kind` that was written."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield kind(**json.loads(line))
