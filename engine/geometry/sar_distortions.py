"""The task `sar_distortions`: where a surface model is foreshortened, laid over or shadowed, as rasters and numbers."""

import math
from contextlib import ExitStack

import numpy as np
import torch

from ...contract.finished_file import finished_files
from ...contract.geometry_jobs import SarDistortionsJob
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from . import range_lines
from .line_blocks import LineBlocks, line_device
from .range_lines import NO_DATA
from .surface_model import SurfaceModel, nothing_known

SHARES = {
    "FORESHORTENING_SHARE": range_lines.FORESHORTENING,
    "ACTIVE_LAYOVER_SHARE": range_lines.ACTIVE_LAYOVER,
    "LAYOVER_SHARE": range_lines.LAYOVER,
    "ACTIVE_SHADOW_SHARE": range_lines.ACTIVE_SHADOW,
    "SHADOW_SHARE": range_lines.SHADOW,
}
"""Percentages of the valid cells: name, and the bits of which a cell has at least one."""


def run(job: SarDistortionsJob, reporter: Reporter) -> dict[str, dict[str, float]]:
    """Write the rasters of a `SarDistortionsJob`; return {"numbers": `SHARES`, UNDISTORTED_SHARE and VALID_CELLS}.

    The mask is uint8 (`range_lines.zones`), the local incidence angle in degrees and the layover count are float32, all
    on the grid of the surface model. Raises `UserError` for what `SurfaceModel.surveyed` and `LineBlocks` refuse, and
    where no cell asked for is valid.
    """
    device = line_device(job.device, reporter)
    with torch.inference_mode():
        surface = SurfaceModel.surveyed(job.dem, job.extent, reporter, job.area)
        counts = _write(job, surface, LineBlocks(surface, job.view, device), reporter)
    numbers = shares(counts)
    reporter.info(
        "Of {VALID_CELLS:,} cells {FORESHORTENING_SHARE:.1f} % are foreshortened, {LAYOVER_SHARE:.1f} % laid over, "
        "{SHADOW_SHARE:.1f} % in shadow, {UNDISTORTED_SHARE:.1f} % undistorted.".format(**numbers)
    )
    return {"numbers": numbers}


def shares(counts: np.ndarray) -> dict[str, float]:
    """Return the numbers for how often each value occurs in a mask, int [256], that has valid cells."""
    of_valid = np.where(np.arange(256) == NO_DATA, 0, counts)
    valid = int(of_valid.sum())
    percent = 100 / valid
    numbers = {name: percent * int(of_valid[np.arange(256) & bits > 0].sum()) for name, bits in SHARES.items()}
    return {**numbers, "UNDISTORTED_SHARE": percent * int(of_valid[0]), "VALID_CELLS": valid}


def _write(job, surface, blocks, reporter):
    """Write the wanted rasters; return how often each value occurs in the mask, int64 [256]."""
    kinds = {
        "mask": (job.output, "uint8", NO_DATA),
        "incidence": (job.incidence, "float32", math.nan),
        "layover_count": (job.layover_count, "float32", math.nan),
    }
    kinds = {name: kind for name, kind in kinds.items() if kind[0]}
    counts = np.zeros(256, np.int64)
    with ExitStack() as stack:
        paths = stack.enter_context(finished_files([path for path, _, _ in kinds.values()]))
        outputs = {
            name: stack.enter_context(MapWriter(path, surface.part, dtype, nodata))
            for path, (name, (_, dtype, nodata)) in zip(paths, kinds.items())
        }
        for done, block in enumerate(blocks):
            reporter.progress(done / len(blocks))
            window = block.window.within(surface.window)
            for name, values in _on_cells(job, block, outputs).items():
                values = torch.where(block.known, values, kinds[name][2]).cpu().numpy()
                outputs[name].write(values, window)
                if name == "mask":
                    counts += np.bincount(values.ravel(), minlength=256)
        if counts.sum() == counts[NO_DATA]:
            raise nothing_known(job.dem, job.view.incidence)
        reporter.progress(1)
    return counts


def _on_cells(job, block, wanted):
    """Return {name: values [h, w]} of a block's cells, for the names in `wanted`.

    What decides about a place is measured on the lines, and each cell is judged by its own height and slope: the
    borders of zones lie between samples.
    """

    def measured(band):
        lines = block.on_lines(band)
        found = range_lines.limits(*lines, block.wall)
        return (*found, range_lines.layover_count(*lines)) if "layover_count" in wanted else found

    def decided(rows, values):
        cells = block.cells(rows)
        limits = range_lines.Limits(*values[:3])
        found = range_lines.distortion_within(limits, cells.height, cells.slope, cells.incidence, cells.step)
        ways = {
            "mask": lambda: range_lines.zones_of(found, foreshortened_below=1 - job.foreshortening / 100),
            "incidence": lambda: range_lines.local_incidence(cells.slope, cells.aside, cells.incidence).rad2deg(),
            "layover_count": lambda: values[3],
        }
        return [ways[name]() for name in wanted]

    return dict(zip(wanted, block.at_cells(measured, decided)))
