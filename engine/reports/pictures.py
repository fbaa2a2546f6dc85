"""Pixels for a report: the overview of an image, and places of two images at full resolution."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Optional

import numpy as np
from PIL import Image
from rasterio.transform import Affine

from ...contract.report_page import number
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..rasters.source_file import parse_crs

OVERVIEW_SIDE = 900
"""Longest side of an overview in pixels."""

PLACE_SIDE = 256
"""Side of a checkerboard in working pixels."""

FIELDS_PER_SIDE = 6

_LEVELS = 127  # grey levels per image: two ramps and "no data" share a palette of 8 bits
_NO_DATA, _LINE = 2 * _LEVELS, 2 * _LEVELS + 1
_LEAST_VALID = 0.8  # share of a place that images must cover
_SECOND_TINT, _LINE_COLOUR = (255, 232, 190), (228, 87, 46)


class Pair(NamedTuple):
    """One place before and after: its `window` of the grid, and PNG bytes (`after` None without a transform)."""

    window: Window
    before: bytes
    after: Optional[bytes]


def overview(reader: GridReader) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (values float32 [h, w], valid bool [h, w], factor): an open `GridReader`'s whole grid, averaged.

    `factor` is the number of grid pixels along a side of one overview pixel. Reads the image piece by piece.
    """
    coarse, factor = _coarse(reader)
    with GridReader(reader.source, coarse, reader.radiometry) as coarse_reader:
        return *coarse_reader.read(Window(0, 0, coarse.width, coarse.height)), factor


def overview_of_bands(reader: GridReader) -> tuple[np.ndarray, np.ndarray]:
    """Return (values float32 [C, h, w], valid bool [h, w]) as `overview` does, each band by itself."""
    coarse, _ = _coarse(reader)
    with GridReader(reader.source, coarse, reader.radiometry) as coarse_reader:
        return coarse_reader.read_bands(Window(0, 0, coarse.width, coarse.height))


def _coarse(reader):
    """Return the `Grid` of an overview, and how many pixels of the reader's grid are along a side of one of its own."""
    grid = reader.grid
    factor = max(1, -(-max(grid.width, grid.height) // OVERVIEW_SIDE))
    width, height = -(-grid.width // factor), -(-grid.height // factor)
    return Grid(grid.crs, grid.transform * Affine.scale(factor), width, height), factor


def moved_reader(reader: GridReader, affine: Affine) -> GridReader:
    """Return a `GridReader` that shows a reader's image moved by an `affine.Affine` in the map coordinates of its grid.

    Each pixel is resampled once, from where the inverse says that it lay.
    """
    grid = reader.grid
    moved = Grid(grid.crs, ~affine * grid.transform, grid.width, grid.height)
    return GridReader(reader.source, moved, reader.radiometry)


def places(positions: np.ndarray, grid: Grid, weights: Optional[np.ndarray] = None, most: int = 4) -> list[Window]:
    """Return up to `most` windows far from each other: round the positions, heavy ones first, else in the quarters.

    positions: [n, 2] in pixels of the grid. weights: [n], all alike without. Windows lie inside the grid and do not
    overlap by more than half.
    """
    side = min(PLACE_SIDE, grid.width, grid.height)
    if not len(positions):
        positions = np.array([(x * grid.width, y * grid.height) for y in (0.25, 0.75) for x in (0.25, 0.75)])
        weights = None
    weights = np.ones(len(positions)) if weights is None else weights
    corners = np.clip(np.round(positions - side / 2), 0, [grid.width - side, grid.height - side]).astype(int)
    chosen, distance = [], np.full(len(corners), np.inf)
    while len(chosen) < most and distance.max() > side / 2:
        best = np.argmax(weights * np.minimum(distance, np.hypot(grid.width, grid.height)))
        chosen.append(Window(*corners[best].tolist(), side, side))
        distance = np.minimum(distance, np.abs(corners - corners[best]).max(axis=1))
    return chosen


def place_name(place: int, window: Window, grid: Grid) -> str:
    """Return what reports call a place: its number, and where its middle lies, in radar geometry within the image."""
    x, y = grid.to_map(window.col + window.width / 2, window.row + window.height / 2)
    if not grid.crs:
        return f"Place {place} (column {number(x, digits=0)}, row {number(y, digits=0)})"
    digits, degrees = (5, "°") if parse_crs(grid).is_geographic else (0, "")
    return f"Place {place} ({number(x, digits=digits)}{degrees} east, {number(y, digits=digits)}{degrees} north)"


def checkerboards(
    windows: Iterable[Window], fixed: GridReader, before: GridReader, after: Optional[GridReader] = None
) -> Iterator[Pair]:
    """Yield checkerboards of an image and another one, before and after it was moved, where they have data.

    The arguments are open readers, `after` that of the moved image or None. Where it has data, `before` may have none.
    """
    others = [before] if after else []
    for window, (fixed_levels, last, *first) in _read(windows, [fixed, after or before], others):
        boards = [_png(_woven(fixed_levels, each)) for each in (*first, last)]
        yield Pair(window, boards[0], boards[1] if after else None)


def views(windows: Iterable[Window], before: GridReader, after: GridReader) -> Iterator[Pair]:
    """Yield pictures of an image before and after, where both have data, under lines at every quarter of the map."""
    for window, levels in _read(windows, [before, after]):
        yield Pair(window, *(_png(_ruled(each)) for each in levels))


def _read(windows: Iterable[Window], readers: Sequence[GridReader], others: Sequence[GridReader] = ()):
    """Yield windows of which all images of `readers` cover enough, with the levels of each and of the `others`."""
    for window in windows:
        layers = [reader.read(window) for reader in readers]
        if min(valid.mean() for _, valid in layers) >= _LEAST_VALID:
            yield window, [_levels(*layer) for layer in (*layers, *(reader.read(window) for reader in others))]


def _ruled(levels):
    ruled = levels.copy()
    for quarter in (1, 2, 3):
        ruled[levels.shape[0] * quarter // 4] = ruled[:, levels.shape[1] * quarter // 4] = _LINE
    return ruled


def _levels(values, valid):
    """Return values as grey levels 0.._LEVELS - 1 between the 2 and 98 % quantiles, `_NO_DATA` where not valid."""
    low, high = np.quantile(values[valid], [0.02, 0.98]) if valid.any() else (0, 1)
    scaled = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * (_LEVELS - 1)
    return np.where(valid, scaled.round(), _NO_DATA).astype(np.uint8)


def _woven(first, second):
    """Return a checkerboard of two level images; levels of the second follow on those of the first in the palette."""
    rows, cols = (np.arange(length) * FIELDS_PER_SIDE // length for length in first.shape)
    is_second = (rows[:, None] + cols) % 2 == 1
    return np.where(is_second, np.where(second == _NO_DATA, _NO_DATA, second + _LEVELS), first).astype(np.uint8)


def _png(indices):
    ramp = np.linspace(0, 1, _LEVELS)[:, None]
    palette = np.vstack([ramp * (255, 255, 255), ramp * _SECOND_TINT, [(255, 255, 255), _LINE_COLOUR]]).round()
    image = Image.fromarray(indices, mode="P")
    image.putpalette(palette.astype(np.uint8).ravel().tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
