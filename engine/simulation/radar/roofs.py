"""Where the roofs of buildings appear in an image in radar geometry."""

import torch

from ...geometry.grid_positions import nearest
from ..surfaces.surface import Surface
from .slant_range import RadarGrid


def roof_share(surface: Surface, grid: RadarGrid) -> torch.Tensor:
    """Return how much of each pixel shows roofs of a `Surface`, float32 [A, R] of 0..1, on its `RadarGrid`.

    A roof appears as much nearer to the sensor as its height makes its slant range shorter; it may lie over the ground
    before it, or over another roof. The labels of the MERLIN-Seg document are footprints moved like this (section 4.1).
    """
    built, height = (
        grid.lines.to_lines(each[None], nearest)[0] for each in ((surface.building > 0).float(), surface.height)
    )
    sample = torch.arange(built.shape[1], device=built.device)
    start, end = grid.slant_range(sample, height), grid.slant_range(sample + 1, height)
    return grid.project(start, end, built[None] * surface.pixel_size**2)[0].clamp(0, 1)
