"""The rasters that despeckling gives, written window by window: the clean image, and what was taken off it."""

import math
from contextlib import ExitStack
from pathlib import Path
from typing import Optional, Union

import numpy as np

from ..rasters.carried_place import CarriedPlace
from ..rasters.grid import Grid, Window
from ..rasters.map_file import MapWriter
from ..rasters.own_pixels import PowerReader, written_power
from .ratio import Ratio, RatioStatistics
from .speckled_scene import SpeckledScene

RENDERING = "display"
_BRIGHTEST_GREY = 255


class DespeckledFiles:
    """Takes what a `BandDespeckler` gives, float32 with NaN for no data, as `map_rasters` writes it, in a context.

    unit: of what is written: "db", "power", "amplitude", or "display", the grey values 1..255 of a rendering, of which
    0 is no data. ratio: path of the raster of power before over power after, "" for none. scene: what is despeckled.

    How many pixels have data is in `valid`.
    """

    dtype, nodata = "float32", math.nan

    def __init__(
        self,
        path: Union[str, Path],
        ratio: Union[str, Path],
        grid: Grid,
        place: CarriedPlace,
        unit: str,
        scene: SpeckledScene,
    ) -> None:
        bands = scene.source.bands
        clean, ratios = ([f"{what} band {band}" for band in bands] for what in ("despeckled", "ratio of"))
        self.grid, self.count = grid, 2 * len(bands)
        self._unit, self._place, self._bands = unit, place, len(bands)
        is_rendering = unit == RENDERING
        dtype, nodata = ("uint8", 0) if is_rendering else ("float32", math.nan)
        self._clean = MapWriter(path, grid, dtype, nodata, len(bands), descriptions=clean)
        self._ratio = MapWriter(ratio, grid, "float32", math.nan, len(bands), descriptions=ratios) if ratio else None
        self._statistics = [RatioStatistics(band.looks) for band in scene.bands]
        self.valid = 0

    def __enter__(self) -> "DespeckledFiles":
        with ExitStack() as stack:
            for writer in filter(None, (self._clean, self._ratio)):
                stack.enter_context(writer)
                self._place.write(writer.dataset)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    @property
    def ratios(self) -> list[Optional[Ratio]]:
        """What the ratio image of each band is like; None where nothing is known."""
        return [each.result() for each in self._statistics]

    def write(self, values: np.ndarray, window: Window) -> None:
        """Write reflectivity and power before, both in dB [2 · C, h, w], at a `Window` within the grid."""
        clean, before = values[: self._bands], values[self._bands :]
        self.valid += int(np.isfinite(clean).all(0).sum())
        self._clean.write(_in_unit(clean, self._unit), window)
        ratio = _power(before - clean)
        for statistics, each in zip(self._statistics, ratio):
            statistics.add(each)
        if self._ratio:
            self._ratio.write(ratio, window)


def despeckled_power(path: Path, grid: Grid, unit: str) -> PowerReader:
    """Return a reader of the power in the first band of what was written to `path`, on the same `grid`, in a `unit`."""
    return written_power(path.name, path, grid, unit=unit)


def _power(decibels: np.ndarray) -> np.ndarray:
    return np.float32(10) ** (decibels / np.float32(10))


def _in_unit(decibels: np.ndarray, unit: str) -> np.ndarray:
    if unit == "db":
        return decibels
    if unit == "power":
        return _power(decibels)
    amplitude = _power(decibels / 2)
    if unit == "amplitude":
        return amplitude
    grey = np.rint(amplitude).clip(1, _BRIGHTEST_GREY)
    return np.where(np.isfinite(grey), grey, 0).astype(np.uint8)
