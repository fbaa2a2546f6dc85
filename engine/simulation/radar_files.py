"""Images in radar geometry as files: lines of the flight down, range to the right."""

import math
from collections.abc import Mapping
from pathlib import Path

from rasterio.transform import Affine

from ...contract.simulation_jobs import SimulateSceneJob
from ..rasters.grid import Grid, Window
from ..rasters.map_file import MapWriter
from ..rasters.radiometry import to_db
from .scene import FAINTEST
from .scene_blocks import SceneBlock


def write_radar_images(job: SimulateSceneJob, paths: Mapping[str, Path], block: SceneBlock) -> None:
    """Write the images in radar geometry that a `SimulateSceneJob` wants of a `SceneBlock` that is the whole scene.

    "slc": the first look, complex64. "ground_range": sigma nought of all looks in dB, float32, on the same pixels,
    which are even in ground range too, as there is one incidence. Both show some surroundings of the scene; tags tell
    their spacings in metres.
    """
    taken = block.scene.sar_image
    tags = {
        "LINE_SPACING": taken.grid.line_spacing,
        "SLANT_RANGE_SPACING": taken.grid.bin_size,
        "GROUND_RANGE_SPACING": taken.grid.bin_size / math.sin(taken.grid.incidence),
    }
    if "slc" in paths:
        _write(paths["slc"], taken.looks[0], job.polarisations, tags)
    if "ground_range" in paths:
        _write(paths["ground_range"], to_db(taken.intensity, FAINTEST), job.polarisations, tags)


def _write(path, image, bands, tags):
    values = image.cpu().numpy()
    count, height, width = values.shape
    grid = Grid("", Affine.identity(), width, height)
    in_strips = {"compress": "deflate", "BIGTIFF": "IF_SAFER"}
    with MapWriter(path, grid, values.dtype.name, count=count, descriptions=bands, creation=in_strips) as file:
        file.dataset.update_tags(**tags)
        file.write(values, Window(0, 0, width, height))
