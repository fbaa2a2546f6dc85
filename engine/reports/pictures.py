"""Pixels for a report: the overview of an image, and checkerboards of two at full resolution."""

import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

import numpy as np
from PIL import Image
from rasterio.transform import Affine

from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..tie_points.plotted_points import PlottedPoints

OVERVIEW_SIDE = 900
"""Longest side of an overview in pixels."""

PLACE_SIDE = 256
"""Side of a checkerboard in working pixels."""

FIELDS_PER_SIDE = 6

_LEVELS = 127  # grey levels per image: two ramps and "no data" share a palette of 8 bits
_NO_DATA = 2 * _LEVELS
_LEAST_VALID = 0.8  # share of a place that all images must cover
_OPTICAL_TINT = (255, 232, 190)


class Checkerboards(NamedTuple):
    """One place: its `window` of the grid, and SAR against optical as PNG bytes (`after` None without a transform)."""

    window: Window
    before: bytes
    after: Optional[bytes]


def overview(reader: GridReader) -> tuple[np.ndarray, np.ndarray, int]:
    """Return (values float32 [h, w], valid bool [h, w], factor): an open `GridReader`'s whole grid, averaged.

    `factor` is the number of grid pixels along a side of one overview pixel. Reads the image piece by piece.
    """
    grid = reader.grid
    factor = max(1, -(-max(grid.width, grid.height) // OVERVIEW_SIDE))
    width, height = -(-grid.width // factor), -(-grid.height // factor)
    coarse = Grid(grid.crs, grid.transform * Affine.scale(factor), width, height)
    with GridReader(reader.source, coarse, reader.radiometry) as coarse_reader:
        return *coarse_reader.read(Window(0, 0, width, height)), factor


def moved_reader(reader: GridReader, affine: Affine) -> GridReader:
    """Return a `GridReader` that shows a reader's image moved by an `affine.Affine` in the map coordinates of its grid.

    Each pixel is resampled once, from where the inverse says that it lay.
    """
    grid = reader.grid
    moved = Grid(grid.crs, ~affine * grid.transform, grid.width, grid.height)
    return GridReader(reader.source, moved, reader.radiometry)


def places(points: PlottedPoints, grid: Grid, most: int = 4) -> list[Window]:
    """Return up to `most` windows far from each other: round the points, good scores first, else in the quarters.

    `points` are `PlottedPoints` (accepted ones). Windows lie inside the grid and do not overlap by more than half.
    """
    side = min(PLACE_SIDE, grid.width, grid.height)
    if len(points):
        centres, weights = points.sar, np.nan_to_num(points.score) + 0.1
    else:
        centres = np.array([(x * grid.width, y * grid.height) for y in (0.25, 0.75) for x in (0.25, 0.75)])
        weights = np.ones(len(centres))
    corners = np.clip(np.round(centres - side / 2), 0, [grid.width - side, grid.height - side]).astype(int)
    chosen, distance = [], np.full(len(corners), np.inf)
    while len(chosen) < most and distance.max() > side / 2:
        best = np.argmax(weights * np.minimum(distance, np.hypot(grid.width, grid.height)))
        chosen.append(Window(*corners[best].tolist(), side, side))
        distance = np.minimum(distance, np.abs(corners - corners[best]).max(axis=1))
    return chosen


def checkerboards(
    windows: Iterable[Window], sar: GridReader, optical: GridReader, moved: Optional[GridReader] = None
) -> Iterator[Checkerboards]:
    """Yield the `Checkerboards` of windows where the images have data; `sar`, `optical`, `moved` are open readers.

    `moved` is the reader of the corrected optical image, or None.
    """
    for window in windows:
        layers = [reader.read(window) for reader in (sar, optical, moved) if reader is not None]
        if min(valid.mean() for _, valid in layers) < _LEAST_VALID:
            continue
        sar_levels, *optical_levels = (_levels(*layer) for layer in layers)
        boards = [_png(_woven(sar_levels, levels)) for levels in optical_levels]
        yield Checkerboards(window, boards[0], boards[1] if moved else None)


def _levels(values, valid):
    """Return values as grey levels 0.._LEVELS - 1 between the 2 and 98 % quantiles, `_NO_DATA` where not valid."""
    low, high = np.quantile(values[valid], [0.02, 0.98])
    scaled = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * (_LEVELS - 1)
    return np.where(valid, scaled.round(), _NO_DATA).astype(np.uint8)


def _woven(sar, optical):
    """Return a checkerboard of two level images; optical levels follow on the SAR levels in the palette."""
    rows, cols = (np.arange(length) * FIELDS_PER_SIDE // length for length in sar.shape)
    is_optical = (rows[:, None] + cols) % 2 == 1
    return np.where(is_optical, np.where(optical == _NO_DATA, _NO_DATA, optical + _LEVELS), sar).astype(np.uint8)


def _png(indices):
    ramp = np.linspace(0, 1, _LEVELS)[:, None]
    palette = np.vstack([ramp * (255, 255, 255), ramp * _OPTICAL_TINT, [[255, 255, 255]] * 2]).round()
    image = Image.fromarray(indices, mode="P")
    image.putpalette(palette.astype(np.uint8).ravel().tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
