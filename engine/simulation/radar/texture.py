"""How the backscatter of one cover varies from place to place, beside what the angle explains."""

import math

import torch

from ..scenery import Scenery
from ..surfaces.surface import Cover, Surface
from .reflectivity import BRIGHT, Reflectivity

_PATCH, _GRAIN, _CLUTTER = 150.0, 6.0, 2.0  # metres
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

_PARCEL_SPREAD = 2.5  # dB, from field to field


def texture(surface: Surface, scenery: Scenery, reflectivity: Reflectivity = BRIGHT) -> torch.Tensor:
    """Return what to multiply the backscatter of a `Surface` with, float32 [H, W], of mean about 1.

    A log-normal texture under the speckle, as in the product model of clutter (Ward 1981; there with a gamma texture,
    which gives the K distribution). Walls share the factor of their building.
    """
    device, shape, pixel_size = surface.cover.device, surface.cover.shape, surface.pixel_size
    scene, patches, grain = torch.tensor([(0, 0, 0), *_SPREAD.values()], device=device).T
    scene = scene * torch.randn(len(scene), generator=scenery.generator("covers", device), device=device)
    scene[Cover.ROOF] += reflectivity.roof
    scene[Cover.PAVED] += reflectivity.paved
    cover = surface.cover.int()
    decibels = scene[cover]
    decibels += patches[cover] * _noise("patches", shape, pixel_size, _PATCH, scenery, device)
    decibels += grain[cover] * _noise("grain", shape, pixel_size, _GRAIN, scenery, device)
    if reflectivity.clutter:
        decibels += reflectivity.clutter * _noise("clutter", shape, pixel_size, _CLUTTER, scenery, device)
    for name, number, keys, spread in (
        ("buildings", surface.building, surface.building_key, reflectivity.building_spread),
        ("parcels", surface.parcel, surface.parcel_key, _PARCEL_SPREAD),
    ):
        factors = scenery.normal_each(name, keys) * spread
        factors[0] = 0
        decibels += factors[number]
    return (decibels * (math.log(10) / 10)).exp_()


def _noise(name, shape, pixel_size, scale, scenery, device):
    """Gaussian noise [H, W] that changes over `scale` metres, of unit variance; less if a pixel averages over more."""
    if pixel_size >= scale:
        return scenery.white_noise(name, shape, device) * (scale / pixel_size)
    return scenery.smooth_noise(name, shape, pixel_size, scale, device)
