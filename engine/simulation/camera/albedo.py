"""Colours of the ground and the buildings: reflectance in red, green and blue.

Values are our choice, of the size that Sentinel-2 measures; each scene has a season and a taste in roofs of its own.
"""

import math

import torch

from ..noise import uniform
from ..scenery import Scenery
from ..surfaces.surface import Cover, Surface

_LUSH = {
    Cover.WATER: (0.018, 0.032, 0.040),
    Cover.BARE: (0.175, 0.135, 0.100),
    Cover.GRASS: (0.065, 0.100, 0.045),
    Cover.CROP: (0.060, 0.095, 0.040),
    Cover.FOREST: (0.030, 0.052, 0.026),
    Cover.ROAD: (0.105, 0.105, 0.105),
    Cover.PAVED: (0.165, 0.160, 0.150),
    Cover.ROOF: (0.150, 0.150, 0.150),  # its hues come from _ROOFS
}
_DRY = _LUSH | {
    Cover.WATER: (0.050, 0.068, 0.060),  # turbid
    Cover.BARE: (0.260, 0.205, 0.150),
    Cover.GRASS: (0.175, 0.150, 0.095),
    Cover.CROP: (0.120, 0.120, 0.065),
    Cover.FOREST: (0.062, 0.068, 0.040),
    Cover.ROAD: (0.215, 0.210, 0.200),  # concrete
}
_RIPE, _TILLED = (0.235, 0.185, 0.100), (0.130, 0.095, 0.068)  # what single fields are on the way to
_ROOFS = (
    (0.210, 0.115, 0.080),  # tiles
    (0.130, 0.095, 0.078),
    (0.080, 0.082, 0.088),  # slate
    (0.175, 0.175, 0.172),  # concrete
    (0.240, 0.230, 0.210),  # gravel
    (0.360, 0.355, 0.345),  # sheet metal
    (0.230, 0.255, 0.275),
)
_WALLS = ((0.30, 0.28, 0.25), (0.20, 0.17, 0.15), (0.36, 0.35, 0.33), (0.16, 0.16, 0.17))

_SCALES = (170.0, 18.0, 1.6)  # metres
_TEXTURE = {
    Cover.WATER: (0.10, 0.02, 0.02),
    Cover.BARE: (0.16, 0.10, 0.08),
    Cover.GRASS: (0.14, 0.11, 0.07),
    Cover.CROP: (0.06, 0.05, 0.05),
    Cover.FOREST: (0.14, 0.10, 0.10),
    Cover.ROAD: (0.08, 0.05, 0.04),
    Cover.PAVED: (0.10, 0.15, 0.08),
    Cover.ROOF: (0.00, 0.04, 0.06),
}
"""Standard deviations of the logarithm, at each of `_SCALES`."""

_ROWS = {Cover.CROP: 0.10, Cover.BARE: 0.06, Cover.GRASS: 0.03}  # of the logarithm, from row to row
_ROW_WIDTH = (1.2, 4.0)  # metres


def ground_colour(surface: Surface, scenery: Scenery) -> torch.Tensor:
    """Return the reflectance of a `Surface` seen from above, float32 [3, H, W], in a `Scenery`."""
    device, cover = surface.cover.device, surface.cover.long()
    dryness = uniform(scenery.generator("season", device), 1).clamp(0.1, 0.9)
    lush, dry = (torch.tensor([(0, 0, 0), *palette.values()], device=device) for palette in (_LUSH, _DRY))
    colour = torch.lerp(lush, dry, dryness)[cover]
    is_field = (cover == Cover.CROP)[..., None]
    colour = torch.where(is_field, _fields(surface, colour, dryness, scenery), colour)
    colour = torch.where(
        (cover == Cover.ROOF)[..., None], _each(_ROOFS, "roofs", surface, scenery)[surface.building], colour
    )
    logarithm = _rows(surface, scenery)
    spread = torch.tensor([(0, 0, 0), *_TEXTURE.values()], device=device)
    for index, scale in enumerate(_SCALES):
        size = surface.pixel_size, max(scale, surface.pixel_size)
        noise = scenery.smooth_noise(f"colour {scale}", cover.shape, *size, device)
        weaker = min(1.0, scale / surface.pixel_size)  # a pixel averages over what is smaller
        logarithm += weaker * spread[:, index][cover] * noise
    return (colour * logarithm.exp()[..., None]).permute(2, 0, 1)


def wall_colours(surface: Surface, scenery: Scenery) -> torch.Tensor:
    """Return the reflectance of the walls of each building of a `Surface`, float32 [3, B + 1], in a `Scenery`."""
    return _each(_WALLS, "walls", surface, scenery).T


def _each(palette, name, surface, scenery):
    """A colour from the palette for each building, [B + 1, 3]; a scene prefers some."""
    keys = surface.building_key
    taste = uniform(scenery.generator(name, keys.device), len(palette), low=0.05) ** 2
    shares = taste.cumsum(0) / taste.sum()
    chosen = torch.searchsorted(shares, scenery.uniform_each(name, keys)).clamp_max(len(palette) - 1)
    brightness = torch.exp(0.18 * scenery.normal_each(f"shade of {name}", keys))[:, None]
    return torch.tensor(palette, device=taste.device)[chosen] * brightness


def _fields(surface, green, dryness, scenery):
    """Each field is somewhere between green, ripe and tilled, [H, W, 3]."""
    names = ("ripe", "tilled", "fresh")
    ripe, tilled, brightness = (scenery.uniform_each(name, surface.parcel_key)[:, None] for name in names)
    ripe = ((ripe - 1 + 0.4 + 0.5 * dryness) * 4).clamp(0, 1)
    tilled = (tilled > 0.82).float() * 0.9
    target = torch.lerp(*(torch.tensor(colour, device=ripe.device) for colour in (_RIPE, _TILLED)), tilled)
    share = torch.maximum(ripe, tilled)[surface.parcel]
    return torch.lerp(green, target[surface.parcel], share) * (0.8 + 0.4 * brightness[surface.parcel])


def _rows(surface, scenery):
    """The logarithm of the brightness from plough row to plough row, [H, W]."""
    device, pixel_size = surface.cover.device, surface.pixel_size
    width = torch.lerp(*torch.tensor(_ROW_WIDTH, device=device), scenery.uniform_each("rows", surface.parcel_key))
    azimuth = torch.deg2rad(surface.row_azimuth)
    first_col, first_row = scenery.corner
    row = torch.arange(first_row, first_row + surface.cover.shape[0], device=device)[:, None]
    col = torch.arange(first_col, first_col + surface.cover.shape[1], device=device)
    right, down = azimuth.cos()[surface.parcel], azimuth.sin()[surface.parcel]
    across = (col * right + row * down) * (pixel_size / width.clamp_min(1.5 * pixel_size)[surface.parcel])
    brightness = torch.randn(4096, generator=scenery.generator("row", device), device=device)
    amplitude = torch.tensor([_ROWS.get(cover, 0.0) for cover in range(max(Cover) + 1)], device=device)
    weaker = min(1.0, math.sqrt(_ROW_WIDTH[1] / (1.5 * pixel_size)))
    return weaker * amplitude[surface.cover.long()] * brightness[across.floor().long() % 4096]
