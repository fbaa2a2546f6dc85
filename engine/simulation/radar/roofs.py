"""Where the roofs of buildings appear in an image in radar geometry."""

import torch

from ...geometry.grid_positions import nearest
from ..surfaces.surface import Surface
from .slant_range import RadarGrid


def roof_share(surface: Surface, grid: RadarGrid) -> torch.Tensor:
    """Return how much of each pixel roofs of a `Surface` cover, float32 [A, R] of 0..1, on its `RadarGrid`.

    A roof appears as much nearer to the sensor as its height makes its slant range shorter; it may lie over the ground
    before it, or over another roof. The labels of the MERLIN-Seg document are footprints moved like this (section 4.1).
    """
    building, height = (grid.lines.to_lines(each[None], nearest)[0] for each in (surface.building, surface.height))
    joined = building[:, 1:] == building[:, :-1]
    middle = torch.where(joined, (height[:, 1:] + height[:, :-1]) / 2, torch.nan)  # one roof goes on without a gap
    ends = torch.full_like(height[:, :1], torch.nan)
    near, far = (torch.where(each.isnan(), height, each) for each in (_beside(ends, middle), _beside(middle, ends)))
    sample = torch.arange(height.shape[1], device=height.device)
    borders = torch.stack((grid.slant_range(sample, near), grid.slant_range(sample + 1, far)))
    start, end = borders.amin(0), borders.amax(0)
    # As much area as makes level ground of what it covers in slant range, however steep it is.
    level = (end - start) * (surface.pixel_size / torch.sin(torch.tensor(grid.incidence)))
    return grid.project(start, end, ((building > 0) * level)[None])[0].clamp(0, 1)


def _beside(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return torch.cat((one, other), 1)
