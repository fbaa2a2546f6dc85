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
from ...contract.sources import RasterSource
from ...models.card import Card
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..reports.model_tables import sar_model, validation_table
from ..reports.pictures import overview, place_name, places
from .extraction_figures import area_histogram, built_map, outline_map
from .found_buildings import FoundBuildings
from .line_of_sight import LineOfSight
from .methods import gives_footprints

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
    """A run and what came of it: the model's `card`, the `grid` of the layer, what the network was shown of it
    (`scene`) and along which `look`, what was `found`, the doubt of seams ("" for none), and the name of the device."""

    card: Card
    grid: Grid
    scene: SarScene
    look: LineOfSight
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
        section("Areas", picture(area_histogram(run.found.areas), "histogram of the areas", "Areas of the footprints."))
        if run.found.count
        else "",
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
            (counted, f"{found.count:,}", f"of {found.rules.min_area:g} m² or more"),
            ("Covered", *_area(found.area)),
            ("Built up", number(found.share, "%", 1), "of the pixels with data"),
            ("Mean score", number(found.mean_score), "probability inside the outlines"),
        ]
    )


def _area(metres):
    """Return (an area with its unit, what it is)."""
    told = f"{metres:,.0f} m²" if metres < 1e5 else number(metres / 1e6, "km²")
    return told, "by the outlines, on the ground"


def _maps(paths, run):
    """Return the map of the whole layer, and details of places far from each other."""
    with GridReader(run.scene.source, run.grid, run.scene.radiometry) as radar:
        values, valid, _ = overview(radar)
        mask = RasterSource("mask", str(paths["mask"]), run.grid.crs)
        with GridReader(mask, run.grid) as reader:
            built, _, _ = overview(reader)
        yield picture(
            built_map(run.grid, values, valid, built),
            "the SAR image in greys, with what is built up in colour",
            "What is built up, over the SAR image (mean of its bands).",
        )
        if not run.found.count:
            return
        windows = places(_positions(paths["footprints"], run.grid), run.grid)
        outlines = _outlines(paths["footprints"], run.grid, windows)
        details = [
            picture(
                outline_map(run.grid, window, *radar.read(window), inside),
                "outlines over the SAR image",
                place_name(place, window, run.grid),
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
    scene, rules = run.scene, run.found.rules
    polarisations = ", ".join(each or "not known" for each in scene.polarisations)
    return {
        "SAR layer": f"{job.sar.name}; {job.sar.path}",
        "Bands": f"{', '.join(map(str, scene.source.bands))} (polarisation: {polarisations})",
        "Unit": scene.radiometry.unit_out,
        "Pixels": f"{run.grid.width} × {run.grid.height} of {run.grid.pixel_size:.4g} m",
        "Look azimuth": _look(run.look),
        "Incidence angle": _degrees(job.incidence),
        "Threshold": f"{rules.threshold:g} ({'of the model card' if job.threshold is None else 'as chosen'})",
        "Smallest area": f"{rules.min_area:g} m²",
        "Outlines": REGULARISATIONS[job.regularise],
        "Device": run.device,
    }


def _degrees(angle):
    return "not given" if angle is None else f"{angle:g}°"


def _look(look):
    return look.source if look.azimuth is None else f"{look.azimuth:.4g}° from the sensor to the ground, {look.source}"
