"""SpaceNet 6 tiles of Rotterdam with official footprints, as the figures of public notebooks show them."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.image import imread


class Figure(NamedTuple):
    """A tile on pixels of `pixel` metres: grey float32 [h, w], 0..255, whole numbers; built, known bool [h, w].

    source: the notebook, of which there may be several tiles. known: where the tile has data.
    """

    name: str
    source: str
    pixel: float
    grey: np.ndarray
    built: np.ndarray
    known: np.ndarray


def figures(data: Path, beginnings: tuple[str, ...] = ("",)) -> Iterator[Figure]:
    """Yield the tiles whose names begin so, in the order of their index, from the folder of training sets."""
    folder = data / "buildings" / "sn6_sar"
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["name"].startswith(beginnings)]
    for row in rows:
        grey, built, known = (_read(folder / f"{row['name']}_{what}.png") for what in ("sar", "building", "valid"))
        yield Figure(row["name"], row["source"], float(row["m_per_px"]), 255 * grey, built > 0.5, known > 0.5)


def _read(path: Path) -> np.ndarray:
    """Return an image, 0..1 [h, w]; where it has bands, the first."""
    image = imread(path)
    return image if image.ndim == 2 else image[..., 0]
