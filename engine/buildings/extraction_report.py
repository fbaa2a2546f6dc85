"""The report of an extraction: the footprints over the radar image, how large they are, the model, and all settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...contract.buildings_jobs import REGULARISATIONS, ExtractBuildingsJob
from ...contract.footprint_lines import FoundBuilding, read_footprint_lines
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
from ...models.card import Card
from ..reports.model_tables import sar_model, validation_table
from ..reports.pictures import place_name, places
from .extraction_figures import area_histogram, built_map, outline_map
from .found_buildings import FoundBuildings
from .methods import gives_footprints
from .shown_layer import ShownLayer

_WHAT_IT_IS = (
    "The outlines are those of places that look like buildings in the images that the model has learnt from. A radar "
    "image shows a building moved towards the sensor, its foot shines and its shadow falls behind: small houses, those "
    "in the shadow or the layover of others, and those under trees are missed most often, and bright walls, vehicles "
    "and containers are taken for buildings."
)
_BUILT_UP = (
    "Pixels of this image are larger than most houses: the outlines are those of built-up areas, and not of single "
    "buildings. Their count is no count of buildings, and their area includes streets and yards."
)
_NO_VALIDATION = "The card of the model does not say what it reaches: compare the footprints with some that you know."


class Extraction(NamedTuple):
    """A run and what came of it: the model's `card`, the `layer` as the network was shown it, what was `found`, the
    doubt of seams ("" for none), and the name of the device."""

    card: Card
    layer: ShownLayer
    found: FoundBuildings
    doubt: str
    device: str


def write_extraction_report(paths: Mapping[str, Path], job: ExtractBuildingsJob, run: Extraction) -> None:
    """Write the page to paths["report"]; paths: of "footprints" and "mask", too, as they are now."""
    is_exact = gives_footprints(run.card)
    html = page(
        "Buildings from SAR" if is_exact else "Built-up areas from SAR",
        job.sar.name,
        _summary(run),
        notice(_WHAT_IT_IS if is_exact else _BUILT_UP),
        *([notice(run.doubt)] if run.doubt else []),
        section("Map", *_maps(paths, run)),
        section("Areas", _areas(run.found)) if run.found.count else "",
        section("Real and imaginary part", *map(paragraph, run.layer.findings)) if run.layer.findings else "",
        section("Model", properties(sar_model(run.card))),
        section("What the model reaches", validation_table(run.card) or paragraph(_NO_VALIDATION)),
        section("Settings", properties(_settings(job, run))),
        chapter="extractbuildings",
    )
    paths["report"].write_text(html, encoding="utf-8")


def _summary(run):
    found = run.found
    counted = "Buildings" if gives_footprints(run.card) else "Built-up areas"
    return key_figures(
        [
            (counted, f"{found.count:,}", f"of {found.rules.min_area:g} {found.surveyor.area_unit} or more"),
            ("Covered", found.surveyor.area_in_words(found.area), f"by the outlines, {_where(run)}"),
            ("Built up", number(found.share, "%", 1), "of the pixels with data"),
            ("Mean score", number(found.mean_score), "probability inside the outlines"),
        ]
    )


def _where(run):
    return "on the ground" if run.layer.grid.crs else "in radar geometry"


def _areas(found):
    histogram = area_histogram(found.areas, found.surveyor.area_unit)
    return picture(histogram, "histogram of the areas", "Areas of the footprints.")


def _maps(paths, run):
    """Return the map of the whole layer, and details of places far from each other."""
    layer, grid = run.layer, run.layer.grid
    with layer.drawn() as radar, layer.computed(paths["mask"], 1) as mask:
        values, valid = layer.overview(radar)
        built, _ = layer.overview(mask)
        yield picture(
            built_map(grid, values, valid, built),
            "the SAR image in greys, with what is built up in colour",
            "What is built up, over the SAR image (mean of its bands).",
        )
        if not run.found.count:
            return
        shown = run.found.surveyor.shown
        windows = places(_positions(paths["footprints"], shown), grid)
        outlines = _outlines(paths["footprints"], shown, windows)
        details = [
            picture(
                outline_map(grid, window, *radar.read(window), inside),
                "outlines over the SAR image",
                place_name(place, window, grid),
            )
            for place, (window, inside) in enumerate(zip(windows, outlines), 1)
        ]
        yield side_by_side(*details)


def _positions(footprints, grid):
    """Return where all outlines begin, in pixels of the grid: [n, 2]."""
    first = [each.rings[0][0] for each in read_footprint_lines(footprints, FoundBuilding)]
    return np.column_stack(grid.to_pixel(*np.array(first).T))


def _outlines(footprints, grid, windows):
    """Return, for each window, [(score, rings in pixels of the window)] of the outlines that reach into it."""
    inside = [[] for _ in windows]
    for building in read_footprint_lines(footprints, FoundBuilding):
        rings = [np.column_stack(grid.to_pixel(*np.array(ring).T)) for ring in building.rings]
        low, high = rings[0].min(0), rings[0].max(0)
        for window, outlines in zip(windows, inside):
            corner = np.array([window.col, window.row])
            if (high > corner).all() and (low < corner + (window.width, window.height)).all():
                outlines.append((building.score, [ring - corner for ring in rings]))
    return inside


def _settings(job, run):
    layer, rules, grid = run.layer, run.found.rules, run.layer.grid
    polarisations = ", ".join(each or "not known" for each in layer.polarisations)
    size = f" of {grid.pixel_size:.4g} m" if grid.crs else ", in radar geometry"
    return {
        "SAR layer": f"{job.sar.name}; {job.sar.path}",
        "Bands": f"{', '.join(map(str, layer.bands))} (polarisation: {polarisations})",
        "Unit": layer.unit,
        "Pixels": f"{grid.width} × {grid.height}{size}",
        "Look azimuth": _look(layer.look),
        "Incidence angle": _degrees(job.incidence),
        "Threshold": f"{rules.threshold:g} ({'of the model card' if job.threshold is None else 'as chosen'})",
        "Smallest area": f"{rules.min_area:g} {run.found.surveyor.area_unit}",
        "Outlines": REGULARISATIONS[job.regularise],
        "Device": run.device,
    }


def _degrees(angle):
    return "not given" if angle is None else f"{angle:g}°"


def _look(look):
    return look.source if look.azimuth is None else f"{look.azimuth:.4g}° from the sensor to the ground, {look.source}"
