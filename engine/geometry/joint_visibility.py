"""The task `joint_visibility`: what radar and camera both see of a surface, as maps, shares, a report and a table.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.1: L. H. Hughes, S. Auer and M. Schmitt, "Investigation of Joint
Visibility between SAR and Optical Images of Urban Environments". There, cells are projected into both images by ray
tracing; here, the lines of sight of each image are followed over the surface.
"""

import math
from contextlib import ExitStack
from typing import Optional

import numpy as np
import torch

from ...contract.finished_file import finished_files
from ...contract.geometry_jobs import JointVisibilityJob
from ..rasters.grid import Window
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .bare_ground import BareGround
from .cell_table import check_size, write_cells
from .facades import facades, folds, layover
from .line_blocks import LineBlocks, line_device
from .range_lines import beyond_rounding, shadow_depth, sight
from .surface_model import SurfaceModel, cell_size, nothing_known
from .visibility_classes import COLOURS, JOINT_MAP, OPTICAL_MAP, SAR_MAP, Cause, Visibility

_MAPS = {"output": JOINT_MAP, "sar_map": SAR_MAP, "optical_map": OPTICAL_MAP}
"""Fields of the job with the paths of maps, and the maps."""

_IMAGES = {"SAR": SAR_MAP, "OPTICAL": OPTICAL_MAP, "SCENE": JOINT_MAP}
_KINDS = ("NOT_VISIBLE", "UNCERTAIN", "VISIBLE")
_OVERVIEW_SIDE = 900  # cells of the maps in a report, on their longest side


def run(job: JointVisibilityJob, reporter: Reporter) -> dict[str, dict[str, Optional[float]]]:
    """Write the maps of a `JointVisibilityJob`; return {"numbers": shares and CELL_COUNT}.

    The shares are percentages, SAR_, OPTICAL_ and SCENE_ × NOT_VISIBLE, UNCERTAIN and VISIBLE, as in Hughes 2020,
    §4.1, table 3: of the cells that the SAR image shows, of those that the optical image shows, and of all; None where
    an image shows none. Raises `UserError` for surface models, terrain models and views that make no sense, and for a
    table of too many cells.
    """
    device = line_device(job.device, reporter)
    with torch.inference_mode(), ExitStack() as stack:
        surface = SurfaceModel.surveyed(job.dsm, job.extent, reporter, job.area)
        if job.cells:
            check_size(surface)
        ground = stack.enter_context(BareGround(surface, job.dtm, job.footprints, device))
        ground.survey(reporter)
        wanted = {field: path for field in (*_MAPS, "cells", "report") if (path := getattr(job, field))}
        paths = dict(zip(wanted, stack.enter_context(finished_files(wanted.values()))))
        counts, causes = _write_maps(job, surface, ground, device, paths, reporter)
        numbers = shares(counts)
        if not numbers["CELL_COUNT"]:
            raise nothing_known(job.dsm, job.sar.incidence)
        if job.cells:
            write_cells(paths["cells"], job, surface, ground, causes)
        if job.report:
            from .visibility_report import write_visibility_report  # matplotlib is slow to load

            write_visibility_report(paths["report"], job, surface.part, numbers, causes, str(device))
    reporter.info(
        "Of {CELL_COUNT:,} cells {SCENE_VISIBLE:.1f} % are jointly visible, {SCENE_UNCERTAIN:.1f} % uncertain, "
        "{SCENE_NOT_VISIBLE:.1f} % not visible in both images.".format(**numbers)
    )
    return {"numbers": numbers}


def shares(counts: np.ndarray) -> dict[str, Optional[float]]:
    """Return the numbers of `run` for how often each combination of `Cause` bits occurs, int [256]."""
    numbers = {"CELL_COUNT": int(counts.sum() - counts[Cause.NO_DATA])}
    for image, its_map in _IMAGES.items():
        numbers.update(zip((f"{image}_{kind}" for kind in _KINDS), its_map.shares(counts)))
    return numbers


def _write_maps(job, surface, ground, device, paths, reporter):
    """Write the maps; return how often each combination of causes occurs, and the causes, uint8 [h, w].

    The causes are those of all cells for a table, else of every few, so that memory stays bounded.
    """
    every = 1 if job.cells else math.ceil(max(surface.window.width, surface.window.height) / _OVERVIEW_SIDE)
    kept = np.zeros((-(-surface.window.height // every), -(-surface.window.width // every)), np.uint8)
    counts = np.zeros(256, np.int64)
    views = (job.sar, job.optical.line_of_sight, *([job.optical.sunlight] if job.optical.has_sun else []))
    cell = cell_size(surface.grid, surface.window)
    lines = [LineBlocks(surface, view, device) for view in views]
    with ExitStack() as stack:
        maps = {field: stack.enter_context(_new_map(paths[field], surface.part)) for field in _MAPS if field in paths}
        for done, blocks in enumerate(zip(*lines)):
            reporter.progress(0.9 * done / len(lines[0]))
            causes = _causes(ground, cell, *blocks).cpu().numpy()
            counts += np.bincount(causes.ravel(), minlength=256)
            window = blocks[0].window.within(surface.window)
            for field, file in maps.items():
                file.write(_MAPS[field].of(causes), window)
            # Of the rows and columns of the whole part, every so many, wherever the block begins.
            chosen = causes[-window.row % every :: every, -window.col % every :: every]
            top, left = -(-window.row // every), -(-window.col // every)
            kept[top : top + chosen.shape[0], left : left + chosen.shape[1]] = chosen
    return counts, kept


def _new_map(path, grid):
    colour_table = {int(each): colour for each, colour in COLOURS.items()}
    return MapWriter(path, grid, "uint8", Visibility.NO_DATA, colour_table=colour_table)


def _causes(ground, cell, of_radar, of_camera, of_sun=None):
    """Return the `Cause` bits, uint8 [h, w], of a block's cells, given its `LineBlock` for each line of sight."""
    window = of_radar.window
    bare = ground.bare(of_radar.lines.area)
    bare = bare if bare is None else of_radar.profiles_of(bare)
    causes = _in_radar_image(of_radar, bare)
    causes |= _shade(of_camera, Cause.OCCLUSION)
    if of_sun is not None:
        causes |= _shade(of_sun, Cause.SUN_SHADOW)
    causes |= int(Cause.FACADE) * _facades(ground, cell, window).byte()
    return torch.where(of_radar.known, causes, int(Cause.NO_DATA))


def _in_radar_image(block, bare):
    def measured(band):
        height, incidence, step = block.on_lines(band)
        seen = sight(height, incidence, step, block.wall)
        without = None if bare is None else block.on_band(bare, band)
        return (shadow_depth(seen, step) / step, *folds(seen, without, incidence, step, block.wall))

    def decided(rows, values):
        of_facades, of_others = layover(values[1:])
        bits = (
            (Cause.RADAR_SHADOW, beyond_rounding(values[0])),
            (Cause.FACADE_LAYOVER, of_facades),
            (Cause.OTHER_LAYOVER, of_others),
        )
        return [sum(int(cause) * where.byte() for cause, where in bits)]

    return block.at_cells(measured, decided)[0]


def _shade(block, cause):
    """Return `cause` where something stands in the line of sight of a block's cells, else 0, uint8 [h, w]."""

    def measured(band):
        height, incidence, step = block.on_lines(band)
        return [shadow_depth(sight(height, incidence, step, block.wall), step) / step]

    return block.at_cells(measured, lambda rows, values: [int(cause) * beyond_rounding(values[0]).byte()])[0]


def _facades(ground, cell, window):
    around = Window(window.col - 1, window.row - 1, window.width + 2, window.height + 2)
    height, is_object = ground.objects(around)
    return facades(height, is_object, cell)[1:-1, 1:-1]
