"""The training and validation pairs: which tiles belong to which list, and reading them."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import torch
from rasterio.errors import NotGeoreferencedWarning

VALIDATION_WEST_EDGE = -13_145_000.0
"""Los Angeles tiles whose left edge lies east of this (EPSG:3395, metres) are never trained on.

The aligned ones among them are the validation list. The border runs between two blocks of the published set, so that both
sides of it are different acquisitions.
"""

SEN12_SCENES = {
    "fields": (*range(0, 25), *range(110, 130)),
    "hills": tuple(range(25, 50)),
    "desert": (*range(50, 75), *range(101, 110)),
    "town": tuple(range(75, 101)),
}
"""Tile numbers of the four scenes of the SEN1-2 samples, told apart by eye (the files carry no scene name)."""


@dataclass(frozen=True)
class Pair:
    """One place in both modalities on one pixel grid: sar uint8 [1, H, W], optical uint8 [1 or 3, H, W]."""

    name: str
    sar: torch.Tensor
    optical: torch.Tensor


def los_angeles(data, part):
    """Return the aligned Los Angeles pairs of `part`: "train" (west) or "validation" (east), without those of no CRS."""
    return _los_angeles(Path(data) / "s1s2_los_angeles", part)


def los_angeles_relief(data):
    """Return the relief pairs of the training side; local offsets of several pixels are left in them."""
    return _los_angeles(Path(data) / "s1s2_los_angeles_relief", "train")


def _los_angeles(folder, part):
    pairs = []
    for path in sorted((folder / "sar").glob("*.tif")):
        with rasterio.open(path) as tile:
            left, right, georeferenced, width = tile.bounds.left, tile.bounds.right, tile.crs is not None, tile.width
        if not georeferenced or (left > VALIDATION_WEST_EDGE) != (part == "validation"):
            continue
        pair = read_pair(folder, path.stem)
        # The two blocks of the set overlap by a strip; the training side gives it up.
        keep = width
        if part == "train" and right > VALIDATION_WEST_EDGE:
            keep = int(width * (VALIDATION_WEST_EDGE - left) / (right - left))
        pairs.append(Pair(pair.name, pair.sar[:, :, :keep], pair.optical[:, :, :keep]))
    return pairs


def sen12(data, scenes):
    """Return the SEN1-2 pairs of the named scenes (keys of `SEN12_SCENES`)."""
    folder = Path(data) / "s1s2_sen12"
    return [read_pair(folder, f"{number:03d}") for scene in scenes for number in SEN12_SCENES[scene]]


def ombria(data):
    """Return all OMBRIA pairs, aligned or not."""
    folder = Path(data) / "s1s2_ombria"
    return [read_pair(folder, path.stem) for path in sorted((folder / "sar").glob("*.tif"))]


def read_pair(folder, name):
    """Read the tile `name` of a set folder that holds `sar/` and `optical/`."""
    folder = Path(folder)
    return Pair(
        f"{folder.name}/{name}", _read(folder / "sar" / f"{name}.tif"), _read(folder / "optical" / f"{name}.tif")
    )


def _read(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as tile:
            return torch.from_numpy(np.ascontiguousarray(tile.read()))
