"""What the lines of a surface send back: slopes and façades, corners and windows of walls, single bright scatterers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ...geometry.grid_positions import nearest
from ..line_of_sight import Lines
from ..surfaces.surface import LOWEST_WALL, Surface
from .backscatter import FACADE, gamma_nought
from .reflectivity import BRIGHT, Reflectivity
from .slant_range import RadarGrid
from .walls import Walls, corners, windows

_CROSS_POLARISED = 0.2
"""How much of what single bright scatterers (trihedral corners) return is cross-polarised: our choice."""

_YARD = 24.0
"""Metres from buildings within which the ground counts as yards and streets, with what people leave there."""

_STRETCH, _WALLS_TOLD_APART = 4.0, 64
"""Metres of wall before whose foot the same thing stands, and how many walls of one line differ in that."""


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


def on_lines(
    surface: Surface, texture: torch.Tensor, lines: Lines, look_azimuth: float, canopy: float = 1.0
) -> SurfaceLines:
    """Return a `Surface` and its `texture` [H, W] on `Lines`, as `SurfaceLines`.

    Roofs and ground do not mix, so that walls stay upright.
    """
    built = (surface.building > 0).float()
    above = surface.height - surface.terrain
    ground, roof, share, other, factor = lines.to_lines(
        torch.stack((surface.terrain, above * built, built, above * (canopy * (1 - built)), texture))
    )
    cover = lines.to_lines(surface.cover[None], nearest)[0]
    building = lines.to_lines(surface.building[None], nearest)[0]
    above = torch.where(building > 0, roof / share.clamp_min(1e-3), other / (1 - share).clamp_min(1e-3))
    turn = surface.wall_azimuth - look_azimuth
    misalignment = ((turn + 45) % 90 - 45)[building]
    return SurfaceLines(ground, ground + above, cover, building, factor, misalignment, surface.pixel_size)


def echoes(
    lines: SurfaceLines,
    incidence: float,
    band: str,
    polarisations: Sequence[str],
    wind_speed: float,
    grid: RadarGrid,
    generator: torch.Generator,
    reflectivity: Reflectivity = BRIGHT,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return slant ranges `start`, `end` [L, S] and cross-sections [C, L, S] (m²) of all that the radar sees.

    lines: `SurfaceLines`; incidence: radians; grid: the `RadarGrid`, for slant ranges. The pieces S of a line are its
    samples, each a slope between two borders, the walls that stand upright on borders, and the single echoes of walls.
    """
    edge = _edges(lines)
    place = torch.arange(edge.shape[1], device=edge.device).add(1).div(2, rounding_mode="floor")
    slant = grid.slant_range(place, edge)
    look_height = edge * math.sin(incidence) + place * (lines.step * math.cos(incidence))
    horizon = look_height.cummax(1).values
    start, visible = _visible_part(slant, look_height, horizon)
    walls = _walls(lines, edge, slant, look_height, horizon, incidence)
    points = _points(lines, walls, visible[:, ::2] > 0, reflectivity, generator)
    window_slant, window_area = windows(walls, incidence, lines.step, generator)
    angle, wall_angle = _incidence(lines, edge, incidence), _wall_incidence(lines.misalignment[:, 1:], incidence)
    facade, from_windows = torch.full_like(lines.cover[:, 1:], FACADE), reflectivity.windows
    wall_texture = lines.texture[:, 1:] * _linear(reflectivity.facade)

    area = torch.empty((len(polarisations), *visible.shape), device=edge.device)
    glints = torch.empty((len(polarisations), *window_area.shape), device=edge.device)
    for index, name in enumerate(polarisations):
        from_ground = gamma_nought(lines.cover, angle, band, name, wind_speed) * lines.texture
        from_wall = gamma_nought(facade, wall_angle, band, name, wind_speed) * wall_texture
        area[index, :, ::2] = visible[:, ::2] * from_ground * lines.step
        area[index, :, ::2] += points * (1.0 if name[0] == name[1] else _CROSS_POLARISED)
        area[index, :, 1::2] = visible[:, 1::2] * from_wall * (lines.step * (1 - from_windows))
        strength = from_wall.gather(1, walls.position) * from_windows
        glints[index] = window_area * strength[..., None]
    foot = corners(walls, polarisations, reflectivity.corner, reflectivity.corner_width)
    foot *= lines.texture[:, 1:].gather(1, walls.position) * _unhidden(lines, walls, reflectivity, generator)
    single = torch.cat((walls.slant, window_slant.flatten(1)), 1)
    return (
        torch.cat((start, single), 1),
        torch.cat((slant[:, 1:], single), 1),
        torch.cat((area, foot, glints.flatten(2)), 2),
    )


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


def _visible_part(slant, look_height, horizon):
    """Return the slant range where the visible part of each piece starts, and how high it is, [L, S - 1] each.

    Visible is the part of a piece above the horizon of all that comes before it; it reaches up to the piece's far end.
    look_height, horizon: across the line of sight, of the ends of pieces; the horizon counts each end itself.
    """
    visible = horizon.diff(dim=1)
    share = visible / look_height.diff(dim=1).clamp_min(1e-6)
    return torch.lerp(slant[:, 1:], slant[:, :-1], share.clamp_max_(1)), visible


def _walls(lines, edge, slant, look_height, horizon, incidence):
    """Return the `Walls` of all lines that face the sensor."""
    rise = (edge[:, 2::2] - edge[:, 1:-1:2]) * (lines.building[:, 1:] > 0)
    rise = torch.where(rise > LOWEST_WALL, rise, 0)
    height, position = rise.topk(int((rise > 0).sum(1).max()), 1, sorted=False)
    foot = 2 * position + 1
    return Walls(
        position,
        height,
        height * (math.sin(incidence) * lines.step),
        slant.gather(1, foot),
        look_height.gather(1, foot),
        horizon.gather(1, foot),
        lines.misalignment[:, 1:].gather(1, position),
    )


def _incidence(lines, edge, incidence):
    """Return the angle, radians [L, N], between the line of sight and the normal of each sample.

    The slope along a line is the sample's own, so that a wall does not tilt the ground before it; across, the ground's.
    """
    along = (edge[:, 1::2] - edge[:, ::2]) / lines.step
    across = torch.gradient(lines.ground, spacing=lines.step, dim=0)[0]
    facing = (along * math.sin(incidence) + math.cos(incidence)) / (1 + along**2 + across**2).sqrt()
    return facing.clamp_(0, 1).acos_()


def _wall_incidence(misalignment, incidence):
    """Return the angle, radians, between the line of sight and the normal of walls, from degrees off the look."""
    return (misalignment.deg2rad().cos() * math.sin(incidence)).acos_()


def _unhidden(lines, walls, reflectivity, generator):
    """Return by what the corners [L, W] differ from stretch to stretch of the walls, of median 1."""
    if not reflectivity.corner_spread:
        return 1.0
    device = lines.building.device
    building = lines.building[:, 1:].gather(1, walls.position)
    stretch = torch.arange(len(building), device=device)[:, None] * lines.step // _STRETCH
    shape = int(stretch[-1]) + 1, _WALLS_TOLD_APART
    factor = _linear(torch.randn(shape, generator=generator, device=device) * reflectivity.corner_spread)
    return factor[stretch.long(), building % _WALLS_TOLD_APART]


def _points(lines, walls, is_lit, reflectivity, generator):
    """Return cross-sections [L, N] (m²) of the trihedral corners on roofs, along the edges above walls and in yards."""
    is_edge = torch.zeros_like(lines.height).scatter_(1, walls.position + 1, (walls.height > 0).float())
    is_roof = lines.building > 0
    rate = (
        torch.where(is_roof, reflectivity.roof_points, reflectivity.yard_points * _near_buildings(lines))
        * lines.step**2
    )
    rate += reflectivity.edge_points * lines.step * is_edge
    count = torch.poisson(rate * is_lit, generator=generator)
    decibels = torch.randn(count.shape, generator=generator, device=count.device) * reflectivity.point_spread
    decibels += torch.where(is_roof, reflectivity.point, reflectivity.yard_point)
    return count * _linear(decibels)


def _near_buildings(lines):
    """Return whether samples [L, N] are yards and streets between buildings, 1.0 or 0.0, to `_YARD` / 2."""
    count = max(round(_YARD / 2 / lines.step), 1)
    coarse = F.max_pool2d((lines.building > 0)[None].float(), count, ceil_mode=True)
    coarse = F.max_pool2d(coarse, 5, 1, 2)[0]
    row, col = (torch.arange(size, device=coarse.device) // count for size in lines.building.shape)
    return coarse[row[:, None], col]


def _linear(decibels):
    return 10 ** (decibels / 10) if isinstance(decibels, float) else (decibels * (math.log(10) / 10)).exp_()
