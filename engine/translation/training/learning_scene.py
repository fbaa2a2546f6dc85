"""Aligned layers of one place as translators learn from them: on the grid of the SAR layer, each with its scale."""

from ....contract.training_jobs import AlignedLayers
from ...geometry.surface_model import surface_grid
from ...inference.sar_scene import sar_scales
from ...reporting import Reporter
from ...training.aligned_scene import AlignedScene, common_window
from ...training.optical_stretch import band_stretch, warn_of_pixel_sizes
from ..scene_heights import scene_heights


def learning_scene(layers: AlignedLayers, reporter: Reporter) -> AlignedScene:
    """Return the `AlignedScene` of layers; raises `UserError` for what cannot be learnt from."""
    grid = surface_grid(layers.sar)
    overlap = common_window(layers, grid, "choose larger layers, or smaller patches")
    radiometry, scales = sar_scales(layers.sar, layers.sar_unit, grid, reporter)
    optical_grid = surface_grid(layers.optical)
    stretch = band_stretch(layers.optical, optical_grid, reporter)
    sizes = ((layers.optical.name, optical_grid.pixel_size), (layers.sar.name, grid.pixel_size))
    warn_of_pixel_sizes(*sizes, reporter)
    heights = scene_heights(layers.dem, grid, reporter) if layers.dem else None
    return AlignedScene(layers, grid, overlap, radiometry, scales, stretch, heights)
