"""The task `evaluate_translation`: how near a translated image is to a reference, by zone, beside trivial answers."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from ...contract.errors import UserError
from ...contract.finished_file import finished_files, scratch_folder
from ...contract.geometry_jobs import SarDistortionsJob
from ...contract.sources import RasterSource
from ...contract.translation_jobs import EvaluateTranslationJob
from ...models.translation.ssim import RADIUS
from ..compute.device import choose_device
from ..geometry.surface_model import surface_grid
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid, Tiles, Window
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import OpticalRadiometry, sar_radiometry
from ..rasters.raster_sample import sample_raster
from ..reporting import Reporter
from .optical_features import MARGIN, OpticalFeatures
from .quality import FeatureSums, Quality, QualitySums, frechet_distance
from .trivial_answers import REACH, TrivialAnswers, TrivialFit, local_statistics
from .zone_mask import write_zones, zone_reader

TRANSLATED, MEAN_COLOUR, REGRESSION = "translated", "mean_colour", "regression"
"""What is scored: the image, and the trivial answers fitted to the reference itself."""

COLUMNS = ("image", "zone", "pixels", "mse", "ssim", "psnr")
"""Columns of the table: a row for each image and zone that has pixels."""

_PREPARED, _FITTED = 0.1, 0.35
"""How far a run is."""

_TOLERANCE = 0.02
"""Share of the range by which resampling and noise may exceed it."""


class Answers(NamedTuple):
    """The mean colour [C] of the reference, and the regression of its colours, None without a radar image."""

    mean_colour: np.ndarray
    regression: Optional[TrivialAnswers]


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
        values, valid = self.sar.read(_wider(window, REACH))
        inner = np.s_[..., REACH:-REACH, REACH:-REACH]
        return local_statistics(values, valid)[inner], valid[inner]


def run(job: EvaluateTranslationJob, reporter: Reporter) -> dict[str, Any]:
    """Score an `EvaluateTranslationJob`; return {"numbers": the declared ones, None where not defined}.

    The reference is resampled onto the lattice of the translated image. Raises `UserError` for what the user can put
    right.
    """
    device = choose_device(job.device, reporter)
    features = OpticalFeatures(job.features, device) if job.features else None
    grid = surface_grid(job.translated)
    overlap_of(footprint_of(job.translated), footprint_of(job.reference))
    outputs = {name: path for name, path in (("table", job.table), ("report", job.report)) if path}
    with finished_files(outputs.values()) as paths, _compared(job, grid, reporter) as compared:
        new = dict(zip(outputs, paths))
        reporter.progress(_PREPARED)
        answers = _fitted(job, compared, reporter.part(_PREPARED, _FITTED))
        scored, distance = _scored(compared, answers, features, reporter.part(_FITTED, 1))
        numbers = {**_numbers(scored, has_zones=compared.zones is not None), "FEATURE_DISTANCE": distance}
        _tell(numbers, reporter)
        if "table" in new:
            _write_table(new["table"], scored)
        if "report" in new:
            from .evaluation_report import write_evaluation_report  # matplotlib is slow to load

            write_evaluation_report(new["report"], job, compared, scored, distance, features and features.name)
    return {"numbers": numbers}


@contextmanager
def _compared(job: EvaluateTranslationJob, grid: Grid, reporter: Reporter) -> Iterator[Compared]:
    with ExitStack() as stack:
        images = [
            stack.enter_context(GridReader(source, grid, OpticalRadiometry(0, _full_scale(source, reporter)), MARGIN))
            for source in (job.translated, job.reference)
        ]
        sar = stack.enter_context(_sar_reader(job.sar, grid, reporter)) if job.sar else None
        zones = job.zones
        if job.dem:
            folder = stack.enter_context(scratch_folder(job.table or job.report or Path(gettempdir(), "zones")))
            path = str(folder / "zones.tif")
            zoned = SarDistortionsJob(job.dem, job.view, path, device=job.device)
            write_zones(zoned, grid, reporter.part(0, _PREPARED))
            zones = RasterSource(f"zones of {job.dem.name}", path, job.dem.crs)
        yield Compared(grid, *images, sar, stack.enter_context(zone_reader(zones, grid)) if zones else None)


def _full_scale(source: RasterSource, reporter: Reporter) -> float:
    """Return what is 1 in an image: 255 or 1. Raises `UserError` for values that are neither."""
    grid = surface_grid(source)
    with GridReader(source, grid) as reader:
        if reader.has_colour_table:
            raise UserError(
                f"Layer '{source.name}' holds numbers of colours: convert it to RGB first (Raster > Conversion > PCT "
                "to RGB)."
            )
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
    scale = 1.0 if high <= 1 + _TOLERANCE else 255.0
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
    return GridReader(source, grid, radiometry, MARGIN + REACH)


def _fitted(job: EvaluateTranslationJob, compared: Compared, reporter: Reporter) -> Answers:
    """Return the answers that fit the reference best, by all pixels that are compared."""
    bands = len(job.reference.bands)
    total, count, fit = np.zeros(bands), 0, TrivialFit(bands)
    for tile in _tiles(compared.grid, reporter):
        _, reference, valid = compared.colours(tile)
        total += reference[:, valid].sum(1, dtype=np.float64)
        count += int(valid.sum())
        if compared.sar:
            statistics, known = compared.statistics(tile)
            fit.add(statistics, reference, valid & known)
    if not count:
        raise UserError(
            f"Layers '{job.translated.name}' and '{job.reference.name}' have no pixel that both know: choose images of "
            "the same place, or correct their no-data values."
        )
    return Answers(total / count, fit.answers() if fit.count else None)


def _scored(
    compared: Compared, answers: Answers, features: Optional[OpticalFeatures], reporter: Reporter
) -> tuple[dict[str, dict[str, Quality]], Optional[float]]:
    """Return ({image: {zone: `Quality`}}, distance of the features; None without)."""
    sums = {TRANSLATED: QualitySums(), MEAN_COLOUR: QualitySums()}
    if answers.regression:
        sums[REGRESSION] = QualitySums()
    seen = [FeatureSums(features.count) for _ in range(2)] if features else []
    margin = MARGIN if features else RADIUS
    inner = np.s_[..., margin - RADIUS : RADIUS - margin or None, margin - RADIUS : RADIUS - margin or None]
    for tile in _tiles(compared.grid, reporter):
        *images, valid = compared.colours(_wider(tile, margin))
        for image, vectors in zip(images, seen):
            vectors.add(features.vectors(image, valid))
        window = _wider(tile, RADIUS)
        translated, reference, valid = (each[inner] for each in (*images, valid))
        zones = compared.zones(window) if compared.zones else None
        sums[TRANSLATED].add(translated, reference, valid, zones)
        sums[MEAN_COLOUR].add(_even(answers.mean_colour, reference), reference, valid, zones)
        if REGRESSION in sums:
            statistics, known = compared.statistics(window)
            sums[REGRESSION].add(answers.regression.regression(statistics), reference, valid & known, zones)
    distance = frechet_distance(*seen) if seen and seen[0].count > 1 else None
    return {image: each.qualities() for image, each in sums.items()}, distance


def _even(colour: np.ndarray, like: np.ndarray) -> np.ndarray:
    return np.broadcast_to(colour.astype(np.float32)[:, None, None], like.shape)


def _tiles(grid: Grid, reporter: Reporter) -> Iterator[Window]:
    tiles = Tiles(Window(0, 0, grid.width, grid.height))
    for done, tile in enumerate(tiles):
        reporter.progress(done / len(tiles))
        yield tile


def _wider(window: Window, margin: int) -> Window:
    return Window(window.col - margin, window.row - margin, window.width + 2 * margin, window.height + 2 * margin)


def _numbers(scored: Mapping[str, Mapping[str, Quality]], has_zones: bool) -> dict[str, Optional[float]]:
    """Return the scores by zone of the translated image, and those of the trivial answers over all."""
    numbers = {}
    for zone, quality in scored[TRANSLATED].items():
        pixels = quality.pixels if has_zones or zone == "all" else None
        values = (quality.mse, quality.ssim, quality.psnr, pixels)
        numbers |= {f"{name}_{zone.upper()}": value for name, value in zip(("MSE", "SSIM", "PSNR", "PIXELS"), values)}
    for image in (MEAN_COLOUR, REGRESSION):
        quality = scored[image]["all"] if image in scored else Quality(0, None, None)
        numbers |= {f"{image.upper()}_MSE": quality.mse, f"{image.upper()}_SSIM": quality.ssim}
    return numbers


def _tell(numbers: Mapping[str, Optional[float]], reporter: Reporter) -> None:
    similarity = "not defined" if numbers["SSIM_ALL"] is None else f"{numbers['SSIM_ALL']:.3f}"
    reporter.info(
        f"Over {numbers['PIXELS_ALL']:,} pixels the mean squared error is {numbers['MSE_ALL']:.4g} (that of the "
        f"reference's own mean colour {numbers['MEAN_COLOUR_MSE']:.4g}), the structural similarity {similarity}."
    )
    if numbers["MSE_ALL"] >= numbers["MEAN_COLOUR_MSE"] > 0:
        reporter.warning(
            "The translated image is no nearer to the reference than one even colour is: check that both show the same "
            "place and season, and that the values of both are stretched alike."
        )


def _write_table(path: Path, scored: Mapping[str, Mapping[str, Quality]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for image, zones in scored.items():
            for zone, quality in zones.items():
                if quality.pixels:
                    values = (quality.mse, quality.ssim, quality.psnr)
                    writer.writerow([image, zone, quality.pixels, *("" if v is None else f"{v:.8g}" for v in values)])
