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


class ScoredFootprint(NamedTuple):
    """A building that is claimed or true; `score`: how sure the claim is, None where nothing tells it; `rings` as those
    of a `Footprint`."""

    score: Optional[float]
    rings: list[list[list[float]]]


Line = TypeVar("Line", Footprint, ScoredFootprint)


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
