"""The report of joint visibility: the three maps, their shares beside published ones, and what they mean.

Published are those of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020 ("Hughes 2020"), §4.1, table 3.
"""

from pathlib import Path
from typing import Optional

import numpy as np

from ...contract.geometry_jobs import JointVisibilityJob
from ...contract.report_page import (
    key_figures,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ..rasters.grid import Grid
from ..reports.figures import class_map
from .facades import STOREY
from .visibility_classes import COLOURS, JOINT_MAP, LABELS, OPTICAL_MAP, SAR_MAP

_MUNICH = {
    "SAR image": ("9.50", "17.77", "72.73"),
    "Optical image": ("14.53", "14.73", "70.74"),
    "Scene": ("25.89", "18.89", "55.22"),
}
"""Percent; Hughes 2020, §4.1, table 3: TerraSAR-X at 49.9°, WorldView-2 at 14.5° off nadir, centre of Munich."""

_ROWS = {"SAR": "SAR image", "OPTICAL": "Optical image", "SCENE": "Scene"}


def write_visibility_report(
    path: Path,
    job: JointVisibilityJob,
    grid: Grid,
    numbers: dict[str, Optional[float]],
    causes: np.ndarray,
    device: str,
) -> None:
    """Write the page to `path`.

    grid: the `Grid` of the maps. numbers: result of `joint_visibility.run`. causes: `Cause` bits, uint8 [h, w], of all
    cells of the grid, or of every few of a large one. device: where they were computed.
    """
    html = page(
        "Joint visibility",
        job.dsm.name,
        _summary(numbers),
        section("Maps", *_maps(grid, causes)),
        section("Shares", paragraph(_HOW_COUNTED), _shares(numbers)),
        section("What the classes mean", *map(paragraph, _definitions(job))),
        section("Settings", properties({**_settings(job, grid), "Device": device})),
        chapter="jointvisibility",
    )
    path.write_text(html, encoding="utf-8")


_HOW_COUNTED = (
    "Percent of the cells of the surface model, seen from above. The SAR row counts the cells that the SAR image shows "
    "(not those in radar shadow), the optical row those that the optical image shows (not those occluded), the scene "
    "all. Munich: L. H. Hughes, “Deep Learning for Matching High-Resolution SAR and Optical Imagery”, dissertation, "
    "Technische Universität München, 2020, §4.1, table 3, a city centre seen by TerraSAR-X at 49.9° and WorldView-2 at "
    "14.5° off nadir, which counts the pixels of the images in its first two rows."
)
_SHADOW = (
    "Radar shadow: something nearer to the sensor interrupts the line of sight; no echo comes from there. Optical "
    "occlusion: something nearer to the satellite hides the cell in the optical image. Both are not visible in one of "
    "the images, so that nothing can be matched there."
)
_LAYOVER = (
    "Façade layover: a higher place lies at the same distance from the radar, so that its echo and that of the cell "
    "fall into one pixel. Of all cells in one pixel only the highest, the roof, is not uncertain. Façade: the cell "
    f"stands on a wall: more than {STOREY:g} m above its neighbour, and steeper than 45°."
)
_SUN = "In the shade of the sun: visible in the optical image, but dark."
_ALL_LAYOVER = (
    "No terrain model and no footprints were given, so that all layover and all steep cells are taken for those of "
    "façades, those of steep slopes and trees as well."
)
_FROM_TERRAIN = (
    f"Layover that the terrain alone would cause is told apart; objects stand more than {STOREY:g} m above it."
)
_FROM_FOOTPRINTS = (
    "Buildings are what the footprints cover; the layover of everything else, terrain and trees, is told apart."
)


def _summary(numbers):
    figures = (("Jointly visible", "VISIBLE"), ("Uncertain", "UNCERTAIN"), ("Not visible", "NOT_VISIBLE"))
    remark = f"of {numbers['CELL_COUNT']:,} cells"
    return key_figures([(label, number(numbers[f"SCENE_{key}"], "%", 1), remark) for label, key in figures])


def _maps(grid, causes):
    joint = class_map(grid, JOINT_MAP.of(causes), COLOURS, LABELS)
    sar, optical = (
        class_map(grid, each.of(causes), COLOURS, LABELS, half_width=True) for each in (SAR_MAP, OPTICAL_MAP)
    )
    return [
        picture(joint, "joint map in the colours of its legend", "Joint map: both images together."),
        side_by_side(
            picture(
                sar,
                "map of the SAR image in the colours of its legend",
                "What the optical image lacks of the SAR image, and where façades lie over it.",
            ),
            picture(
                optical,
                "map of the optical image in the colours of its legend",
                "What the SAR image lacks of the optical image, and where façades stand.",
            ),
        ),
    ]


def _shares(numbers):
    rows = []
    for key, name in _ROWS.items():
        shares = [number(numbers[f"{key}_{kind}"]) for kind in ("NOT_VISIBLE", "UNCERTAIN", "VISIBLE")]
        rows += [(name, *shares), (f"{name}, Munich", *_MUNICH[name])]
    return table(("", "Not visible (%)", "Uncertain (%)", "Jointly visible (%)"), rows, numeric=(1, 2, 3))


def _definitions(job):
    told_apart = _FROM_FOOTPRINTS if job.footprints else _FROM_TERRAIN if job.dtm else _ALL_LAYOVER
    return [_SHADOW, _LAYOVER, *([_SUN] if job.optical.has_sun else []), told_apart]


def _settings(job, grid):
    sar, optical = job.sar, job.optical
    incidence = f"{sar.near:g}°" if sar.near == sar.far else f"{sar.near:g}° to {sar.far:g}°"
    sun = f"azimuth {optical.sun_azimuth:g}°, elevation {optical.sun_elevation:g}°" if optical.has_sun else "not given"
    return {
        "Surface model": f"{job.dsm.name}; {job.dsm.path}",
        "Cells": f"{grid.width} × {grid.height}",
        "Terrain model": job.dtm.name if job.dtm else "not given",
        "Footprints": job.footprints.name if job.footprints else "not given",
        "SAR look azimuth": f"{sar.look_azimuth:g}° (from the sensor to the ground)",
        "SAR incidence angle": sar.incidence.name if sar.incidence else incidence,
        "Off-nadir angle": f"{optical.off_nadir:g}°",
        "View azimuth": f"{optical.azimuth:g}° (from the ground to the satellite)",
        "Sun": sun,
    }
