"""What the lines of a surface send back: extended surfaces, the corners under walls, single bright scatterers."""

import math
from dataclasses import dataclass

import torch

from .backscatter import FACADE, gamma_nought

_LOWEST_WALL = 1.5
"""Metres by which a building must rise above what is before it, from sample to sample, to show a wall."""

_CORNER_GAIN = {"HH": 13.0, "VV": 10.0, "HV": 0.0, "VH": 0.0}
_CORNER_FLOOR = -14.0
_CORNER_WIDTH = 5.0
"""Double bounce between ground and wall, our choice: cross-section per area of the wall across the line of sight in dB,
seen straight on; dB below that at any other angle; and the standard deviation, in degrees, of the fall from one to the
other with the angle between the wall's normal and the look direction (Thiele et al. 2007). HH exceeds VV, since the
ground reflects V less. All double reflections arrive from the wall's foot (Franceschetti, Iodice and Riccio 2002)."""

_POINTS_PER_AREA = 0.004
_POINT_STRENGTH = 15.0  # m²
_POINTS_PER_EDGE = 0.05
_CROSS_POLARISED = 0.2
"""Trihedral corners, our choice: how many on a square metre of roof and a metre of roof edge, the mean of their
exponentially distributed cross-sections, and how much of it comes back cross-polarised."""


@dataclass(frozen=True)
class SurfaceLines:
    """A `Surface` on range lines [L, N], `step` metres from sample to sample and line to line.

    ground, height (m), cover, building: as there. texture: factor of the backscatter. misalignment: degrees from the
    look direction to the nearest wall normal of the building there, -45 to 45.
    """

    ground: torch.Tensor
    height: torch.Tensor
    cover: torch.Tensor
    building: torch.Tensor
    texture: torch.Tensor
    misalignment: torch.Tensor
    step: float


def on_lines(surface, texture, lines, look_azimuth):
    """Return a `Surface` and its `texture` [H, W] on `Lines`, as `SurfaceLines`.

    Roofs and ground do not mix, so that walls stay upright.
    """
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

    lines: `SurfaceLines`; incidence: radians; grid: the `RadarGrid`, for slant ranges. The pieces S of a line are its
    samples, each a slope between two borders, the walls that stand upright on borders, and the corners at their feet.
    """
    edge = _edges(lines)
    place = torch.arange(edge.shape[1], device=edge.device).add(1).div(2, rounding_mode="floor")
    slant = grid.slant_range(place, edge)
    sine, cosine = math.sin(incidence), math.cos(incidence)
    start, visible = _visible_part(slant, edge * sine + place * (lines.step * cosine))
    is_lit = visible > 0
    wall = (edge[:, 2::2] - edge[:, 1:-1:2]) * (lines.building[:, 1:] > 0)
    wall = torch.where(wall > _LOWEST_WALL, wall, 0) * sine * lines.step
    area = torch.empty((len(polarisations), *visible.shape), device=edge.device)
    points = _points(lines, wall, is_lit[:, ::2], generator)
    slope = (edge[:, 1::2] - edge[:, ::2]) / lines.step
    angle, wall_angle = _incidence(lines, slope, incidence), _wall_incidence(lines, incidence)
    for index, polarisation in enumerate(polarisations):
        gamma = gamma_nought(lines.cover, angle, band, polarisation, wind_speed)
        area[index, :, ::2] = visible[:, ::2] * gamma * lines.texture * lines.step
        area[index, :, ::2] += points * (1.0 if polarisation[0] == polarisation[1] else _CROSS_POLARISED)
        facade = gamma_nought(torch.full_like(lines.cover[:, 1:], FACADE), wall_angle, band, polarisation, wind_speed)
        area[index, :, 1::2] = visible[:, 1::2] * facade * lines.texture[:, 1:] * lines.step
    # A foot is lit if the sample before it is seen up to its far border, from where the wall rises.
    corners = _corners(lines, polarisations, wall * is_lit[:, :-1:2])
    foot = slant[:, 1:-1:2]
    return torch.cat((start, foot), 1), torch.cat((slant[:, 1:], foot), 1), torch.cat((area, corners), 2)


def _edges(lines):
    """Return the heights [L, 2 N] of the near and far border of each sample, in turn.

    Neighbours meet halfway, except where one building, or none, ends and another begins: there both keep their height,
    and an upright piece between the two borders joins them.
    """
    before, after = lines.height[:, :-1], lines.height[:, 1:]
    is_joined = lines.building[:, :-1] == lines.building[:, 1:]
    middle = (before + after) / 2
    far = torch.cat((torch.where(is_joined, middle, before), lines.height[:, -1:]), 1)
    near = torch.cat((lines.height[:, :1], torch.where(is_joined, middle, after)), 1)
    return torch.stack((near, far), 2).flatten(1)


def _visible_part(slant, look_height):
    """Return the slant range where the visible part of each piece starts, and how high it is, [L, S - 1] each.

    Visible is the part of a piece above the horizon of all that comes before it; it reaches up to the piece's far end.
    look_height: as in `Sight`, and so is the horizon: the largest of those before.
    """
    horizon = look_height.cummax(1).values[:, :-1]
    visible = (look_height[:, 1:] - horizon).clamp_min_(0)
    share = visible / look_height.diff(dim=1).clamp_min(1e-6)
    return torch.lerp(slant[:, 1:], slant[:, :-1], share.clamp_max_(1)), visible


def _incidence(lines, slope, incidence):
    """Return the angle, radians [L, N], between the line of sight and the normal of each sample.

    The slope along a line is the sample's own, so that a wall does not tilt the ground before it; across, the ground's.
    """
    across = torch.gradient(lines.ground, spacing=lines.step, dim=0)[0]
    facing = (slope * math.sin(incidence) + math.cos(incidence)) / (1 + slope**2 + across**2).sqrt()
    return facing.clamp_(0, 1).acos_()


def _wall_incidence(lines, incidence):
    """Return the angle, radians [L, N - 1], between the line of sight and the normal of the wall of each building."""
    return (lines.misalignment[:, 1:].deg2rad().cos() * math.sin(incidence)).acos_()


def _corners(lines, polarisations, wall):
    """Return cross-sections [C, L, N - 1] (m²) of the dihedrals that walls form with the ground before them.

    wall: area of each wall across the line of sight, m² [L, N - 1]; 0 where there is none.
    """
    floor = 10 ** (_CORNER_FLOOR / 10)
    direction = floor + (1 - floor) * (-0.5 * (lines.misalignment[:, 1:] / _CORNER_WIDTH) ** 2).exp()
    gain = 10 ** (torch.tensor([_CORNER_GAIN[name] for name in polarisations], device=wall.device) / 10)
    return gain[:, None, None] * (wall * direction)


def _points(lines, wall, is_lit, generator):
    """Return cross-sections [L, N] (m²) of the trihedral corners on roofs and along the edges above walls."""
    is_edge = torch.nn.functional.pad(wall > 0, (1, 0))
    rate = _POINTS_PER_AREA * lines.step**2 * (lines.building > 0) + _POINTS_PER_EDGE * lines.step * is_edge
    count = torch.poisson(rate * is_lit, generator=generator)
    strength = -torch.rand(count.shape, generator=generator, device=count.device).clamp_min(1e-6).log()
    return count * strength * _POINT_STRENGTH
