"""How the backscatter of one cover varies from place to place, beside what the angle explains."""

import math

import torch
import torch.nn.functional as F

from .surface import Cover

_PATCH, _GRAIN = 150.0, 6.0  # metres
_SPREAD = {
    Cover.WATER: (0.0, 0.3, 0.0),
    Cover.BARE: (1.5, 0.7, 0.5),
    Cover.GRASS: (1.0, 0.5, 0.5),
    Cover.CROP: (1.5, 0.8, 0.7),
    Cover.FOREST: (0.7, 0.4, 2.0),
    Cover.ROAD: (1.0, 0.7, 0.7),
    Cover.PAVED: (1.0, 1.0, 3.0),
    Cover.ROOF: (0.5, 0.5, 1.5),
}
"""Standard deviations in dB, our choice: of the whole cover from scene to scene, of patches of `_PATCH` metres, and of
the grain of `_GRAIN` metres (tree crowns, parked cars), which a coarser image averages out."""

_BUILDING_SPREAD, _PARCEL_SPREAD = 3.0, 2.5  # dB, from building to building and from field to field


def texture(surface, generator):
    """Return what to multiply the backscatter of a `Surface` with, float32 [H, W], of mean about 1.

    A log-normal texture under the speckle, as in the product model of clutter (Ward 1981; there with a gamma texture,
    which gives the K distribution). Walls share the factor of their building.
    """
    device, shape, pixel_size = surface.cover.device, surface.cover.shape, surface.pixel_size
    scene, patches, grain = torch.tensor([(0, 0, 0), *_SPREAD.values()], device=device).T
    scene = scene * torch.randn(len(scene), generator=generator, device=device)
    cover = surface.cover.int()
    decibels = scene[cover]
    decibels += patches[cover] * _noise(shape, pixel_size, _PATCH, generator, device)
    decibels += grain[cover] * _noise(shape, pixel_size, _GRAIN, generator, device)
    for number, count, spread in (
        (surface.building, len(surface.wall_azimuth), _BUILDING_SPREAD),
        (surface.parcel, len(surface.row_azimuth), _PARCEL_SPREAD),
    ):
        factors = torch.randn(count, generator=generator, device=device) * spread
        factors[0] = 0
        decibels += factors[number]
    return (decibels * (math.log(10) / 10)).exp_()


def _noise(shape, pixel_size, scale, generator, device):
    """Gaussian noise [H, W] that changes over `scale` metres, of unit variance; less if a pixel averages over more."""
    if pixel_size >= scale:
        return torch.randn(shape, generator=generator, device=device) * (scale / pixel_size)
    coarse = [math.ceil(side * pixel_size / scale) + 2 for side in shape]
    noise = torch.randn((1, 1, *coarse), generator=generator, device=device)
    fine = F.interpolate(noise, scale_factor=scale / pixel_size, mode="bicubic", align_corners=False)
    return fine[0, 0, : shape[0], : shape[1]] / 0.857  # the deviation that bicubic interpolation leaves
