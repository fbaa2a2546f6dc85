"""What the lines of a surface send back: extended surfaces, the corners under walls, single bright scatterers."""

import math
from dataclasses import dataclass

import torch

from ..geometry.range_lines import Sight, sight
from .backscatter import FACADE, gamma_nought

_LOWEST_WALL = 1.5
"""Metres by which a building must rise above what is before it, from sample to sample, to show a wall."""

_CORNER_GAIN = {"HH": 13.0, "VV": 10.0, "HV": 0.0, "VH": 0.0}
_CORNER_FLOOR = -14.0
_CORNER_WIDTH = 5.0
"""Double bounce between ground and wall, our choice: cross-section per area of the wall across the line of sight in dB,
seen straight on; dB below that at any other angle; and the standard deviation, in degrees, of the fall from one to the
other with the angle between the wall's normal and the look direction. HH exceeds VV, since the ground reflects V less
(Franceschetti, Iodice and Riccio 2002, whose geometry this is: all double reflections arrive from the wall's foot; Thiele
et al. 2007 for its dependence on the wall's direction)."""

_POINTS_PER_AREA = 0.004
_POINT_STRENGTH = 15.0  # m²
_POINTS_PER_EDGE = 0.05
_CROSS_POLARISED = 0.2
"""Trihedral corners, our choice: how many on a square metre of roof and a metre of roof edge, the mean of their
exponentially distributed cross-sections, and how much of it comes back cross-polarised."""


@dataclass(frozen=True)
class SurfaceLines:
    """A `Surface` on range lines [L, N], `step` metres from sample to sample and line to line.

    ground, height (m), cover, building: as there. texture: factor of the backscatter. misalignment: degrees [L, N], from
    the look direction to the nearest wall normal of the building there, -45 to 45.
    """

    ground: torch.Tensor
    height: torch.Tensor
    cover: torch.Tensor
    building: torch.Tensor
    texture: torch.Tensor
    misalignment: torch.Tensor
    step: float


def on_lines(surface, texture, lines, look_azimuth):
    """Return a `Surface` and its `texture` [H, W] as `SurfaceLines`. Walls stay upright: roofs and ground do not mix."""
    built = (surface.building > 0).float()
    above = surface.height - surface.terrain
    ground, roof, share, other, factor = lines.to_lines(
        torch.stack((surface.terrain, above * built, built, above * (1 - built), texture))
    )
    cover = lines.to_lines(surface.cover[None], "nearest")[0]
    building = lines.to_lines(surface.building[None], "nearest")[0]
    above = torch.where(building > 0, roof / share.clamp_min(1e-3), other / (1 - share).clamp_min(1e-3))
    turn = surface.wall_azimuth - look_azimuth
    misalignment = ((turn + 45) % 90 - 45)[building]
    return SurfaceLines(ground, ground + above, cover, building, factor, misalignment, surface.pixel_size)


def echoes(lines, incidence, band, polarisations, wind_speed, grid, generator):
    """Return slant ranges `start`, `end` [L, S] and cross-sections [C, L, S] (m²) of all that the radar sees.

    lines: `SurfaceLines`; incidence: radians; grid: the `RadarGrid`, for slant ranges.
    """
    seen = sight(lines.height, torch.tensor(incidence, device=lines.height.device), lines.step)
    slant = grid.slant_range(lines.height)
    is_wall = _is_wall(lines)
    start, end, visible = _visible_part(slant, seen)
    surface = torch.stack(
        [
            gamma_nought(
                torch.where(is_wall, FACADE, lines.cover[:, 1:]),
                _segment_incidence(lines, incidence, is_wall),
                band,
                polarisation,
                wind_speed,
            )
            for polarisation in polarisations
        ]
    )
    surface *= visible * lines.texture[:, 1:] * lines.step
    foot = grid.slant_range(lines.height)[:, :-1] + math.sin(incidence) * lines.step / 2
    corners = _corners(lines, incidence, polarisations, is_wall, seen)
    points = _points(lines, polarisations, is_wall, visible > 0, generator)
    return (
        torch.cat((start, foot, slant[:, 1:]), 1),
        torch.cat((end, foot, slant[:, 1:]), 1),
        torch.cat((surface, corners, points), 2),
    )


def _visible_part(slant, seen: Sight):
    """Return the slant ranges [L, N - 1] between which each segment is seen, and its seen extent across the line of sight.

    The part of a segment above the horizon of all before it.
    """
    extent = seen.look_height.diff(dim=1)
    visible = (seen.look_height - seen.horizon)[:, 1:].clamp_min(0)
    share = torch.where(extent > 0, visible / extent.clamp_min(1e-9), 0).clamp_max(1)
    return torch.lerp(slant[:, 1:], slant[:, :-1], share), slant[:, 1:], visible


def _is_wall(lines):
    """Whether the segment before each sample but the first is a wall that faces the sensor, bool [L, N - 1]."""
    begins = (lines.building[:, 1:] > 0) & (lines.building[:, 1:] != lines.building[:, :-1])
    return begins & (lines.height.diff(dim=1) > _LOWEST_WALL)


def _segment_incidence(lines, incidence, is_wall):
    """Return the angle, radians [L, N - 1], between the line of sight and the normal of each segment (of walls: their own).

    The slope along a line is the segment's, so that a roof does not tilt the ground before it; the slope across is the
    ground's.
    """
    sine, cosine = math.sin(incidence), math.cos(incidence)
    along = lines.height.diff(dim=1) / lines.step
    across = torch.gradient(lines.ground[:, 1:], spacing=lines.step, dim=0)[0] if len(along) > 1 else 0
    facing = (along * sine + cosine) / (1 + along**2 + across**2).sqrt()
    wall = lines.misalignment[:, 1:].deg2rad().cos() * sine
    return torch.where(is_wall, wall, facing).clamp_(0, 1).acos_()


def _corners(lines, incidence, polarisations, is_wall, seen):
    """Return cross-sections [C, L, N - 1] (m²) of the dihedrals that walls form with the ground before them."""
    is_lit = (seen.look_height >= seen.horizon)[:, :-1]
    wall = lines.height.diff(dim=1).clamp_min(0) * math.sin(incidence) * lines.step * (is_wall & is_lit)
    floor = 10 ** (_CORNER_FLOOR / 10)
    direction = floor + (1 - floor) * (-0.5 * (lines.misalignment[:, 1:] / _CORNER_WIDTH) ** 2).exp()
    gain = 10 ** (torch.tensor([_CORNER_GAIN[name] for name in polarisations], device=wall.device) / 10)
    return gain[:, None, None] * (wall * direction)


def _points(lines, polarisations, is_wall, is_visible, generator):
    """Return cross-sections [C, L, N - 1] (m²) of corners on roofs, which thin out to none, and along roof edges."""
    is_roof = lines.building[:, 1:] > 0
    rate = (_POINTS_PER_AREA * lines.step**2 * is_roof + _POINTS_PER_EDGE * lines.step * is_wall) * is_visible
    count = torch.poisson(rate, generator=generator)
    strength = -torch.rand(count.shape, generator=generator, device=count.device).clamp_min(1e-6).log()
    share = [1.0 if name[0] == name[1] else _CROSS_POLARISED for name in polarisations]
    return torch.tensor(share, device=count.device)[:, None, None] * (count * strength * _POINT_STRENGTH)
