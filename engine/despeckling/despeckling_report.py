"""The report of a despeckling: the image before and after, what was taken off it, and whether that is speckle."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ...contract.despeckling_jobs import COMPLEX_UNITS, OUTPUT_UNITS, DespeckleJob
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
from ...models.card import Card
from ..rasters.grid import Grid, part
from ..reports.model_tables import sar_model, validation_table
from ..reports.pictures import PLACE_SIDE, places
from .before_and_after import Looks
from .despeckled_files import RENDERING, despeckled_power
from .despeckling_figures import power_limits, power_map, ratio_histogram, ratio_map
from .homogeneous_blocks import BLOCK_SIDE
from .power_overview import power_overview, roughest
from .ratio import Ratio
from .speckled_scene import SpeckledScene
from .survey import Survey

_BEFORE_AND_AFTER = (
    "Both are drawn on the same scale of decibels. Look for edges and bright points that have become blurred or gone, "
    "and for patterns that were not there before: a despeckled image is an estimate, and no measurement."
)
_RATIO = (
    "The ratio image is the power before divided by the power after: all that was taken off. It should look like sand, "
    "everywhere alike. Outlines of fields, roads and houses in it are details that were taken off with the speckle, "
    "and areas that are darker or brighter than others have become too bright or too dark."
)
_MEASURES = (
    "The mean tells whether the image has become darker or brighter as a whole. A variance below that of pure speckle "
    "means that speckle is left in the result, one far above it that bright targets were flattened. Structure is the "
    "share by which the ratio image is more orderly than the same pixels in random order. Neighbours should be as "
    "alike as the speckle of the image makes them."
)
_LOOKS = (
    "Equivalent numbers of looks are mean² ÷ variance of the power on the blocks of 32 × 32 pixels that are framed in "
    "the pictures, the most homogeneous ones before despeckling; given is the median. The more looks, the smoother."
)
_NO_BLOCKS = (
    "No block of 32 × 32 pixels was homogeneous enough for equivalent numbers of looks: texture and targets vary more "
    "than speckle there."
)


class Despeckling(NamedTuple):
    """A run and what came of it.

    scene: the layer, and `grid` the part of it that was despeckled by `method`, in words, or by the model of a `card`.
    looks: of homogeneous blocks; None where there are none. ratios: of each band. found: in the spectrum of a complex
    image whose phase was used. doubts: that the method suits the layer, in sentences. unit: of the image, of
    `OUTPUT_UNITS` or `RENDERING`. device: its name.
    """

    scene: SpeckledScene
    grid: Grid
    method: str
    card: Optional[Card]
    looks: Optional[Looks]
    ratios: Sequence[Ratio]
    found: Optional[Survey]
    doubts: Sequence[str]
    unit: str
    device: str


def write_despeckling_report(paths: Mapping[str, Path], job: DespeckleJob, run: Despeckling) -> None:
    """Write the page to paths["report"]; paths: of the image, "clean", too, as they are now."""
    with run.scene.first_band(run.grid) as before, despeckled_power(paths["clean"], run.grid, run.unit) as after:
        pairs, ratios = _pictures(before, after, run)
    html = page(
        "Despeckling",
        job.sar.name,
        _summary(run),
        *map(notice, run.doubts),
        section(
            "Before and after", paragraph(_BEFORE_AND_AFTER), *pairs, paragraph(_LOOKS if run.looks else _NO_BLOCKS)
        ),
        section("What was taken off", paragraph(_RATIO), side_by_side(*ratios), paragraph(_MEASURES), _measures(run)),
        section("Spectrum", paragraph(run.found.found(job.sar.name))) if run.found else "",
        section("Model", properties(sar_model(run.card)), validation_table(run.card)) if run.card else "",
        section("Settings", properties(_settings(job, run))),
        chapter="despeckle",
    )
    paths["report"].write_text(html, encoding="utf-8")


def _summary(run):
    ratio, looks = run.ratios[0], run.looks
    theory = f"{ratio.expected_variance:.2f} in speckle of {run.scene.bands[0].looks:.1f} looks"
    return key_figures(
        [
            (
                "Homogeneous ground",
                f"{number(looks.before, digits=1)} → {number(looks.after, digits=1)}" if looks else NOT_DEFINED,
                "equivalent looks before and after",
            ),
            ("Mean of the ratio", number(ratio.mean, digits=3), "1 is without bias"),
            ("Variance of the ratio", number(ratio.variance), theory),
        ]
    )


def _pictures(before, after, run):
    """Return (pairs before and after, ratios) as HTML, of the whole of the first band and of places in it."""
    grid, blocks = run.grid, run.looks.blocks if run.looks else ()
    (power, factor), (clean, _) = power_overview(before), power_overview(after)
    how = f" (means of {factor} × {factor} pixels)" if factor > 1 else ""
    limits = power_limits(power, clean)
    shown = [(f"The whole image{how}", grid, (power, clean), blocks)]
    for name, window in _places(grid, clean, factor, blocks):
        there = [np.where(valid, each, np.nan) for each, valid in (reader.read(window) for reader in (before, after))]
        shown.append((f"{name}, every pixel", part(grid, window), there, ()))
    pairs = [
        side_by_side(
            picture(power_map(area, powers[0], limits, frames), "the image before", f"{name}, before."),
            picture(power_map(area, powers[1], limits, frames), "the image after", f"{name}, after."),
        )
        for name, area, powers, frames in shown
    ]
    looks = run.scene.bands[0].looks
    ratios = [
        picture(ratio_map(area, powers[0] / powers[1], looks), "the ratio image", f"{name}: ratio.")
        for name, area, powers, _ in shown
    ]
    histogram = ratio_histogram(run.ratios[0])
    return pairs, [*ratios, picture(histogram, "histogram of the ratio", "How often which ratio occurs.")]


def _places(grid, clean, factor, blocks):
    """Return [(name, `Window`)] of what to show every pixel of; nothing where the whole image is hardly larger."""
    if max(grid.width, grid.height) <= 1.5 * PLACE_SIDE:
        return []
    named = {"Where most is to be seen": factor * np.array(roughest(clean, max(PLACE_SIDE // factor, 3)))}
    if blocks:
        named["The most homogeneous ground"] = np.array([blocks[0].col, blocks[0].row]) + BLOCK_SIDE / 2
    return list(zip(named, places(np.stack(list(named.values())), grid, most=2)))


def _measures(run):
    header = ("Band", "", "Mean", "Variance", "Structure", "Correlation along rows", "along columns")
    rows = []
    for band, ratio, facts in zip(run.scene.source.bands, run.ratios, run.scene.bands):
        speckle = facts.speckle
        measured = (ratio.mean, ratio.variance, ratio.structure, ratio.correlation_cols, ratio.correlation_rows)
        theory = (
            1.0,
            ratio.expected_variance,
            0.0,
            speckle and speckle.correlation_cols,
            speckle and speckle.correlation_rows,
        )
        rows.append((str(band), "this image", *(number(each, digits=3) for each in measured)))
        rows.append(("", "pure speckle", *(number(each, digits=3) for each in theory)))
    return table(header, rows, numeric=range(2, len(header)))


def _settings(job, run):
    grid, scene = run.grid, run.scene
    size = f" of {grid.pixel_size:.4g} m" if grid.crs else ", in radar geometry"
    rendering = "8-bit rendering, as the layer" if run.unit == RENDERING else OUTPUT_UNITS[run.unit]
    return {
        "SAR layer": f"{job.sar.name}; {job.sar.path}",
        "Bands": ", ".join(map(str, job.sar.bands)),
        "Unit": COMPLEX_UNITS[scene.unit],
        "Pixels": f"{grid.width} × {grid.height}{size}",
        "Method": run.method,
        "Unit of the result": rendering,
        "Device": run.device,
    }
