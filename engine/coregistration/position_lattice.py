"""A lattice of positions: for every few output pixels, the source pixel that belongs there."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasterio.io import DatasetReader
from rasterio.transform import Affine

from ..rasters.grid import Grid, Window
from ..rasters.map_file import MapWriter
from ..rasters.positions import apply_affine, transform_points
from ..tie_points.transforms import Transform

POSITION_TOLERANCE = 0.05
"""Source pixels by which a position interpolated between the nodes may be off, where it was checked."""

_STEPS = (32, 16, 8, 4, 2)
_MOST_NODES = 2_000_000  # bounds memory and time of very large outputs, at the cost of a wider step
_CHECKED = 2000  # random positions at which a step is tried, besides the control points, where splines bend most
_ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Lattice:
    """A written lattice: band 1 of the raster at `path` holds source columns, band 2 rows (corner origin).

    Node (i, j) belongs to the output position (`step` · i, `step` · j); between nodes positions are bilinear.
    `source_steps` is how far (columns, rows) one output pixel reaches in the source, at the centre. `covers_source` is
    False when no output pixel can show the source.
    """

    path: Path
    step: int
    source_steps: tuple[float, float]
    covers_source: bool


def write_lattice(path: Path, source: DatasetReader, source_crs: str, grid: Grid, backward: Transform) -> Lattice:
    """Write the `Lattice` by which the opened raster `source` is shown on `grid` under `backward`.

    `backward` is a `Transform` from corrected to present positions in `source_crs`. The step is the widest one that
    keeps `POSITION_TOLERANCE`.
    """

    def source_pixels(cols, rows):
        xs, ys = transform_points(*grid.to_map(cols, rows), grid.crs, source_crs)
        positions = backward.transform(np.column_stack([xs.ravel(), ys.ravel()]))
        return np.array(apply_affine(~source.transform, *positions.T)).reshape(2, *xs.shape)

    controls = grid.to_pixel(*transform_points(*backward.control_source.T, source_crs, grid.crs))
    step = _widest_step(source_pixels, grid, np.array(controls))
    nodes = np.arange(math.ceil(grid.width / step) + 1) * step
    height = math.ceil(grid.height / step) + 1
    low, high = np.full(2, np.nan), np.full(2, np.nan)
    on_output = Grid("", Affine.scale(step), len(nodes), height)
    with MapWriter(path, on_output, "float64", count=2, creation={}) as lattice:
        for start in range(0, height, _ROWS_AT_ONCE):
            cols, rows = np.meshgrid(nodes, np.arange(start, min(start + _ROWS_AT_ONCE, height)) * step)
            pixels = source_pixels(cols, rows)
            lattice.write(pixels, Window(0, start, cols.shape[1], cols.shape[0]))
            low = np.fmin(low, np.fmin.reduce(pixels, axis=(1, 2)))
            high = np.fmax(high, np.fmax.reduce(pixels, axis=(1, 2)))
    middle = np.array([[0, 1, 0], [0, 0, 1]]) + [[grid.width / 2], [grid.height / 2]]
    around = source_pixels(*middle)
    right, down = np.nan_to_num(around[:, 1:] - around[:, :1], nan=1.0).T
    covers_source = bool((high > 0).all() and (low < [source.width, source.height]).all())
    return Lattice(path, step, tuple(np.hypot(right, down).tolist()), covers_source)


def _widest_step(source_pixels, grid, controls):
    size = np.array([[grid.width], [grid.height]])
    random = np.random.default_rng(0).uniform(0, 1, (2, _CHECKED)) * size
    inside = ((controls >= 0) & (controls <= size)).all(axis=0)
    checked = np.hstack([random, controls[:, inside]])
    exact = source_pixels(*checked)
    finest = math.ceil(math.sqrt(grid.width * grid.height / _MOST_NODES))
    for step in _STEPS:
        first = np.floor(checked / step) * step
        (u, v) = (checked - first) / step
        corners = [((1 - u) * (1 - v), 0, 0), (u * (1 - v), step, 0), ((1 - u) * v, 0, step), (u * v, step, step)]
        interpolated = sum(weight * source_pixels(first[0] + right, first[1] + down) for weight, right, down in corners)
        if not np.nanmax(np.abs(interpolated - exact), initial=0) > POSITION_TOLERANCE:
            break
    return max(step, finest)
