"""Invented worlds: terrain, rivers and coasts, fields, woods, roads and settlements, all drawn from one seed."""

from typing import Optional, Union

import torch

from ....contract.landscapes import LANDSCAPES, Landscape
from .buildings import along_streets, drawn, on_free_ground
from .districts import OPEN_LAND, column, districts
from .land_cover import ground, slope_of, trees
from .surface import Cover, Surface
from .terrain import Terrain, terrain
from .tracts import block_at, blocks, tracts

_STEEPEST_BUILT = 0.22  # slope
_CLEAR_OF_AVENUES = 9.0  # metres from the border of a tract to the nearest building
_LOWEST_ROOF = 2.5  # metres above the ground at its side


def world(
    side: int, pixel_size: float, seed: int, landscape: Optional[str] = None, device: Union[str, torch.device] = "cpu"
) -> Surface:
    """Return the `Surface` of an invented place: `side` × `side` cells of `pixel_size` metres (0.5 to 30).

    landscape: a name from `LANDSCAPES`; None lets the seed choose. The same arguments give the same world on the same
    kind of device. Each cell is what lies under its centre: at 10 m, houses are single cells or fall between them. For
    mixed pixels, make the world finer and average the images.
    """
    generator = torch.Generator(device).manual_seed(seed)
    of_chance = [name for name, each in LANDSCAPES.items() if not each.districts]
    choice = int(torch.randint(len(of_chance), (1,), generator=generator, device=device))
    place = LANDSCAPES[landscape or of_chance[choice]]
    return covered_terrain(terrain(side, pixel_size, place, generator), pixel_size, place, generator)


def covered_terrain(shaped: Terrain, pixel_size: float, place: Landscape, generator: torch.Generator) -> Surface:
    """Return the `Surface` of a square `Terrain` that a landscape covers as it would an invented one."""
    side, device = len(shaped.height), shaped.height.device
    spacing = 180 + 1.9 * place.field[1]
    land = tracts(side, pixel_size, spacing, generator)
    kind = districts(land.cells.points, side * pixel_size, place, generator)
    divided = blocks(land, _block_sizes(kind, place, generator), 1.2 * spacing, generator)
    covered = ground(land, block_at(land, divided), kind, shaped, pixel_size, place, generator)
    is_free = (covered.cover != Cover.WATER) & (covered.cover != Cover.ROAD) & (covered.cover != Cover.FOREST)
    is_free &= (slope_of(shaped.height, pixel_size) < _STEEPEST_BUILT) & (land.cells.border > _CLEAR_OF_AVENUES)
    is_free &= kind[land.cells.index] != OPEN_LAND
    houses = on_free_ground(along_streets(land, divided, kind, generator), land, is_free, pixel_size)
    roofs, number = drawn(houses, shaped.height, pixel_size)
    is_roof = number > 0
    crowns = trees(land, covered.trees.masked_fill(is_roof, 0), pixel_size, generator)
    height = torch.where(is_roof, torch.maximum(roofs, shaped.height + _LOWEST_ROOF), shaped.height + crowns)
    cover = covered.cover.masked_fill(crowns > 0, Cover.FOREST).masked_fill(is_roof, Cover.ROOF)
    building, old = _renumbered(number)
    azimuths = torch.zeros(1 + max(houses.number.tolist(), default=0), device=device)
    azimuths[houses.number] = houses.azimuth
    # Fields are tended as one: woods, water and settlements are not parcels.
    is_parcel = (cover == Cover.CROP) | (cover == Cover.BARE) | (cover == Cover.GRASS) | (cover == Cover.PAVED)
    parcel, blocks_left = _renumbered(torch.where(is_parcel, covered.parcel + 1, 0))
    per_tract = (divided.u.shape[1] - 1) ** 2
    rows = land.azimuth[(blocks_left - 1).clamp_min(0) // per_tract]
    return Surface(pixel_size, shaped.height, height, cover, building, azimuths[old] % 360, parcel, rows % 180)


def _block_sizes(kind, landscape, generator):
    """Width and length of the blocks of each tract, metres [2, T]: the district's, or the landscape's fields."""
    sizes = column("block", kind.device)[kind]
    fields = torch.tensor(landscape.field, device=kind.device)
    sizes = torch.where((kind == OPEN_LAND)[:, None], fields, sizes)
    variation = torch.randn(sizes.shape, generator=generator, device=kind.device)
    return (sizes * torch.exp(0.12 * variation)).T


def _renumbered(number):
    """Return (numbers from 1 without gaps, int32 [H, W]; the old number of each new one, [N + 1])."""
    present = torch.zeros(int(number.max()) + 1, dtype=torch.bool, device=number.device)
    present[number.flatten()] = True
    present[0] = True
    old = present.nonzero()[:, 0]
    return (present.cumsum(0) - 1)[number].int(), old
