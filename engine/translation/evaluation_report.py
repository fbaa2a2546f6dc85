"""The report of an evaluation: scores by zone beside trivial answers, both images, and where they differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np

from ...contract.report_page import (
    NOT_DEFINED,
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ...contract.translation_jobs import EvaluateTranslationJob
from ..reports.figures import colour_map, value_map
from ..reports.pictures import overview_of_bands
from .feature_distance import FeatureComparison
from .quality import Quality, doubt

if TYPE_CHECKING:
    from .evaluate_translation import Compared

_IMAGES = {
    "translated": "Translated image",
    "mean_colour": "Mean colour of the reference",
    "regression": "Regression from local SAR statistics",
}
_HOW_SCORED = (
    "Mean squared error of the colours, 0 black and 1 white, over bands and pixels that both images know; structural "
    "similarity (Wang et al. 2004, Gaussian windows of 11 pixels) of the pixels whose whole window is known; PSNR = 10 "
    "log10(1 / MSE) of each row's own error. A pixel can be in several zones."
)
_TRIVIAL = (
    "The trivial answers are fitted to the reference itself: the best that one even colour can do, and the best line "
    "from the SAR value, its means over 3, 7 and 31 pixels and its deviations over 7 and 31. No method can know them "
    "beforehand; a translation that is worse says less than its colours pretend."
)


def write_evaluation_report(
    path: Path,
    job: EvaluateTranslationJob,
    compared: "Compared",
    scored: Mapping[str, Mapping[str, Quality]],
    seen: Optional[FeatureComparison],
    distances: Mapping[str, Optional[float]],
) -> None:
    """Write the page to `path`.

    scored: {image: {zone: `Quality`}}. seen: what the `distances` by image are of; None without features.
    """
    all_pixels = scored["translated"]["all"], scored["mean_colour"]["all"]
    said = doubt(*all_pixels)
    html = page(
        "Evaluation of a translation",
        f"{job.translated.name} against {job.reference.name}",
        _summary(*all_pixels),
        notice(said) if said else "",
        section("Images", *_images(compared)),
        section("Scores", paragraph(_HOW_SCORED), _scores(scored), paragraph(_TRIVIAL)),
        *([_features(seen, distances)] if seen else []),
        section("Settings", properties(_settings(job, compared))),
        chapter="evaluatetranslation",
    )
    path.write_text(html, encoding="utf-8")


def _summary(quality, mean_colour):
    beside = f"one even colour reaches {number(mean_colour.mse, digits=4)}"
    return key_figures(
        [
            ("Mean squared error", number(quality.mse, digits=4), beside),
            ("Structural similarity", number(quality.ssim, digits=3), "1 where nothing differs"),
            ("PSNR", _psnr(quality, "dB"), f"over {quality.pixels:,} pixels"),
        ]
    )


def _psnr(quality, unit=""):
    """The PSNR in words, of pixels that there are: without an error it is beyond all numbers."""
    return number(quality.psnr, unit) if quality.mse else "∞"


def _images(compared):
    (translated, one), (reference, other) = (
        overview_of_bands(reader) for reader in (compared.translated, compared.reference)
    )
    valid = one & other
    difference = np.abs(translated - reference).mean(0)
    return [
        side_by_side(
            picture(
                colour_map(compared.grid, translated, one), "the translated image in its colours", "Translated image."
            ),
            picture(colour_map(compared.grid, reference, other), "the reference in its colours", "Reference."),
        ),
        picture(
            value_map(compared.grid, difference, valid, "mean absolute difference"),
            "map of how far the colours are apart",
            "Where they differ: mean absolute difference of the bands, 0 to 1.",
        ),
    ]


def _scores(scored):
    rows = [
        (
            _IMAGES[image],
            zone,
            f"{quality.pixels:,}",
            number(quality.mse, digits=4),
            number(quality.ssim, digits=3),
            _psnr(quality),
        )
        for zone in scored["translated"]
        for image in scored
        if (quality := scored[image][zone]).pixels
    ]
    return table(("Image", "Zone", "Pixels", "MSE", "SSIM", "PSNR (dB)"), rows, numeric=(2, 3, 4, 5))


def _features(seen, distances):
    features = seen.features
    rows = [(_IMAGES[image], number(distance, digits=3)) for image, distance in distances.items()]
    return section(
        features.TITLE,
        paragraph(features.ABOUT),
        paragraph(f"By {features.name}, of {seen.samples:,} {features.SAMPLES} with {features.count:,} features each."),
        table(("Image", "Distance to the reference"), rows, numeric=(1,)),
        notice(seen.doubt) if seen.doubt else "",
    )


def _settings(job, compared):
    zones = job.zones.name if job.zones else f"from {job.dem.name}" if job.dem else "not given"
    return {
        "Translated image": f"{job.translated.name}; {job.translated.path}",
        "Reference": f"{job.reference.name}; {job.reference.path}",
        "Bands": f"{_listed(job.translated.bands)} against {_listed(job.reference.bands)}",
        "Pixels": f"{compared.grid.width} × {compared.grid.height} of {compared.grid.pixel_size:.4g} m",
        "SAR layer": job.sar.name if job.sar else "not given",
        "Distortion zones": zones,
        "Look azimuth": f"{job.view.look_azimuth:g}° (from the sensor to the ground)" if job.view else NOT_DEFINED,
    }


def _listed(bands):
    return ", ".join(map(str, bands))
