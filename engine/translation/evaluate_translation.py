"""The task `evaluate_translation`: how near a translated image is to a reference, by zone, beside trivial answers."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...contract.translation_jobs import EvaluateTranslationJob
from ...models.card import has_card
from ...models.translation.ssim import RADIUS
from ..compute.device import choose_device
from ..geometry.surface_model import surface_grid
from ..rasters.bare_zeros import doubt_of_zeros
from ..rasters.grid import TILE, Grid, Tiles, Window
from ..reporting import Reporter
from .compared_images import Compared, compared_images, wider
from .feature_distance import FeatureComparison, Features
from .inception_features import InceptionFeatures
from .optical_features import OpticalFeatures
from .quality import Quality, QualitySums, doubt
from .trivial_answers import TrivialAnswers, TrivialFit

TRANSLATED, MEAN_COLOUR, REGRESSION = "translated", "mean_colour", "regression"
"""What is scored: the image, and the trivial answers fitted to the reference itself."""

COLUMNS = ("image", "zone", "pixels", "mse", "ssim", "psnr", "frechet_distance", "features")
"""Columns of the table: a row for each image and zone that has pixels. The last two, a distance and what network it is
by, belong to all pixels."""

_MANY = 0.1
"""Share of the pixels that is many to have no zone."""

_PREPARED, _FITTED = 0.1, 0.35
"""How far a run is."""


class Answers(NamedTuple):
    """The mean colour [C] of the reference, and the regression of its colours, None without a radar image."""

    mean_colour: np.ndarray
    regression: Optional[TrivialAnswers]


def run(job: EvaluateTranslationJob, reporter: Reporter) -> dict[str, Any]:
    """Score an `EvaluateTranslationJob`; return {"numbers": the declared ones, None where not defined}.

    The reference is resampled onto the lattice of the translated image. Raises `UserError` for what the user can put
    right.
    """
    features = _features(job, choose_device(job.device, reporter), reporter)
    grid = surface_grid(job.translated)
    outputs = {name: path for name, path in (("table", job.table), ("report", job.report)) if path}
    preparing = reporter.part(0, _PREPARED)
    with finished_files(outputs.values()) as paths, compared_images(job, grid, preparing) as compared:
        new = dict(zip(outputs, paths))
        reporter.progress(_PREPARED)
        answers = _fitted(job, compared, reporter.part(_PREPARED, _FITTED))
        images = [TRANSLATED, MEAN_COLOUR, *([REGRESSION] if answers.regression else [])]
        seen = FeatureComparison(features, images) if features else None
        scored, unzoned = _scored(compared, answers, images, seen, reporter.part(_FITTED, 1))
        distances = seen.distances() if seen else {}
        numbers = _numbers(scored, has_zones=compared.zones is not None)
        if seen:
            numbers[features.KEY] = distances[TRANSLATED]
        _tell(scored, unzoned, reporter)
        if seen:
            _tell_distance(seen, distances, reporter)
        if "table" in new:
            _write_table(new["table"], scored, distances, features.name if features else "")
        if "report" in new:
            from .evaluation_report import write_evaluation_report  # matplotlib is slow to load

            write_evaluation_report(new["report"], job, compared, scored, seen, distances)
    return {"numbers": numbers}


def _features(job: EvaluateTranslationJob, device: torch.device, reporter: Reporter) -> Optional[Features]:
    """Return the network by which images are compared: of a model file, or by weights without a card; None without."""
    if not job.features:
        return None
    if has_card(job.features):
        return OpticalFeatures(job.features, device)
    return InceptionFeatures(job.features, len(job.translated.bands), device, reporter)


def _fitted(job: EvaluateTranslationJob, compared: Compared, reporter: Reporter) -> Answers:
    """Return the answers that fit the reference best, by all pixels that are compared."""
    bands = len(job.reference.bands)
    total, count, black, fit = np.zeros(bands), 0, 0, TrivialFit(bands)
    for tile in _tiles(compared.grid, TILE, reporter):
        _, reference, valid = compared.colours(tile)
        total += reference[:, valid].sum(1, dtype=np.float64)
        count += int(valid.sum())
        black += int((reference[:, valid] == 0).all(0).sum())
        if compared.sar:
            statistics, known = compared.statistics(tile)
            fit.add(statistics, reference, valid & known)
    if not count:
        raise UserError(
            f"Layers '{job.translated.name}' and '{job.reference.name}' have no pixel that both know: choose images of "
            "the same place, or correct their no-data values."
        )
    if doubt := doubt_of_zeros(job.reference.name, black / count):
        reporter.warning(doubt)
    return Answers(total / count, fit.answers() if fit.count else None)


def _scored(
    compared: Compared, answers: Answers, images: list[str], seen: Optional[FeatureComparison], reporter: Reporter
) -> tuple[dict[str, dict[str, Quality]], int]:
    """Return ({image: {zone: `Quality`}}, pixels of no known zone), and have `seen` look at the images."""
    sums = {image: QualitySums() for image in images}
    margin, side = (max(seen.features.margin, RADIUS), seen.features.area) if seen else (RADIUS, TILE)
    inner = np.s_[..., margin - RADIUS : RADIUS - margin or None, margin - RADIUS : RADIUS - margin or None]
    for tile in _tiles(compared.grid, side, reporter):
        window = wider(tile, margin)
        translated, reference, valid = compared.colours(window)
        shown = {TRANSLATED: (translated, valid)}
        if answers.regression:
            statistics, known = compared.statistics(window)
            shown[REGRESSION] = answers.regression.regression(statistics), valid & known
        if seen:
            seen.add(shown, (reference, valid))
        shown[MEAN_COLOUR] = _even(answers.mean_colour, reference), valid
        zones = compared.zones(wider(tile, RADIUS)) if compared.zones else None
        for image, (colours, known) in shown.items():
            sums[image].add(colours[inner], reference[inner], known[inner], zones)
    if seen:
        seen.add_even(MEAN_COLOUR, answers.mean_colour)
    return {image: each.qualities() for image, each in sums.items()}, sums[TRANSLATED].unzoned


def _even(colour: np.ndarray, like: np.ndarray) -> np.ndarray:
    return np.broadcast_to(colour.astype(np.float32)[:, None, None], like.shape)


def _tiles(grid: Grid, side: int, reporter: Reporter) -> Iterator[Window]:
    tiles = Tiles(Window(0, 0, grid.width, grid.height), side)
    for done, tile in enumerate(tiles):
        reporter.progress(done / len(tiles))
        yield tile


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


def _tell(scored: Mapping[str, Mapping[str, Quality]], unzoned: int, reporter: Reporter) -> None:
    quality, even = (scored[image]["all"] for image in (TRANSLATED, MEAN_COLOUR))
    similarity = "not defined" if quality.ssim is None else f"{quality.ssim:.3f}"
    reporter.info(
        f"Over {quality.pixels:,} pixels the mean squared error is {quality.mse:.4g} (that of the reference's own mean "
        f"colour {even.mse:.4g}), the structural similarity {similarity}."
    )
    if unzoned:
        tell = reporter.warning if unzoned > _MANY * quality.pixels else reporter.info
        tell(f"{unzoned:,} of these pixels lie where no distortion zone is known, and are scored with all pixels only.")
    if said := doubt(quality, even):
        reporter.warning(said)


def _tell_distance(seen: FeatureComparison, distances: Mapping[str, Optional[float]], reporter: Reporter) -> None:
    features = seen.features
    if distances[TRANSLATED] is not None:
        reporter.info(
            f"{features.TITLE} by {features.name}: {distances[TRANSLATED]:.4g} (that of the reference's own mean "
            f"colour {distances[MEAN_COLOUR]:.4g}), of {seen.samples:,} {features.SAMPLES} with {features.count:,} "
            "features each."
        )
    if seen.doubt:
        reporter.warning(f"{features.TITLE}: {seen.doubt}")


def _write_table(
    path: Path,
    scored: Mapping[str, Mapping[str, Quality]],
    distances: Mapping[str, Optional[float]],
    network: str,
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for image, zones in scored.items():
            for zone, quality in zones.items():
                if quality.pixels:
                    distance = distances.get(image) if zone == "all" else None
                    values = (quality.mse, quality.ssim, quality.psnr, distance)
                    texts = ("" if value is None else f"{value:.8g}" for value in values)
                    writer.writerow([image, zone, quality.pixels, *texts, "" if distance is None else network])
