"""Rasters as networks are shown them: beyond its edges an image goes on, mirrored."""

import numpy as np

from .grid import Window
from .grid_reader import GridReader
from .source_file import in_file, read_mirrored_box

_BEYOND = 2**13
"""Source pixels beyond the file that are mirrored: farther than any tile reaches that holds something valid."""

_HALF = 0.499
"""Share of a pixel in the file from which it lies in it; half of it does at the edge, but for rounding."""


class MirroredReader(GridReader):
    """A `GridReader` whose image does not end where its file does, however the grid is turned to it.

    Edges are mirrored in the file's own pixels, where they are straight, before anything is resampled.
    """

    def read_mirrored(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [C, h, w], valid bool [h, w]) as `read_bands` does, but for what is not valid.

        Beyond the grid that is what the file has there, beyond the file the file mirrored at its edges, and NaN, in all
        bands, where neither is known.
        """
        values, known = self._finished(self._resampled(window, len(self.source.bands), self._mirrored_box, _BEYOND))
        if not known.all():
            values[:, ~known] = np.nan
        return values, known & self._in_grid(window) & self._in_file(window)

    def _mirrored_box(self, box):
        return read_mirrored_box(box, self._dataset.shape, self._each)

    def _in_file(self, window):
        """Return, bool [h, w], which pixels of a window have their middle in the file."""
        if self._to_file is None and self._source_box(window) == self._source_box(window, _BEYOND):
            return np.True_  # of all of them
        return self._resampled(window, 1, self._inside, _BEYOND)[0] > _HALF

    def _inside(self, box):
        return in_file(box, self._dataset.shape)[None].astype(np.float32)
