"""Real complex images for the benchmark of despeckling."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..contract.sources import RasterSource
from ..engine.rasters.source_file import open_anywhere

CROPS = {
    "Amsterdam, Sentinel-1": ("amsterdam_s1_slc_20230319", "amsterdam_s1_slc_20230331"),
    "Envisat": ("envisat_480x480",),
    "Rotterdam, airborne X band": tuple(f"rotterdam_capella_x_{each}_c64" for each in ("hh", "hv", "vh", "vv")),
    "UAVSAR, San Fernando": ("uavsar_SanAnd_138",),
    "UAVSAR, Winnipeg": ("uavsar_winnipeg",),
}
"""Real complex images in the folder `slc` of the data: those of one sensor and size are taken together."""


def crop(data: Path, names: Sequence[str]) -> np.ndarray:
    """Return real complex images of one size, complex64 [n, h, w]."""
    images = []
    for name in names:
        with open_anywhere(RasterSource(name, str(data / "slc" / f"{name}.tif"), "", anywhere=True)) as file:
            images.append(file.read(1))
    return np.stack(images)
