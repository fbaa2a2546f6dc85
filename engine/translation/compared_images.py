"""What an evaluation reads: both images, the radar image and the zones, on the lattice of the translated image."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Callable, NamedTuple, Optional

import numpy as np

from ...contract.errors import UserError
from ...contract.finished_file import scratch_folder
from ...contract.geometry_jobs import SarDistortionsJob
from ...contract.sources import RasterSource
from ...contract.translation_jobs import EvaluateTranslationJob
from ..geometry.surface_model import surface_grid
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import OpticalRadiometry, sar_radiometry
from ..rasters.raster_sample import sample_raster
from ..reporting import Reporter
from .trivial_answers import REACH, local_statistics
from .zone_mask import write_zones, zone_reader

_TOLERANCE = 0.02
"""Share of the range by which resampling and noise may exceed it."""

_BRIGHT = 10
"""What an image of 0 to 255 reaches somewhere; reflectance, which counts from 0 to 1, does not."""

_CLEARLY_COARSER = 1.5
"""Pixel of the reference over that of the translated image from which the scores say less."""


class Compared(NamedTuple):
    """Both images on the grid of the translated one, as colours 0..1, and what else is read there."""

    grid: Grid
    translated: GridReader
    reference: GridReader
    sar: Optional[GridReader]
    zones: Optional[Callable[[Window], np.ndarray]]

    def colours(self, window: Window) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (translated [C, h, w], reference [C, h, w], valid [h, w]): what both know."""
        (translated, one), (reference, other) = (
            reader.read_bands(window) for reader in (self.translated, self.reference)
        )
        return translated, reference, one & other

    def statistics(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (local statistics of the radar image [6, h, w], valid [h, w])."""
        values, valid = self.sar.read(wider(window, REACH))
        inner = np.s_[..., REACH:-REACH, REACH:-REACH]
        return local_statistics(values, valid)[inner], valid[inner]


@contextmanager
def compared_images(job: EvaluateTranslationJob, grid: Grid, reporter: Reporter) -> Iterator[Compared]:
    """Yield what a job compares, open, on the `Grid` of its translated image; zones are made of heights first.

    Raises `UserError` for layers that do not lie on the translated image, and for values that are no colours.
    """
    for source in (job.reference, job.zones, job.dem, job.sar):
        if source:
            overlap_of(footprint_of(job.translated), footprint_of(source))
    _tell_of_pixels(job, grid, reporter)
    with ExitStack() as stack:
        images = [
            stack.enter_context(GridReader(source, grid, OpticalRadiometry(0, _full_scale(source, reporter))))
            for source in (job.translated, job.reference)
        ]
        sar = stack.enter_context(_sar_reader(job.sar, grid, reporter)) if job.sar else None
        zones = job.zones
        if job.dem:
            folder = stack.enter_context(scratch_folder(job.table or job.report or Path(gettempdir(), "zones")))
            path = str(folder / "zones.tif")
            zoned = SarDistortionsJob(job.dem, job.view, path, device=job.device)
            write_zones(zoned, grid, reporter)
            zones = RasterSource(f"zones of {job.dem.name}", path, job.dem.crs)
        yield Compared(grid, *images, sar, stack.enter_context(zone_reader(zones, grid)) if zones else None)


def _tell_of_pixels(job: EvaluateTranslationJob, grid: Grid, reporter: Reporter) -> None:
    """Warn of a reference that is coarser than what is compared with it."""
    size, coarser = grid.pixel_size, surface_grid(job.reference).pixel_size
    if coarser > _CLEARLY_COARSER * size:
        reporter.warning(
            f"Pixels of layer '{job.reference.name}' are {coarser:.3g} m wide and those of '{job.translated.name}' "
            f"{size:.3g} m: details are not compared, and scores come out better than by a finer reference."
        )


def _full_scale(source: RasterSource, reporter: Reporter) -> float:
    """Return what is 1 in an image: 255 or 1. Raises `UserError` for values that are neither."""
    grid = surface_grid(source)
    with GridReader(source, grid) as reader:
        if reader.has_colour_table:
            raise UserError(
                f"Layer '{source.name}' holds numbers of colours: convert it to RGB first (Raster > Conversion > PCT "
                "to RGB)."
            )
        if reader.dtype.startswith("complex"):
            raise UserError(f"Layer '{source.name}' holds complex values, which are no colours: choose another layer.")
        if reader.dtype == "uint8":
            return 255.0
        low, high = np.inf, -np.inf
        for tile in Tiles(Window(0, 0, grid.width, grid.height)):
            values, valid = reader.read_bands(tile)
            low = min(low, values.min(where=valid, initial=np.inf))
            high = max(high, values.max(where=valid, initial=-np.inf))
    if high == -np.inf:
        raise UserError(
            f"Layer '{source.name}' holds only no data: choose another layer, or correct its no-data value."
        )
    scale = 255.0 if high >= _BRIGHT else 1.0
    if not (-_TOLERANCE * scale <= low and high <= (1 + _TOLERANCE) * scale):
        raise UserError(
            f"Layer '{source.name}' holds values from {low:g} to {high:g}, neither 8 bits nor 0 to 1, so that nothing "
            "says which of them is black or white: save it as a rendered image (Export > Save As), and choose that."
        )
    reporter.info(f"Layer '{source.name}' holds values from {low:g} to {high:g}: {scale:g} counts as full brightness.")
    return scale


def _sar_reader(source: RasterSource, grid: Grid, reporter: Reporter) -> GridReader:
    with GridReader(source, grid) as raw:
        radiometry, sentence = sar_radiometry(sample_raster(raw, "where the translated image lies"))
    reporter.info(sentence)
    return GridReader(source, grid, radiometry, REACH)


def wider(window: Window, margin: int) -> Window:
    """Return a window with so many more pixels on each side."""
    return Window(window.col - margin, window.row - margin, window.width + 2 * margin, window.height + 2 * margin)
