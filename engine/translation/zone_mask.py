"""Masks of distortion zones on the grid of an image: layers of zones, or what heights and a view make of it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Callable, ClassVar

import numpy as np
from rasterio.enums import Resampling

from ...contract.errors import UserError
from ...contract.geometry_jobs import SarDistortionsJob
from ...contract.sources import RasterSource
from ..geometry import range_lines, sar_distortions
from ..geometry.surface_model import surface_grid
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..rasters.positions import box_outline, transform_points
from ..reporting import Reporter

_KINDS = {
    range_lines.FORESHORTENING: range_lines.FORESHORTENING,
    range_lines.LAYOVER: range_lines.ACTIVE_LAYOVER,
    range_lines.SHADOW: range_lines.ACTIVE_SHADOW,
}
"""Bits of a kind of zone -> the one that stands for it after resampling."""

_HIGHEST = range_lines.FORESHORTENING | range_lines.LAYOVER | range_lines.SHADOW


@dataclass(frozen=True)
class _Share:
    """A radiometry of `GridReader`: which share of a pixel has at least one of some bits."""

    bits: int
    resampling: ClassVar = Resampling.bilinear

    def linearise(self, values: np.ndarray) -> np.ndarray:
        known = (values >= 0) & (values <= _HIGHEST)
        whole = np.where(known, values, 0).astype(int)
        return np.where(known, whole & self.bits > 0, np.nan).astype(np.float32)

    def finish(self, values: np.ndarray) -> np.ndarray:
        return values


@contextmanager
def zone_reader(source: RasterSource, grid: Grid) -> Iterator[Callable[[Window], np.ndarray]]:
    """Yield a function from a `Window` of a grid to the mask there, uint8 [h, w]; layover and shadow are active ones.

    A pixel of the grid is in a zone where at least half of it is. Raises `UserError` when the layer holds other values
    than the task `sar_distortions` writes.
    """
    _check(source)
    with ExitStack() as stack:
        readers = {bit: stack.enter_context(GridReader(source, grid, _Share(bits))) for bits, bit in _KINDS.items()}

        def mask(window: Window) -> np.ndarray:
            zones = np.zeros((window.height, window.width), np.uint8)
            for bit, reader in readers.items():
                share, valid = reader.read(window)
                zones |= np.where(valid, np.where(share >= 0.5, bit, 0), range_lines.NO_DATA).astype(np.uint8)
            return zones

        yield mask


def _check(source):
    grid = surface_grid(source)
    with GridReader(source, grid) as reader:
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            values, valid = reader.read(tile)
            valid &= values != range_lines.NO_DATA
            known = (values >= 0) & (values <= _HIGHEST) & (values == np.round(values))
            if not known[valid].all():
                raise UserError(
                    f"Layer '{source.name}' holds {values[valid & ~known][0]:g}, which is no mask of distortion zones "
                    f"(whole numbers from 0 to {_HIGHEST}): choose an output of SAR distortion zones."
                )


def write_zones(job: SarDistortionsJob, grid: Grid, reporter: Reporter) -> dict[str, float]:
    """Write the zones that a job describes, but for its extent, which is that of a grid; return their shares."""
    ring = box_outline(0, 0, grid.width, grid.height)
    xs, ys = transform_points(*grid.to_map(*ring), grid.crs, job.dem.crs)
    extent = (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
    return sar_distortions.run(replace(job, extent=extent), reporter)["numbers"]
