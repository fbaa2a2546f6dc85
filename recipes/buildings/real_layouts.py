"""Simulated radar images of real towns: the official footprints of real tiles under heights and trees that are drawn.

How houses stand along streets is real; how a radar sees them, and where it stands, is simulated, so that buildings lie
exactly where the labels say and lean to the side that is told.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import rasterio.features
import torch
from rasterio.transform import from_origin
from scipy import ndimage
from torch import Generator

from ...engine.inference.mirroring import mirrored
from ...engine.simulation.noise import smooth_noise, uniform
from ...engine.simulation.patches import MARGIN
from ...engine.simulation.surfaces.from_layers import surface_from_footprints
from ...engine.simulation.surfaces.surface import Cover, Surface
from ...engine.training.variation import between
from .cities import CELL, seen_from_the_north
from .places import PIXEL, Place, kept_place

SIDE = 384
"""Pixels of a simulated town."""

_LEAST_BUILT = 0.05
"""Share of a tile that is built where it is worth simulating."""

_SMALLEST, _LARGE = 12.0, 500.0
"""m²: what is smaller is no building; what is larger is a hall or a block, whose heights differ more."""

_HOUSES, _LARGE_ONES, _DIFFERENCE = (5.0, 11.0), (5.0, 24.0), 1.5
"""Heights of eaves in metres: of the houses of a tile on average, of large buildings, and a standard deviation."""

_STEEPEST, _RISE = 1.0, 5.0
"""Slope of the steepest roofs, and metres that a roof rises above its eaves at most. Half of all houses are gabled."""

_PAVED, _TREES, _CROWNS = -0.25, 1.2, (4.0, 12.0)
"""Standard deviations of noise below which ground is paved, and above which trees stand; heights of these in metres."""


def towns(work: Path, tiles: Sequence[Place], count: int) -> list[Place]:
    """Return `count` towns for each real tile that is built up enough; the folder `work` keeps them."""
    return [
        kept_place(
            work / "towns" / f"{Path(tile.name).name}_{number:02}.safetensors", partial(simulated_town, tile, number)
        )
        for tile in tiles
        if (tile.labels[tile.valid] > 0).float().mean() > _LEAST_BUILT
        for number in range(count)
    ]


def simulated_town(tile: Place, number: int) -> Place:
    """Return a simulated image of a real tile, turned at random: what is drawn follows from its name and a number."""
    generator = Generator().manual_seed(zlib.crc32(f"{tile.name} {number}".encode()))
    built = _turned(tile, generator)
    return seen_from_the_north(_surface(built, generator), f"{tile.name} simulated {number}", generator)


def _turned(tile: Place, generator: Generator) -> np.ndarray:
    """Return where buildings stand, bool, on cells: the tile turned about its middle, and mirrored at its edges."""
    known = tile.valid[0].numpy()
    built = mirrored((tile.labels > 0).float().numpy(), known)[0]
    side = round((SIDE + 2 * MARGIN) * PIXEL / CELL)
    angle = math.radians(between(0, 360, generator))
    turn = CELL / tile.pixel * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.array([np.mean(np.nonzero(each)) for each in (known.any(1), known.any(0))])
    first = middle - turn @ np.full(2, (side - 1) / 2)
    return ndimage.affine_transform(built, turn, first, (side, side), order=1, mode="mirror") > 0.5


def _surface(built: np.ndarray, generator: Generator) -> Surface:
    """Return level ground with buildings where they are `built` [n, n], and lawns, yards and trees between them."""
    side = len(built)
    buildings = _buildings(built)
    area = np.bincount(buildings.ravel(), minlength=1) * CELL**2
    eaves = _eaves(area, generator)
    transform = from_origin(0, side * CELL, CELL, CELL)
    shapes = rasterio.features.shapes(buildings, buildings > 0, transform=transform)
    rings, numbers = zip(*(([np.array(each) for each in shape["coordinates"]], int(value)) for shape, value in shapes))
    ground = np.zeros((side, side), np.float32)
    surface = surface_from_footprints(ground, transform, CELL, rings, eaves[list(numbers)], is_plain=True)
    from_wall = torch.from_numpy(ndimage.distance_transform_edt(~built).astype(np.float32)) * CELL
    cover, crowns = _open_ground(from_wall, generator)
    is_open = surface.building == 0
    roofs = torch.from_numpy(_roofs(buildings, area, generator))
    return replace(
        surface,
        height=surface.height + torch.where(is_open, crowns, roofs),
        cover=torch.where(is_open, cover, surface.cover),
    )


def _buildings(built: np.ndarray) -> np.ndarray:
    """Return the number of the building on each cell, int32, without what is too small for one."""
    numbers, _ = ndimage.label(built)
    size = np.bincount(numbers.ravel()) * CELL**2
    return np.where(size[numbers] >= _SMALLEST, numbers, 0).astype(np.int32)


def _eaves(area: np.ndarray, generator: Generator) -> np.ndarray:
    """Return heights of eaves in metres for buildings of some area in m²."""
    usual, count = between(*_HOUSES, generator), len(area)
    houses = usual + _DIFFERENCE * torch.randn(count, generator=generator)
    others = uniform(generator, count, low=_LARGE_ONES[0], high=_LARGE_ONES[1])
    return np.where(area > _LARGE, others.numpy(), houses.clamp_min(2.5).numpy())


def _roofs(buildings: np.ndarray, area: np.ndarray, generator: Generator) -> np.ndarray:
    """Return how far roofs rise above the eaves, metres, float32: from all walls towards the middle, or not at all."""
    slope = uniform(generator, len(area), low=-_STEEPEST, high=_STEEPEST).clamp_min(0).numpy()
    slope[area > _LARGE] = 0
    from_wall = ndimage.distance_transform_edt(buildings > 0) * CELL
    return np.minimum(from_wall * slope[buildings], _RISE).astype(np.float32)


def _open_ground(from_wall: torch.Tensor, generator: Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (covers, uint8; heights of tree crowns in metres) for cells at a distance from the next wall in metres."""
    side = len(from_wall)
    patches, crowns = (smooth_noise(side, CELL, length, generator) for length in (40.0, 7.0))
    cover = torch.where(patches < _PAVED, int(Cover.PAVED), int(Cover.GRASS))
    bound = _TREES + 0.8 * smooth_noise(side, CELL, 80.0, generator)
    is_tree = (crowns > bound) & (from_wall > 2)
    height = between(*_CROWNS, generator) * (crowns - bound).clamp(0, 1).sqrt()
    return torch.where(is_tree, int(Cover.FOREST), cover).to(torch.uint8), torch.where(is_tree, height, 0)
