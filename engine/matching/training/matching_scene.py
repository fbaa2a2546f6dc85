"""Aligned layers of one place as matchers learn from them: on the grid and in the values that matching works with."""

from dataclasses import replace

from ....contract.matching_training_jobs import MATCHER_PATCH
from ....contract.training_jobs import AlignedLayers
from ...inference.sar_scene import sar_scales
from ...rasters.grid_reader import GridReader
from ...rasters.radiometry import optical_radiometry
from ...rasters.raster_sample import sample_raster
from ...reporting import Reporter
from ...training.aligned_scene import AlignedScene, common_window
from ...training.optical_stretch import refuse_colour_table
from ..swapped_layers import warn_of_swapped
from ..working_grid import working_grid


def matching_scene(layers: AlignedLayers, reporter: Reporter, rim: int = 0) -> AlignedScene:
    """Return the `AlignedScene` of layers, whose patches have `rim` pixels of all layers around them.

    Raises `UserError` for what cannot be learnt from.
    """
    grid = working_grid(layers.sar, layers.optical)
    overlap = common_window(layers, grid, "choose layers that share more ground", rim)
    reporter.info(
        f"Patches of layers '{layers.sar.name}' and '{layers.optical.name}' have pixels of {grid.pixel_size:.3g} m, "
        "the coarser ones of the two, as matching compares them."
    )
    radiometry, scales = sar_scales(layers.sar, layers.sar_unit, grid, reporter)
    one_band = replace(layers.sar, bands=layers.sar.bands[:1])
    with GridReader(layers.optical, grid) as reader, GridReader(one_band, grid) as sar_reader:
        refuse_colour_table(reader)
        sample = sample_raster(reader)
        warn_of_swapped(layers.sar, layers.optical, (sample_raster(sar_reader), sample), reporter)
    stretch = optical_radiometry(sample)
    return AlignedScene(layers, grid, overlap, radiometry, scales, stretch, smallest_patch=MATCHER_PATCH)
