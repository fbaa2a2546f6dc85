"""Tracts of land with one direction each, and the blocks that divide them: fields in the open, streets in towns."""

import math
from typing import NamedTuple

import torch

from ..noise import Cells, smooth_noise, uniform, voronoi

_JITTER = 0.25  # share of their spacing by which the lines between blocks move
_WARP, _WARP_LENGTH = 35.0, 420.0  # metres: the borders of tracts, which roads follow, are gently curved


class Tracts(NamedTuple):
    """cells: the `Cells` of the tracts. azimuth: direction of their blocks' long sides, degrees clockwise from north
    [T]. x, y: metres right and down from the corner of the square [H, W].
    """

    cells: Cells
    azimuth: torch.Tensor
    x: torch.Tensor
    y: torch.Tensor


class Blocks(NamedTuple):
    """Blocks of all tracts: strips along the tract's direction, each cut across into blocks.

    u is counted across the tract's direction (to the right of it) and v along it, in metres from the tract's point.
    u: borders of the strips [T, K + 1]. v: borders of the blocks in each strip [T, K, K + 1]. spacing: of both, on
    average, [2, T].
    """

    u: torch.Tensor
    v: torch.Tensor
    spacing: torch.Tensor


def tracts(side: int, pixel_size: float, spacing: float, generator: torch.Generator) -> Tracts:
    """Return `Tracts` about `spacing` metres apart; neighbours have similar directions."""
    place = (torch.arange(side, device=generator.device) + 0.5) * pixel_size
    y, x = torch.meshgrid(place, place, indexing="ij")
    bent = [way + _WARP * smooth_noise(side, pixel_size, _WARP_LENGTH, generator) for way in (x, y)]
    extent = side * pixel_size
    cells = voronoi(*(way.clamp(-spacing / 2, extent + spacing / 2) for way in bent), extent, spacing, generator)
    count = cells.points.shape[1]
    spread = uniform(generator, 1, low=3.0, high=25.0)
    azimuth = uniform(generator, 1, high=180.0) + spread * torch.randn(count, generator=generator, device=x.device)
    return Tracts(cells, azimuth, x, y)


def axes(azimuth: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the unit vectors (right, down) of u and v, [2, ...] each, of tracts with that azimuth."""
    angle = torch.deg2rad(azimuth)
    return torch.stack((angle.cos(), angle.sin())), torch.stack((angle.sin(), -angle.cos()))


def blocks(land: Tracts, spacing: torch.Tensor, reach: float, generator: torch.Generator) -> Blocks:
    """Return the `Blocks` of `Tracts` with strips and blocks of `spacing` [2, T] metres, as far as `reach` metres."""
    count = 2 * math.ceil(reach / float(spacing.min()))
    line = torch.arange(count + 1, device=spacing.device) - count / 2
    total = spacing.shape[1]
    u = line + uniform(generator, total, count + 1, low=-_JITTER, high=_JITTER)
    v = line + uniform(generator, total, count, count + 1, low=-_JITTER, high=_JITTER)
    return Blocks(u * spacing[0, :, None], v * spacing[1, :, None, None], spacing)


def block_at(land: Tracts, divided: Blocks) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return (block, u border, v border), all [H, W]: number of each place's block, and metres to its borders.

    Blocks are numbered (tract · K + strip) · K + part; the u border is the nearer long side.
    """
    tract = land.cells.index
    offset = torch.stack((land.x, land.y)) - land.cells.points[:, tract]
    across, along = axes(land.azimuth)
    u, v = ((offset * axis[:, tract]).sum(0) for axis in (across, along))
    count = divided.u.shape[1] - 1
    strip, u_border = _between(u, divided.u.flatten(), tract * (count + 1), divided.spacing[0, tract], count)
    row = tract * count + strip
    part, v_border = _between(v, divided.v.flatten(), row * (count + 1), divided.spacing[1, tract], count)
    return row * count + part, u_border, v_border


def _between(position, lines, first, spacing, count):
    """Between which of the jittered lines, those from index `first` on, a position lies; metres to the nearer one."""
    nearest = (position / spacing + count / 2).round().clamp(0, count).long()
    strip = (nearest - (position < lines[first + nearest]).long()).clamp(0, count - 1)
    low, high = lines[first + strip], lines[first + strip + 1]
    return strip, torch.minimum(position - low, high - position)
