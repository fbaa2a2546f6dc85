"""What a camera sees of a surface, and where: leaning buildings, hidden ground, façades, and the shade of the sun.

Images are orthorectified on the terrain, as products are delivered: bare ground appears where it is, and what stands
`h` metres above it leans away from the camera by h · tan(off-nadir). Lines of sight are parallel (a camera far away).
"""

import math
from typing import NamedTuple

import torch

from ....contract.geometry_jobs import OpticalView
from ...geometry.grid_positions import between, nearest
from ...geometry.range_lines import is_shadowed, sight
from ..line_of_sight import Lines, centres
from ..surfaces.surface import LOWEST_WALL, Surface

_ROUNDS = 8
"""Fixed-point steps: each shrinks the error by the terrain's slope times tan(off-nadir), mostly below 0.1."""


class View(NamedTuple):
    """What each cell of the image shows. position: column and row on the surface, with the corner origin [2, H, W].
    facade: number of the building whose wall it is, 0 where it is no wall, int32 [H, W].
    """

    position: torch.Tensor
    facade: torch.Tensor


def optical_positions(surface: Surface, view: OpticalView) -> torch.Tensor:
    """Return where each cell of a `Surface` lies in its optical image, (col, row) [2, H, W] in cells, corner origin.

    view: `OpticalView`. Cells that something hides have a position too; `optical_view` tells what is seen there.
    """
    return displaced(surface, view.azimuth + 180, _tangent(view.off_nadir))


def displaced(surface: Surface, azimuth: float, lean: float) -> torch.Tensor:
    """Return where each cell of a `Surface` appears on its terrain, (col, row) [2, H, W] in cells, corner origin.

    azimuth: degrees towards which what stands above the terrain appears displaced; lean: by how much for its height.
    Where the terrain itself rises by more than 1 / lean that way, there is more than one such place, or none.
    """
    row, col = centres(surface.height.shape, surface.height.device)
    azimuth, lean = math.radians(azimuth), lean / surface.pixel_size
    right, down = math.sin(azimuth) * lean, -math.cos(azimuth) * lean  # cells per metre
    above = surface.height - surface.terrain
    for _ in range(_ROUNDS):
        above = surface.height - between(surface.terrain[None], col + right * above, row + down * above)[0]
    return torch.stack((col + right * above, row + down * above))


def optical_view(surface: Surface, view: OpticalView) -> View:
    """Return the `View` of a `Surface` that the camera of an `OpticalView` has."""
    lines = Lines(view.azimuth + 180, surface.height.shape, surface.height.device)
    tangent, step = _tangent(view.off_nadir), surface.pixel_size
    height = _on_lines(surface, lines)
    count, samples = height.shape
    # Where the line of sight through each sample meets the level 0, in metres along its line, which run away from the
    # camera: of all samples that share that place, the camera sees the first.
    start = (torch.arange(samples, device=height.device) + 0.5) * step
    reached = (start + height * tangent).double()
    line, sample = lines.positions
    wanted = (sample * step + surface.terrain * tangent).double()
    in_line = line.floor().long().clamp(0, count - 1)
    lowest, length = reached.min(), reached.max() - reached.min() + step
    own = torch.arange(count, device=height.device)[:, None] * length  # keeps the lines apart in one sorted sequence
    horizon = (reached - lowest).cummax(1).values + own
    behind = torch.searchsorted(horizon.flatten(), (wanted - lowest).clamp(0, length - step) + own[in_line, 0])
    behind = behind.clamp(in_line * samples + 1, (in_line + 1) * samples - 1)
    reached, height = reached.flatten(), height.flatten()
    past, short = wanted - reached[behind - 1], reached[behind] - wanted
    building = lines.to_lines(surface.building[None], nearest)[0].flatten()[behind]
    is_wall = (height[behind] - height[behind - 1] > LOWEST_WALL) & (building > 0)
    # A slope rises evenly from sample to sample, a wall at once in the middle: ground before it, roof behind it.
    wall = torch.where(past < step / 2, past / step, torch.where(short < step / 2, 1 - short / step, 0.5))
    share = torch.where(is_wall, wall, past / (past + short).clamp_min(1e-9)).clamp(0, 1).float()
    position = torch.stack(lines.of_lines(line, behind - in_line * samples - 0.5 + share))
    return View(position, torch.where(is_wall & (past >= step / 2) & (short >= step / 2), building, 0))


def cast_shadow(surface: Surface, view: OpticalView) -> torch.Tensor:
    """Return the share of each cell of a `Surface` that lies in the shadow cast by the sun, 0 to 1 [H, W]."""
    lines = Lines(view.sun_azimuth + 180, surface.height.shape, surface.height.device)
    height = _on_lines(surface, lines)
    zenith = torch.tensor(math.radians(90 - view.sun_elevation), device=height.device)
    shadow = is_shadowed(sight(height, zenith, surface.pixel_size), surface.pixel_size)
    return lines.to_map(shadow[None].float())[0]


def _on_lines(surface, lines):
    """Heights [L, N] on `Lines`: smooth ground, but sharp edges of what stands on it, whose shade would fray else."""
    above = lines.to_lines((surface.height - surface.terrain)[None], nearest)
    return (lines.to_lines(surface.terrain[None]) + above)[0]


def _tangent(degrees):
    return math.tan(math.radians(degrees))
