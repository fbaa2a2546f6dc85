"""The task `simulate_scene`: what a radar and a camera see of one place, as aligned files with all that is known."""

from contextlib import ExitStack

import numpy as np
import torch

from ...contract.errors import UserError
from ...contract.finished_file import finished_files, scratch_folder
from ...contract.geometry_jobs import SarDistortionsJob
from ...contract.optical_presets import OPTICAL_PRESETS
from ...contract.simulation_jobs import SimulateSceneJob
from ..geometry import sar_distortions
from ..geometry.line_blocks import line_device
from ..reporting import NullReporter, Reporter
from .building_polygons import BuildingPolygons
from .misregistration import planted
from .radar.sar_presets import SAR_PRESETS
from .radar_files import write_radar_images
from .scene_blocks import SceneBlocks, check_size
from .scene_files import SceneFiles
from .scene_grid import extent_of, pixel_grid
from .sites import open_site
from .wide_surface import WideSurface

BLOCK = 1024
"""Cells on the side of a block, without its margin."""


def run(job: SimulateSceneJob, reporter: Reporter) -> dict[str, dict[str, float]]:
    """Write the files of a `SimulateSceneJob`.

    Return {"numbers": those of `sar_distortions.shares` for the DSM; MEAN_SHIFT_X, MEAN_SHIFT_Y: what was planted into
    the optical image, its mean in metres on the ground, east and north, and with _PX in pixels right and down}. Raises
    `UserError` for layers and extents that make no sense, and for a scene that is too large for images in radar
    geometry.
    """
    device = line_device(job.device, reporter)
    _check_radar(job, reporter)
    with torch.inference_mode(), ExitStack() as stack:
        paths = dict(zip(job.outputs, stack.enter_context(finished_files(job.outputs.values()))))
        scratch = stack.enter_context(scratch_folder(job.outputs["sar"]))
        paths.setdefault("zones", scratch / "zones.tif")  # for the numbers
        site = open_site(job, OPTICAL_PRESETS[job.optical_preset].pixel_size, device, reporter)
        check_size(job, site.grid)
        stack.enter_context(site)
        blocks = SceneBlocks(job, site, BLOCK, device, reporter)
        # What is wrong with it is wrong with the user's layer, where there is one.
        surface = WideSurface(scratch / "surface.tif", site.grid, blocks.margin, job.dsm.name if job.dsm else "DSM")
        shift = _write(job, site, blocks, surface, paths, scratch, reporter)
        zones = SarDistortionsJob(
            surface.source, job.sar, str(paths["zones"]), extent=extent_of(site.grid), device=job.device
        )
        numbers = sar_distortions.run(zones, NullReporter())["numbers"]
        reporter.progress(1)
    return {"numbers": {**numbers, **shift}}


def _check_radar(job, reporter):
    preset, angle = SAR_PRESETS[job.sar_preset], job.sar.near
    missing = [name for name in job.polarisations if name not in preset.polarisations]
    if missing:
        raise UserError(
            f"The radar '{job.sar_preset}' has no polarisation {missing[0]}: choose {', '.join(preset.polarisations)}."
        )
    nearest, farthest = preset.incidence
    if not nearest <= angle <= farthest:
        reporter.warning(
            f"The radar '{job.sar_preset}' looks at {nearest:g} to {farthest:g} degrees in reality, not at {angle:g}."
        )


def _write(job, site, blocks, surface, paths, scratch, reporter):
    """Write all but the zones; return the numbers of the planted shift."""
    pixels = pixel_grid(site.grid, site.factor)
    reporter.info(
        f"The scene is {pixels.width} × {pixels.height} pixels of {site.cell * site.factor:g} m, simulated on "
        f"cells of {site.cell:g} m."
    )
    misregistration = planted(job.misplacement, (pixels.height, pixels.width), job.seed)
    in_place = scratch / "optical.tif"
    last = {"optical", "truth"}
    first = {"in_place": in_place, **{name: path for name, path in paths.items() if name not in last}}
    with ExitStack() as stack:
        files = stack.enter_context(SceneFiles(first, job, site))
        buildings = stack.enter_context(BuildingPolygons(site.grid, scratch / "buildings.tif"))
        stack.enter_context(surface)
        for done, block in enumerate(blocks):
            reporter.progress(0.9 * done / len(blocks))
            surface.add(block)
            if block.scene is None:
                files.write_unknown(block.window, block.factor)
                continue
            files.write_block(block)
            if "positions" in files:
                files.write(
                    "positions", blocks.positions(block, misregistration), block.window, block.cells(block.known)
                )
            if "footprints" in paths:
                buildings.add(block)
            if job.wants_radar_geometry:
                write_radar_images(job, paths, block)
        if "footprints" in paths:
            buildings.write(paths["footprints"])
    with SceneFiles({name: paths[name] for name in last & paths.keys()}, job, site) as files:
        right, down = files.write_moved(in_place, misregistration)
    middle = np.array([pixels.width / 2, pixels.height / 2])
    ((east, north),) = pixels.metres([middle], [middle + (right, down)]).tolist()
    return {
        "MEAN_SHIFT_X": east,
        "MEAN_SHIFT_Y": north,
        "MEAN_SHIFT_X_PX": right,
        "MEAN_SHIFT_Y_PX": down,
    }
