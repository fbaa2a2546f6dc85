"""The report of a translation: radar and translated image side by side, how far to trust it, and all settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import rasterio

from ...contract.report_page import (
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
)
from ...contract.sources import RasterSource
from ...contract.translation_jobs import ENHANCEMENTS, TranslateToOpticalJob
from ...models.card import Card
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..reports.figures import colour_map, grey_map, value_map
from ..reports.model_tables import sar_model
from ..reports.pictures import overview, overview_of_bands

_WHAT_IT_IS = (
    "The colours are those that places with such an echo, and such surroundings, usually have in the images that the "
    "model has learnt from. They are no measurement: what the radar does not see (the colour of a roof, the season, a "
    "path in a meadow) is not in them."
)
_UNCERTAINTY = (
    "Expected absolute error of the colours, which the network has learnt to tell with them: 0.1 means that red, green "
    "and blue are off by a tenth of their range on average. It is high where the same echo comes in many colours."
)


def write_translation_report(
    paths: Mapping[str, Path],
    job: TranslateToOpticalJob,
    card: Card,
    grid: Grid,
    scene: SarScene,
    numbers: Mapping[str, Optional[float]],
    doubt: str,
    device: str,
) -> None:
    """Write the page to paths["report"].

    paths: of the files as they are now; "image" and, where it is wanted, "uncertainty". grid: the `Grid` of the image.
    numbers: result of `translate_to_optical.run`. doubt: of seams, "" where there are none. device: where the network
    ran.
    """
    html = page(
        "SAR to optical translation",
        job.sar.name,
        _summary(numbers, grid),
        notice(_WHAT_IT_IS),
        *([notice(doubt)] if doubt else []),
        section("Images", *_images(paths, card, grid, scene)),
        section(
            "Model", properties({**sar_model(card), "Heights": "needed" if "dem" in card.inputs else "not needed"})
        ),
        section("Settings", properties({**_settings(job, grid, scene), "Device": device})),
        chapter="translatetooptical",
    )
    paths["report"].write_text(html, encoding="utf-8")


def _summary(numbers, grid):
    error = numbers["MEAN_UNCERTAINTY"]
    share = 100 * numbers["VALID_PIXELS"] / (grid.width * grid.height)
    figures = [
        ("Translated", number(share, "%", 1), f"{numbers['VALID_PIXELS']:,} of {grid.width * grid.height:,} pixels"),
        ("Expected error", number(None if error is None else 100 * error, "%", 1), "of the range of the colours"),
    ]
    for label, key in (("Layover", "LAYOVER_SHARE"), ("Radar shadow", "SHADOW_SHARE")):
        if numbers[key] is not None:
            figures.append((label, number(numbers[key], "%", 1), "of the cells of the elevation layer"))
    return key_figures(figures)


def _images(paths, card, grid, scene):
    with GridReader(scene.source, grid, scene.radiometry) as reader:
        values, valid, _ = overview(reader)
    radar = grey_map(grid, values, valid)
    with GridReader(_written(paths["image"], grid, card.outputs["optical"]["bands"]), grid) as reader:
        colours, valid = overview_of_bands(reader)
    translated = colour_map(grid, colours / 255, valid)
    pictures = [
        side_by_side(
            picture(radar, "the SAR image in greys", "SAR image: the mean of its bands."),
            picture(translated, "the translated image in its colours", "Translated image."),
        )
    ]
    if "uncertainty" in paths:
        with GridReader(_written(paths["uncertainty"], grid, 1), grid) as reader:
            errors, valid, _ = overview(reader)
        drawn = value_map(grid, errors, valid, "expected error")
        pictures += [picture(drawn, "map of the expected error", "Uncertainty."), paragraph(_UNCERTAINTY)]
    return pictures


def _written(path, grid, bands):
    """Return the source of a file of ours; of four bands or more the first three."""
    with rasterio.open(path) as dataset:
        crs = dataset.crs.to_wkt() if dataset.crs else grid.crs
    return RasterSource(path.name, str(path), crs, (1, 2, 3) if bands >= 3 else (1,))


def _settings(job, grid, scene):
    polarisations = ", ".join(each or "not known" for each in scene.polarisations)
    return {
        "SAR layer": f"{job.sar.name}; {job.sar.path}",
        "Bands": f"{', '.join(map(str, scene.source.bands))} (polarisation: {polarisations})",
        "Unit": scene.radiometry.unit_out,
        "Pixels": f"{grid.width} × {grid.height} of {grid.pixel_size:.4g} m",
        "Elevation layer": job.dem.name if job.dem else "not given",
        "Look azimuth": f"{job.view.look_azimuth:g}° (from the sensor to the ground)" if job.view else "not given",
        "Enhancement": ENHANCEMENTS[job.enhance],
    }
