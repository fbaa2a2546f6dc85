"""What an opened file says of the bands that are read, whoever reads them."""

from contextlib import suppress

from rasterio import DatasetReader
from rasterio.enums import ColorInterp

from ...contract.sources import RasterSource


class BandFacts:
    """Of the bands of a `source`, whose file is open as `_dataset`."""

    source: RasterSource
    _dataset: DatasetReader

    @property
    def dtype(self) -> str:
        """Name of the type of the values: the file's sample type, such as 'uint8' or 'complex64'.

        Real values that the file scales or offsets are 'float32', whatever it stores.
        """
        first = self.source.bands[0] - 1
        stored, scaled = self._dataset.dtypes[first], (self._dataset.scales[first], self._dataset.offsets[first])
        return stored if scaled == (1, 0) or stored.startswith("complex") else "float32"

    @property
    def is_colour(self) -> bool:
        """Whether the file calls itself a red, green and blue picture."""
        names = {colour.name for colour in self._dataset.colorinterp}
        return {"red", "green", "blue"} <= names

    @property
    def has_colour_table(self) -> bool:
        """Whether the chosen bands hold numbers of colours, which are no brightness; a scale of greys is one."""
        tables = []
        for band in self.source.bands:
            if self._dataset.colorinterp[band - 1] == ColorInterp.palette:
                with suppress(ValueError):  # called a palette, but there is none
                    tables.append(self._dataset.colormap(band))
        return any(len({*colour[:3]}) > 1 for table in tables for colour in table.values())
