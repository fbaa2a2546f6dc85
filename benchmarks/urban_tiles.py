"""Real SpaceNet 6 tiles, and simulated ones that are rendered alike."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from ..engine.rasters.radiometry import to_db
from ..engine.simulation.radar.sar_image import sar_image
from ..engine.simulation.radar.sar_presets import XBAND_HALF_METRE
from ..engine.simulation.surfaces.world import world
from ..recipes.buildings.sn6_figures import figures

CELL = 0.5  # metres
MULTILOOK = 2  # cells on the side of the window that intensities are averaged over
INCIDENCE = 53.0, 57.0  # degrees, of the airborne radar (Shermeyer et al. 2020), which flew east and west
ABOVE_GROUND = 3.0, 10.0
"""Metres between the ground and the heights that the real tiles were projected with: houses lie nearly in place."""

MARGIN = 64  # cells around a simulated tile, where echoes from beyond the border are missing
LANDSCAPES = "terraces", "old_town", "terraces", "estate", "harbour", "suburb"
FORMER_LANDSCAPES = "city", "suburb"
_CUT = 2  # pixels along the edge of what is known that figures blend with their background
UNAVERAGED = "motokimura"
"""Source whose tiles were made smaller by taking every third pixel, as their speckle shows; others were averaged."""


@dataclass(frozen=True)
class Tile:
    """An image [h, w] of zero mean and unit deviation over its `valid` pixels; `building`, `valid`: bool [h, w].

    source: tiles of one source stay together when a classifier is cross-validated. pixel: metres.
    """

    name: str
    source: str
    pixel: float
    image: np.ndarray
    building: np.ndarray
    valid: np.ndarray


def standardised_tiles(data):
    """Return the real `Tile`s of the folder of training sets, each cut to its valid part."""
    tiles = []
    for figure in figures(data):
        valid = ndimage.binary_erosion(figure.known, iterations=_CUT)
        box = ndimage.find_objects(valid.astype(int))[0]
        image, building, valid = figure.grey[box].astype(float), figure.built[box], valid[box]
        tiles.append(Tile(figure.name, figure.source, figure.pixel, _standardised(image, valid), building, valid))
    return tiles


def simulated_tile(real, seed, landscapes=LANDSCAPES, reflectivity=None):
    """Return a simulated `Tile` with the pixels and the valid part of a real one.

    0.5 m pixels averaged over a window, in decibels, resampled, 8 bit: what the published rendering did.
    """
    side = max(real.image.shape)
    cells = round(side * real.pixel / CELL) + 2 * MARGIN
    surface = world(cells, CELL, seed, landscapes[seed % len(landscapes)])
    look, incidence = 180.0 * (seed % 2), float(np.interp(seed % 7, (0, 6), INCIDENCE))
    above = float(np.interp(seed * 5 % 9, (0, 8), ABOVE_GROUND))
    generator = torch.Generator().manual_seed(seed)
    taken = sar_image(surface, XBAND_HALF_METRE, look, incidence, ["HH"], generator, reflectivity=reflectivity)
    power = taken.grid.to_map(taken.intensity, surface.terrain + above)[None]
    decibels = to_db(F.avg_pool2d(power, MULTILOOK, 1), 1e-6)
    image, built = (
        _resized(part[..., MARGIN:-MARGIN, MARGIN:-MARGIN], side, way)[: len(real.image), : real.image.shape[1]]
        for part, way in (
            (decibels, "nearest" if real.source.startswith(UNAVERAGED) else "area"),
            ((surface.building[None, None] > 0).float(), "area"),
        )
    )
    low, high = np.quantile(image, (0.0005, 0.9995))
    eight_bit = np.clip((image - low) / (high - low) * 255, 0, 255).round()
    name = f"{landscapes[seed % len(landscapes)]} {seed}"
    return Tile(name, real.source, real.pixel, _standardised(eight_bit, real.valid), built > 0.5, real.valid)


def _resized(image, side, way):
    return F.interpolate(image, (side, side), mode=way)[0, 0].double().numpy()


def _standardised(image, valid):
    return np.where(valid, (image - image[valid].mean()) / image[valid].std(), 0)
