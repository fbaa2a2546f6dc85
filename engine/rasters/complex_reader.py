"""Complex images as numbers: real and imaginary parts as they are, for what looks at the phase."""

from contextlib import ExitStack
from typing import Optional

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from .grid import Grid, Window
from .place import has_place
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


class ComplexReader:
    """Read a complex `RasterSource` on its own lattice, window by window; a context manager.

    Resampling would mix speckle whose parts are independent: `grid` is the image's own, or a part of it. An image in
    radar geometry has a grid without a place on the map. No data are the same as for `GridReader`, ranges are compared
    with the power.

    Entering raises `UserError` when the file is refused by `open_anywhere`, holds no complex samples, or lies on
    another lattice than the grid. A reader belongs to one thread.
    """

    def __init__(self, source: RasterSource, grid: Grid) -> None:
        self.source = source
        self.grid = grid

    def __enter__(self) -> "ComplexReader":
        with ExitStack() as stack:
            self._dataset = stack.enter_context(open_anywhere(self.source))
            self._offset = self._checked_offset()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [2 · C, h, w], valid bool [h, w]) of a `Window`; values are 0 where not valid.

        Each band gives two channels, its real and its imaginary part. The window may reach beyond the grid into the
        rest of the image, and beyond that: not valid there. Raises `UserError` when the file cannot be read to its end.
        """
        with reading(self.source):
            values = read_box(self._dataset, self._box(window), 2 * len(self.source.bands), self._parts)
        valid = np.isfinite(values).all(0)
        return np.where(valid, values, np.float32(0)), valid

    def read_mirrored(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return what `read_bands` does, but beyond the image the image mirrored at its edges, and NaN in its gaps."""
        box, shape = self._box(window), self._dataset.shape
        with reading(self.source):
            values = read_mirrored_box(box, shape, self._parts)
        known = np.isfinite(values).all(0)
        return np.where(known, values, np.float32(np.nan)), known & in_file(box, shape)

    def _box(self, window):
        left, top = window.col + self._offset[0], window.row + self._offset[1]
        return left, top, left + window.width, top + window.height

    def _parts(self, ranges):
        parts = []
        for band in self.source.bands:
            samples, _, valid = read_band(self._dataset, self.source, band, ranges)
            parts += [np.where(valid, part, np.nan) for part in (samples.real, samples.imag)]
        return np.stack(parts).astype(np.float32)

    def _checked_offset(self):
        name = self.source.name
        if any(not self._dataset.dtypes[band - 1].startswith("complex") for band in self.source.bands):
            raise UserError(
                f"Layer '{name}' holds no complex numbers ({self._dataset.dtypes[self.source.bands[0] - 1]}): choose a "
                "single-look complex (SLC) image."
            )
        to_file = same_lattice(self._dataset.transform, self.grid)
        if (
            to_file is None
            or to_file != Affine.translation(to_file.c, to_file.f)
            or (has_place(self._dataset) and CRS.from_user_input(self.grid.crs) != parse_crs(self.source))
        ):
            raise UserError(
                f"Layer '{name}' is complex and would have to be resampled, which mixes its speckle: let the result "
                "have the pixels of this layer."
            )
        return int(to_file.c), int(to_file.f)
