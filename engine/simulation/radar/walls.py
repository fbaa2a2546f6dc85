"""What the walls of buildings send back as single echoes: the corner at the foot, and windows, balconies, sills."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

_CORNER_GAIN = {"HH": 13.0, "VV": 10.0, "HV": 0.0, "VH": 0.0}
_CORNER_FLOOR = -14.0
"""Double bounce between ground and wall, our choice: cross-section per area of the wall across the line of sight in dB,
seen straight on; and dB below that at any other angle. HH exceeds VV, since the ground reflects V less. All double
reflections arrive from the wall's foot (Franceschetti, Iodice and Riccio 2002)."""

_STOREY, _MOST_STOREYS, _WINDOW_SPACING = 3.0, 12, 3.0  # metres; storeys of a tower are higher than its real ones
"""In images of 1 m the windows stand out as a lattice of points (Soergel et al. 2006); the numbers are our choice."""


class Walls(NamedTuple):
    """The walls that face the sensor, at most W on each of L lines: [L, W] each, height 0 where a line has fewer.

    position: of the last sample before the wall. height: metres. area: across the line of sight, m². slant,
    look_height: of the foot, metres along and across the line of sight. horizon: largest look height up to there.
    turned: degrees from the look direction to the wall's normal.
    """

    position: torch.Tensor
    height: torch.Tensor
    area: torch.Tensor
    slant: torch.Tensor
    look_height: torch.Tensor
    horizon: torch.Tensor
    turned: torch.Tensor


def corners(walls: Walls, polarisations: Sequence[str], gain: float = 0.0, width: float = 5.0) -> torch.Tensor:
    """Return cross-sections [C, L, W] (m²) of the dihedrals that walls form with the ground before them.

    gain: dB on top of `_CORNER_GAIN`. width: standard deviation, in degrees, of the fall with the angle between the
    wall's normal and the look direction (Thiele et al. 2007).
    """
    floor = 10 ** (_CORNER_FLOOR / 10)
    direction = floor + (1 - floor) * (-0.5 * (walls.turned / width) ** 2).exp()
    gains = torch.tensor([_CORNER_GAIN[name] + gain for name in polarisations], device=direction.device)
    is_lit = walls.look_height >= walls.horizon
    return 10 ** (gains / 10)[:, None, None] * (walls.area * direction * is_lit)


def windows(
    walls: Walls, incidence: float, step: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return slant ranges and areas across the line of sight (m²) that the windows stand for, [L, W, F] each.

    F storeys; a column of windows on every line, or every few where lines (`step` metres apart) are closer. The areas
    vary exponentially; their mean is that of the part of the walls that is seen.
    """
    storeys = (walls.height / _STOREY).ceil().clamp(1, _MOST_STOREYS)[..., None]
    storey = torch.arange(_MOST_STOREYS, device=storeys.device)
    above = (storey + 0.5) * walls.height[..., None] / storeys
    is_lit = walls.look_height[..., None] + above * math.sin(incidence) >= walls.horizon[..., None]
    line = torch.arange(len(storeys), device=storeys.device)[:, None, None]
    columns = max(step, _WINDOW_SPACING)
    is_window = (storey < storeys) & is_lit & (line * step % columns < step)
    strength = -torch.rand(is_window.shape, generator=generator, device=storeys.device).clamp_min(1e-6).log()
    area = walls.area[..., None] / storeys * (columns / step) * strength * is_window
    return walls.slant[..., None] - above * math.cos(incidence), area
