"""Terrain: fractal heights that running water has carved, the sea or the lakes in it, and a river."""

import math
from typing import NamedTuple

import torch

from ....contract.landscapes import Landscape
from ..noise import fractal_noise, spline, uniform
from .erosion import eroded, fill_pits, main_stream
from .polylines import meandering, nearest_on_polyline, smoothed

_NODES, _RIM = 128, 8
_WIDEST = 12_800.0
"""The large shapes are made on `_NODES` × `_NODES` nodes that, without a rim, cover at least `_WIDEST` metres: a small
square too lies in a valley of true size."""

_LONGEST = 5500.0  # metres, wavelength of the largest hills


class Terrain(NamedTuple):
    """height: metres [H, W], of the water's surface where there is water. is_water: bool [H, W]."""

    height: torch.Tensor
    is_water: torch.Tensor


def terrain(side: int, pixel_size: float, landscape: Landscape, generator: torch.Generator) -> Terrain:
    """Return the `Terrain` of a square of `side` cells of `pixel_size` metres in a `Landscape`.

    Lakes and the sea flood the share of the square that the landscape says; their surface is at 0 m.
    """
    extent = side * pixel_size
    spacing = max(_WIDEST, 1.1 * extent) / (_NODES - 2 * _RIM)
    nodes = landscape.relief * fractal_noise(_NODES, spacing, _LONGEST, generator, gain=0.55)
    nodes += landscape.tilt * spacing * torch.arange(_NODES, device=nodes.device)
    nodes = fill_pits(torch.rot90(nodes, _draw(generator, 4)))
    for _ in range(landscape.erosion):
        nodes = eroded(nodes)
    stream = main_stream(fill_pits(nodes), _RIM, generator) if landscape.river else None
    corner = _corner(extent / spacing, stream, generator)
    height = spline(nodes, side, pixel_size / spacing, corner)
    height += _detail(height, pixel_size, landscape.relief, spacing, generator)
    is_water = torch.zeros_like(height, dtype=torch.bool)
    if landscape.water:
        height -= _quantile(height, landscape.water)
        is_water = height < 0
        height = height.clamp_min(0)
    if stream is None:
        return Terrain(height, is_water)
    points = (stream[:2] - torch.tensor(corner, device=nodes.device)[:, None]) * spacing
    return _with_river(height, is_water, points, stream[2], landscape.river, pixel_size, generator)


def _draw(generator, count):
    return int(torch.randint(count, (1,), generator=generator, device=generator.device))


def _corner(size, stream, generator):
    """Where on the nodes the square begins, (x, y); with a stream, so that this runs through its middle third."""
    highest = _NODES - _RIM - size - 1
    if stream is None:
        return tuple(uniform(generator, 2, low=_RIM, high=highest).tolist())
    inner = ((stream[:2] > _RIM) & (stream[:2] < _NODES - _RIM)).all(0).nonzero()[:, 0]
    place = stream[:2, inner[_draw(generator, len(inner))]] - size * uniform(generator, 2, low=0.35, high=0.65)
    return tuple(place.clamp(_RIM, highest).tolist())


def _detail(height, pixel_size, relief, spacing, generator):
    """Shapes too small for the nodes: the fractal goes on, weaker where the ground is level."""
    longest = 2 * spacing
    amplitude = relief * longest / _LONGEST
    down, right = torch.gradient(height, spacing=pixel_size)
    steepness = (torch.hypot(down, right) / 0.35).clamp(0.12, 1.3)
    return amplitude * steepness * fractal_noise(len(height), pixel_size, longest, generator)


def _quantile(values, share):
    sample = values[::4, ::4].flatten()
    return sample.kthvalue(max(1, math.ceil(share * len(sample)))).values


def _with_river(height, is_water, points, level, width, pixel_size, generator):
    """Lay a river of `width` metres along points [2, P] (metres) at `level` [P], in a valley that it has levelled."""
    course = torch.nn.functional.interpolate(
        torch.cat((points, level[None]))[None], scale_factor=8, mode="linear", align_corners=True
    )[0]
    course = smoothed(course, 17)
    course = torch.cat((meandering(course[:2], 14 * width + 120, 2 * width + 15, generator), course[2:]))
    half = max(width / 2, 0.6 * pixel_size)
    valley = 5 * half + 25
    distance, along = nearest_on_polyline(course[:2], len(height), pixel_size, valley)
    surface = course[2][along.round().long()]
    half = half * (1 + 0.15 * torch.sin(along / 9) + 0.1 * torch.sin(along / 4.1))
    rise = ((distance - half) / (valley - half)).clamp(0, 1)
    carved = torch.lerp(surface, height, rise * rise * (3 - 2 * rise))
    is_river = (distance < half) & ~is_water
    return Terrain(torch.where(is_water, height, carved), is_water | is_river)
