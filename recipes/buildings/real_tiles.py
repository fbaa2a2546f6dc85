"""Real X-band tiles with official footprints: SpaceNet 6, Rotterdam, as figures of public notebooks show them."""

import csv
from pathlib import Path

import numpy as np
import torch
from matplotlib.image import imread
from scipy import ndimage

from ...engine.inference.mirroring import mirrored
from .places import PIXEL, Place

FOLDS = (("mktrain", "amiel"), ("mkgeo", "sandhi"), ("mor4z", "tati"))
"""Sources of the tiles that are left out together: `mktrain` and `amiel`, `mkgeo` and `sandhi` show the same ground."""

_CUT = 3
"""Pixels along the edge of what is known that are not learnt from: figures blend them with their background."""


def real_tiles(data: Path, sources: tuple[str, ...], pixel: float = PIXEL) -> list[Place]:
    """Return the tiles of some sources on pixels of `pixel` metres, grey values, with what is not known mirrored."""
    folder = data / "buildings" / "sn6_sar"
    with (folder / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"].startswith(sources)]
    return [_tile(folder, row["name"], float(row["m_per_px"]), pixel) for row in rows]


def _tile(folder: Path, name: str, own_pixel: float, pixel: float) -> Place:
    grey, built, known = (_read(folder / f"{name}_{what}.png") for what in ("sar", "building", "valid"))
    known = ndimage.binary_erosion(known > 0.5, iterations=_CUT)
    whole = mirrored(255 * grey[None], known)
    image, valid, labels = (_resampled(each, own_pixel / pixel) for each in (whole[0], known, built))
    return Place(
        name=f"sn6_sar/{name}",
        pixel=pixel,
        image=image,
        labels=(labels > 0.5).int(),
        valid=valid > 0.99,
        incidence=None,
        look_known=False,
        is_rendering=True,
    )


def _read(path: Path) -> np.ndarray:
    image = imread(path)
    return image if image.ndim == 2 else image[..., 0]


def _resampled(image: np.ndarray, times: float) -> torch.Tensor:
    values = torch.from_numpy(image.astype(np.float32))[None, None]
    size = [round(side * times) for side in values.shape[-2:]]
    return torch.nn.functional.interpolate(values, size=size, mode="bilinear", antialias=True, align_corners=False)[0]
