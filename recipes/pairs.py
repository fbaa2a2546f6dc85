"""The training and validation pairs: which tiles belong to which list, and reading them."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Callable, Union

import numpy as np
import rasterio
import torch
from rasterio.errors import NotGeoreferencedWarning

from ..engine.simulation.patches import stretched
from ..engine.training.pair import Pair
from .kept import Kept, kept

VALIDATION_WEST_EDGE = -13_145_000.0
"""Los Angeles tiles whose left edge lies east of this (EPSG:3395, metres) are never trained on.

The aligned ones among them are the validation list. The border runs between two blocks of the published set, so that
both sides of it are different acquisitions.
"""

SEN12_SCENES = {
    "fields": (*range(0, 25), *range(110, 130)),
    "hills": tuple(range(25, 50)),
    "desert": (*range(50, 75), *range(101, 110)),
    "town": tuple(range(75, 101)),
}
"""Tile numbers of the four scenes of the SEN1-2 samples, told apart by eye (the files carry no scene name)."""


DEM_SITES = ("282D_485L_3_3", "38D_378R_2_3", "433D_629L_3_1")
"""Real sites with VV, VH, colours and heights."""


CROSS_POLARISED = ("s1s2_los_angeles",)
"""How the names of the sets of one band begin that show VH; the others show VV."""


def polarisation_of(pair: Pair) -> str:
    """Return the polarisation of a pair of one band."""
    return "VH" if pair.name.startswith(CROSS_POLARISED) else "VV"


def los_angeles(data: Union[str, Path], part: str) -> list[Pair]:
    """Return the aligned, georeferenced Los Angeles pairs of `part`: "train" (west) or "validation" (east)."""
    return _los_angeles(Path(data) / "s1s2_los_angeles", part)


def los_angeles_relief(data: Union[str, Path]) -> list[Pair]:
    """Return the relief pairs of the training side; local offsets of several pixels are left in them."""
    return _los_angeles(Path(data) / "s1s2_los_angeles_relief", "train")


def los_angeles_unreferenced(data: Union[str, Path]) -> list[Pair]:
    """Return the aligned Los Angeles pairs without a CRS: their side is unknown, so they only calibrate thresholds."""
    folder = Path(data) / "s1s2_los_angeles"
    return [read_pair(folder, path.stem) for path in _tiles(folder) if _bounds(path) is None]


def _los_angeles(folder, part):
    pairs = []
    for path in _tiles(folder):
        bounds = _bounds(path)
        if bounds is None or (bounds.left > VALIDATION_WEST_EDGE) != (part == "validation"):
            continue
        pair = read_pair(folder, path.stem)
        # The two blocks of the set overlap by a strip; the training side gives it up.
        share = min(1.0, (VALIDATION_WEST_EDGE - bounds.left) / (bounds.right - bounds.left))
        keep = int(share * pair.sar.shape[2]) if part == "train" else pair.sar.shape[2]
        pairs.append(Pair(pair.name, pair.sar[:, :, :keep], pair.optical[:, :, :keep]))
    return pairs


def _tiles(folder):
    return sorted((folder / "sar").glob("*.tif"))


def _bounds(path):
    """Bounds of a tile, None when it has no CRS."""
    with _opened(path) as tile:
        return tile.bounds if tile.crs else None


def sen12(data: Union[str, Path], scenes: Iterable[str]) -> list[Pair]:
    """Return the SEN1-2 pairs of the named scenes (keys of `SEN12_SCENES`)."""
    folder = Path(data) / "s1s2_sen12"
    return [read_pair(folder, f"{number:03d}") for scene in scenes for number in SEN12_SCENES[scene]]


def ombria(data: Union[str, Path]) -> list[Pair]:
    """Return all OMBRIA pairs, aligned or not."""
    folder = Path(data) / "s1s2_ombria"
    return [read_pair(folder, path.stem) for path in _tiles(folder)]


def by_band(pairs: Iterable[Pair], polarisations: Iterable[str]) -> list[Pair]:
    """Return a pair for each polarisation of each pair, whose name begins with it."""
    return [
        Pair(f"{name} {pair.name}", band[None], pair.optical, pair.heights)
        for pair in pairs
        for name, band in zip(polarisations, pair.sar)
    ]


def dem_sites(data: Union[str, Path], names: Iterable[str] = DEM_SITES, in_decibels: bool = False) -> list[Pair]:
    """Return real sites with heights, VV and VH: drawn as 8-bit renderings are, or float32 in decibels as published."""
    folder, pairs = Path(data) / "s1_dem_s2_sites", []
    for name in names:
        sar, optical, heights = (_read(folder / part / f"{name}.tif") for part in ("s1_db", "s2_rgb", "dem"))
        if not in_decibels:
            sar = torch.cat([stretched(10 ** (band.float() / 20)) for band in sar.split(1)])
        pairs.append(Pair(f"{folder.name}/{name}", sar.float() if in_decibels else sar, optical, heights.float()))
    return pairs


def kept_pairs(path: Path, make: Callable[[], Iterable[Pair]]) -> list[Pair]:
    """Return pairs without heights that a file keeps, by name, which are made where there is none."""
    tensors, _ = kept(path, lambda: _as_kept(make()))
    names = sorted({key.rsplit(" ", 1)[0] for key in tensors})
    return [Pair(name, tensors[f"{name} sar"], tensors[f"{name} optical"]) for name in names]


def _as_kept(pairs: Iterable[Pair]) -> Kept:
    return Kept({f"{pair.name} {part}": getattr(pair, part) for pair in pairs for part in ("sar", "optical")})


def read_pair(folder: Union[str, Path], name: str) -> Pair:
    """Read the tile `name` of a set folder that holds `sar/` and `optical/`."""
    folder = Path(folder)
    return Pair(
        f"{folder.name}/{name}", _read(folder / "sar" / f"{name}.tif"), _read(folder / "optical" / f"{name}.tif")
    )


def _read(path):
    with _opened(path) as tile:
        return torch.from_numpy(np.ascontiguousarray(tile.read()))


def _opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # some tiles are published so
        return rasterio.open(path)
