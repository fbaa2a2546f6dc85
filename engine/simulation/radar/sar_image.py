"""The image that a radar takes of a surface, in radar geometry and on the map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import torch

from ..line_of_sight import Lines
from ..noise import uniform
from ..scenery import Scenery
from ..surfaces.surface import Surface
from .echoes import echoes, on_lines
from .reflectivity import BRIGHT, Reflectivity
from .sar_presets import SarPreset
from .slant_range import RadarGrid
from .speckle_noise import look_weights, speckle
from .texture import texture

WIND_SPEEDS = 1.0, 9.0
"""m/s; each image has one, which decides how bright water is: our choice."""


@dataclass(frozen=True)
class SarImage:
    """What the radar delivers of a `Surface`.

    looks: single-look complex images, complex64 [K, C, A, R] (independent looks, polarisations, lines, slant-range
    bins), calibrated: their mean square is sigma nought, linear, on the area of level ground. weights: of the looks in
    the mean, [K]. grid: the `RadarGrid` of A lines and R bins; at one incidence, bins are even in ground range too.
    power: the mean that speckle is drawn around before the sensor's band limits it, linear, [C, A, R].
    """

    looks: torch.Tensor
    weights: torch.Tensor
    grid: RadarGrid
    power: torch.Tensor

    @property
    def intensity(self) -> torch.Tensor:
        """Sigma nought, linear, float32 [C, A, R]: the mean of all looks, in radar geometry."""
        return torch.einsum("k,kcar->car", self.weights, self.looks.real**2 + self.looks.imag**2)


def sar_image(
    surface: Surface,
    preset: SarPreset,
    look_azimuth: float,
    incidence: float,
    polarisations: Sequence[str],
    generator: torch.Generator,
    scenery: Optional[Scenery] = None,
    reflectivity: Optional[Reflectivity] = None,
) -> SarImage:
    """Return the `SarImage` that a radar takes of a `Surface`.

    preset: `SarPreset`. look_azimuth: degrees clockwise from north (up on the map), from the sensor towards the ground.
    incidence: degrees, one for the whole image. polarisations: sequence of "HH", "HV", "VH", "VV"; co- and
    cross-polarised speckle are independent, as over any symmetric clutter, and so are, our choice, HH and VV.
    generator: `torch.Generator` on the surface's device, from which all that is random comes, but what a `Scenery`
    holds for all blocks of a scene: texture, wind and gain.

    Each segment of a range line returns gamma nought times its visible area across the line of sight, spread over the
    slant ranges that it takes: what is laid over adds up, what is in shadow returns nothing but the sensor's noise.
    Echoes from beyond the map are missing along its near and far edges.
    """
    angle = math.radians(incidence)
    lines = Lines(look_azimuth, surface.height.shape, surface.height.device)
    scenery = scenery or Scenery.drawn(generator)
    if reflectivity is None:
        drawn = scenery.generator("reflectivity", surface.height.device)
        reflectivity = Reflectivity.drawn(drawn) if preset.band == "X" else BRIGHT
    on_range = on_lines(surface, texture(surface, scenery, reflectivity), lines, look_azimuth, reflectivity.canopy)
    slant = preset.slant(angle)
    grid = RadarGrid.over(on_range.height, lines, surface.pixel_size, angle, preset.azimuth.spacing, slant.spacing)
    acquisition = scenery.generator("radar", surface.height.device)
    wind_speed = float(uniform(acquisition, 1, low=WIND_SPEEDS[0], high=WIND_SPEEDS[1]))
    start, end, area = echoes(on_range, angle, preset.band, polarisations, wind_speed, grid, generator, reflectivity)
    gain = torch.randn(len(polarisations), generator=acquisition, device=area.device) * preset.calibration
    power = (grid.project(start, end, area) + 10 ** ((preset.noise_floor + reflectivity.noise) / 10)) * 10 ** (
        gain[:, None, None] / 10
    )
    weights = look_weights(preset.looks).to(area.device)
    return SarImage(speckle(power, preset.azimuth, slant, preset.looks, generator), weights, grid, power)
