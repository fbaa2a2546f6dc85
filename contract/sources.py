"""What jobs are made of: rasters and footprints as the engine opens them, and checks."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import UserError


@dataclass(frozen=True)
class RasterSource:
    """A raster as the engine opens it.

    `name` is the layer's name in messages; `path` anything GDAL opens; `bands` are 1-based; `crs` is WKT and wins over
    the file's own (a user may override it in QGIS); `nodata` are closed value ranges that the user declared to be no
    data, in addition to the file's own no-data value. Values are read `factor` times as large: metres, of heights in
    another unit. With `anywhere` it may be an image in radar geometry, whose `crs` may be empty.
    """

    name: str
    path: str
    crs: str
    bands: tuple[int, ...] = (1,)
    nodata: tuple[tuple[float, float], ...] = ()
    factor: float = 1.0
    anywhere: bool = False

    def __post_init__(self):
        if not self.crs and not self.anywhere:
            raise UserError(
                f"Layer '{self.name}' has no coordinate reference system: set it in the layer's properties, "
                "or in its file (gdal_edit.py -a_srs EPSG:...), and run again."
            )
        if not self.bands or min(self.bands) < 1:
            raise UserError(f"Layer '{self.name}': band numbers start at 1, got {list(self.bands)}.")


LARGEST_TILE = 8192
"""Pixels a side of what a network sees at once; memory grows with their square."""


@dataclass(frozen=True)
class FootprintSource:
    """Polygons: `path` of their file (`footprint_lines.py`), in `crs` (WKT); `name` of their layer."""

    name: str
    path: str
    crs: str


def absolute_path(path: str) -> str:
    """Return where a file lies, wherever it is opened from; what is not a file (a URL, a subdataset) stays as it is."""
    return str(Path(path).absolute()) if Path(path).exists() else path


def one_of(what: str, value: str, allowed: Collection[str]) -> None:
    """Raise `UserError` unless `value`, called `what` in the sentence, is one of `allowed`."""
    if value not in allowed:
        raise UserError(f"The {what} must be one of {', '.join(allowed)}; got '{value}'.")


def check_polarisations(source: RasterSource, polarisations: Sequence[str]) -> None:
    """Raise `UserError` unless each band of a SAR layer has a polarisation, which may be ""."""
    if len(polarisations) != len(source.bands):
        raise UserError(
            f"Layer '{source.name}' is read with {len(source.bands)} bands, but {len(polarisations)} polarisations are "
            "named: name one for each band, in the same order."
        )


def check_tiles(side: int, batch_size: int, overlap: int = -1) -> None:
    """Raise `UserError` unless tiles have sizes that can be: side and batch from 0 on, the overlap from -1 on."""
    if not 0 <= side <= LARGEST_TILE or overlap < -1 or batch_size < 0:
        raise UserError(
            f"Tiles are up to {LARGEST_TILE} pixels wide and overlap by whole pixels, got {side} and {overlap}."
        )


def check_extent(extent: Sequence[float]) -> None:
    """Raise `UserError` unless `extent` is empty or a rectangle (xmin, ymin, xmax, ymax) that has a size."""
    if not extent:
        return
    if len(extent) != 4 or not all(map(math.isfinite, extent)):
        raise UserError("The extent needs four finite numbers: xmin, ymin, xmax, ymax.")
    xmin, ymin, xmax, ymax = extent
    if xmin >= xmax or ymin >= ymax:
        raise UserError(
            f"The extent from ({xmin:.10g}, {ymin:.10g}) to ({xmax:.10g}, {ymax:.10g}) has no size: give the lower left"
            " corner and then the upper right one."
        )
