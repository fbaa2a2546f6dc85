"""Complex images as numbers: real and imaginary parts as they are, for what looks at the phase."""

import numpy as np

from ...contract.errors import UserError
from .own_pixels import OwnPixelsReader
from .source_file import read_band


class ComplexReader(OwnPixelsReader):
    """An `OwnPixelsReader` of complex images: each band gives two channels, its real and its imaginary part.

    Areas of exact zeros are no data: gaps between bursts and borders are filled with them. Entering raises `UserError`
    for what holds no complex samples, too.
    """

    channels = 2

    def _channels(self, ranges: tuple) -> np.ndarray:
        parts = []
        for band in self.source.bands:
            samples, _, valid = read_band(self._dataset, self.source, band, ranges)
            valid = valid & ~self._gaps(band, ranges, samples == 0)
            parts += [np.where(valid, part, np.nan) for part in (samples.real, samples.imag)]
        return np.stack(parts).astype(np.float32)

    def _check_samples(self) -> None:
        dtypes = [self._dataset.dtypes[band - 1] for band in self.source.bands]
        if not all(dtype.startswith("complex") for dtype in dtypes):
            raise UserError(
                f"Layer '{self.source.name}' holds no complex numbers ({dtypes[0]}): choose a single-look complex "
                "(SLC) image."
            )
