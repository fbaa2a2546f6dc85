"""Images pixel by pixel as their files hold them, wherever they lie: nothing is resampled."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Optional

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from scipy.ndimage import binary_opening

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .band_facts import BandFacts
from .grid import Grid, Window
from .place import check_on_earth, has_place
from .radiometry import to_power
from .source_file import (
    in_file,
    open_anywhere,
    parse_crs,
    read_band,
    read_box,
    read_mirrored_box,
    reading,
    same_lattice,
)

_ZEROS = 3
"""Pixels a side of the smallest area of zeros that is a gap."""


def own_grid(source: RasterSource) -> Grid:
    """Return the `Grid` of a `RasterSource`, of an image in radar geometry one without a place on the map.

    Raises `UserError` for what `open_anywhere` refuses, and for coordinates that do not fit the CRS.
    """
    with open_anywhere(source) as dataset:
        if not has_place(dataset):
            return Grid("", Affine.identity(), dataset.width, dataset.height)
        if not source.crs:
            raise UserError(
                f"Layer '{source.name}' has map coordinates, but no coordinate reference system: set it in the layer's "
                "properties, or in its file (gdal_edit.py -a_srs EPSG:...), and run again."
            )
        crs = parse_crs(source)
        check_on_earth(dataset, crs, source.name)
        return Grid(crs.to_wkt(), dataset.transform, dataset.width, dataset.height)


class OwnPixelsReader(BandFacts):
    """Read a `RasterSource` on its own lattice, window by window; a context manager.

    `grid` is the image's own, or a part of it. A subclass says how many `channels` a band gives, and which in
    `_channels`. No data are the same as for `GridReader`, ranges are compared with the power of complex samples.

    Entering raises `UserError` when the file is refused by `open_anywhere`, or lies on another lattice than the grid. A
    reader belongs to one thread.
    """

    channels = 1

    def __init__(self, source: RasterSource, grid: Grid) -> None:
        self.source = source
        self.grid = grid

    def __enter__(self):
        with ExitStack() as stack:
            self._dataset = stack.enter_context(open_anywhere(self.source))
            self._check_samples()
            self._offset = self._checked_offset()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [channels · C, h, w], valid bool [h, w]) of a `Window`; 0 where not valid.

        The window may reach beyond the grid into the rest of the image, and beyond that: not valid there. Raises
        `UserError` when the file cannot be read to its end.
        """
        count = self.channels * len(self.source.bands)
        with reading(self.source):
            values = read_box(self._dataset, self._box(window), count, self._channels)
        valid = np.isfinite(values).all(0)
        return np.where(valid, values, np.float32(0)), valid

    def read_mirrored(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return what `read_bands` does, but beyond the image the image mirrored at its edges, and NaN in its gaps."""
        box, shape = self._box(window), self._dataset.shape
        with reading(self.source):
            values = read_mirrored_box(box, shape, self._channels)
        known = np.isfinite(values).all(0)
        return np.where(known, values, np.float32(np.nan)), known & in_file(box, shape)

    def _channels(self, ranges: tuple) -> np.ndarray:
        """Return float32 [channels · C, h, w], NaN where not valid, of ((top, bottom), (left, right)) in the file."""
        raise NotImplementedError

    def _gaps(self, band: int, ranges: tuple, zeros: np.ndarray) -> np.ndarray:
        """Return, bool [h, w], which `zeros` of a band in those ranges are no data: those of 3 × 3 zeros or more.

        Borders and gaps between bursts are filled with zeros. A single one may well have been measured, where numbers
        are whole and the ground is dark.
        """
        if not zeros.any():
            return zeros
        more = _ZEROS - 1
        spans = [
            (max(first - more, 0), min(end + more, size)) for (first, end), size in zip(ranges, self._dataset.shape)
        ]
        around = self._dataset.read(band, window=tuple(spans)) == 0
        beyond = [(more - (first - low), more - (high - end)) for (first, end), (low, high) in zip(ranges, spans)]
        zero = np.pad(around, beyond, constant_values=True)  # a border goes on beyond the file
        return binary_opening(zero, np.ones((_ZEROS, _ZEROS)))[more:-more, more:-more]

    def _check_samples(self) -> None:
        """Raise `UserError` where the file holds samples of a kind that this reader cannot take."""

    def _box(self, window):
        left, top = window.col + self._offset[0], window.row + self._offset[1]
        return left, top, left + window.width, top + window.height

    def _checked_offset(self):
        to_file = same_lattice(self._dataset.transform, self.grid)
        if (
            to_file is None
            or to_file != Affine.translation(to_file.c, to_file.f)
            or (has_place(self._dataset) and CRS.from_user_input(self.grid.crs) != parse_crs(self.source))
        ):
            raise UserError(
                f"Layer '{self.source.name}' would have to be resampled, which mixes its speckle: let the result have "
                "the pixels of this layer."
            )
        return int(to_file.c), int(to_file.f)


class PowerReader(OwnPixelsReader):
    """An `OwnPixelsReader` of linear power, one channel a band.

    unit: of the values, of `SAR_UNITS` without "auto"; of 8-bit renderings, whose rule nobody knows, grey values count
    as amplitudes. Areas of zeros are no data, but in decibels and renderings. None: the values as they are, of complex
    samples their power.
    """

    def __init__(self, source: RasterSource, grid: Grid, unit: Optional[str] = None) -> None:
        super().__init__(source, grid)
        self._unit = unit

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [h, w], valid bool [h, w]) of the mean of all bands; 0 where not valid."""
        values, valid = self.read_bands(window)
        return values.mean(0), valid

    def _channels(self, ranges: tuple) -> np.ndarray:
        return np.stack([self._band(band, ranges) for band in self.source.bands])

    def _band(self, band, ranges):
        samples, values, valid = read_band(self._dataset, self.source, band, ranges)
        values = np.where(valid, values, np.nan).astype(np.float32)
        if self._unit is None:
            return values
        if self._unit == "display":
            return np.maximum(values, _DARKEST_GREY) ** 2
        power = to_power(values, self._unit)
        return (
            np.where(self._gaps(band, ranges, samples == 0), np.float32(np.nan), power) if self._unit != "db" else power
        )


def written_power(name: str, path: Path, grid: Grid, bands: int = 1, unit: Optional[str] = None) -> PowerReader:
    """Return a `PowerReader` of the first bands of a raster that `MapWriter` wrote to `path` on a grid.

    In radar geometry such a raster begins at 0, wherever in the image its grid does. name: in messages.
    """
    source = RasterSource(name, str(path), grid.crs, tuple(range(1, bands + 1)), anywhere=True)
    return PowerReader(source, grid if grid.crs else replace(grid, transform=Affine.identity()), unit)


_DARKEST_GREY = 0.5
"""What black stands for in a rendering of whole numbers."""
