"""A whole scene: what a radar and a camera see of one surface, on one map, with everything that is known about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import torch
import torch.nn.functional as F

from ...contract.geometry_jobs import OpticalView, SarDistortionsJob
from ...contract.optical_presets import OpticalPreset
from ..geometry.grid_positions import between, nearest
from ..geometry.range_lines import zones
from ..rasters.radiometry import to_db
from .camera.optical_image import optical_image
from .line_of_sight import Lines
from .radar.sar_image import SarImage, sar_image
from .radar.sar_presets import SarPreset
from .radar.slant_range import RadarGrid
from .scenery import Scenery
from .surfaces.surface import Surface

FAINTEST = 1e-6
"""Intensity that counts as the lowest in decibels, -60 dB: speckle draws some below it, far under any radar's noise."""

_FORESHORTENED_BELOW = 1 - SarDistortionsJob.foreshortening / 100  # as the algorithm does by default


@dataclass(frozen=True)
class Scene:
    """Images of a `Surface`, aligned: what `simulate` returns.

    sar_image: in radar geometry. sar: sigma nought in dB on the map, float32 [C, h, w]. optical: reflectance, 0 to 1,
    [bands, h, w]. Both have pixels of `pixel_size` metres, a whole number of the surface's cells.
    """

    surface: Surface
    sar_image: SarImage
    sar: torch.Tensor
    optical: torch.Tensor
    pixel_size: float


def simulate(
    surface: Surface,
    sar_preset: SarPreset,
    sar_view: tuple[float, float],
    polarisations: Sequence[str],
    optical_preset: OpticalPreset,
    optical_view: OpticalView,
    generator: torch.Generator,
    scenery: Optional[Scenery] = None,
) -> Scene:
    """Return the `Scene` of a `Surface`: one acquisition by a `SarPreset`'s radar, one by an `OpticalPreset`'s camera.

    sar_view: (look azimuth, incidence) in degrees. The pixels are the camera's. The SAR image is terrain-corrected with
    the bare ground's heights, as products are: what stands on it is displaced towards the radar. `Scenery`: for a block
    of a larger scene, what it shares with the others.
    """
    scenery = scenery or Scenery.drawn(generator)
    taken = sar_image(surface, sar_preset, *sar_view, polarisations, generator, scenery)
    seen = optical_image(surface, optical_preset, optical_view, generator, scenery)
    factor = surface.height.shape[0] // seen.shape[1]
    sar = on_map(taken.intensity, taken.grid, surface.terrain, factor)
    return Scene(surface, taken, to_db(sar, FAINTEST), seen, factor * surface.pixel_size)


def on_map(image: torch.Tensor, grid: RadarGrid, height: torch.Tensor, factor: int = 1) -> torch.Tensor:
    """Return an image [C, A, R] of a `RadarGrid` where ground at `height` [H, W] appears in it, [C, H/f, W/f].

    Each pixel of `factor` × `factor` cells is sampled once, in its middle: its speckle is that of the image.
    """
    line, bin_ = F.avg_pool2d(grid.positions(height)[None], factor)[0]
    return between(image, bin_, line)


def distortion_zones(surface: Surface, look_azimuth: float, incidence: float) -> torch.Tensor:
    """Return the zone mask of a `Surface`, uint8 [H, W] (bits of `range_lines`); angles in degrees."""
    lines = Lines(look_azimuth, surface.height.shape, surface.height.device)
    angle = torch.deg2rad(torch.tensor(float(incidence), device=surface.height.device))
    height = lines.to_lines(surface.height[None], nearest)[0]
    mask = zones(height, angle, surface.pixel_size, _FORESHORTENED_BELOW)
    return lines.to_map(mask[None], nearest)[0]
