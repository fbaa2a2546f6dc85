"""Invented cities at the pixels of metre-class radars: SAR and optical images, and which building stands where."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Optional, Union

import torch
import torch.nn.functional as F

from ...contract.geometry_jobs import OpticalView
from ...contract.optical_presets import RGB_0M5
from ..rasters.radiometry import to_db
from .camera.optical_image import optical_image
from .noise import uniform
from .patches import MOST_OFF_NADIR, SUN_ELEVATIONS
from .radar.reflectivity import Reflectivity
from .radar.sar_image import sar_image
from .radar.sar_presets import SarPreset
from .scene import FAINTEST, on_map
from .scenery import Scenery
from .surfaces.surface import Surface
from .surfaces.world import world

URBAN = ("village", "suburb", "city", "terraces", "old_town", "estate", "harbour")
"""Landscapes that cities are drawn from."""

MARGIN = 64.0
"""Metres around a city that are simulated and cut off: echoes and shade from beyond the border are missing there."""

ABOVE_GROUND = 0.0, 8.0
"""Metres between the bare ground and the heights with which the SAR image is laid on the map, from city to city.

Elevation models with roofs in them, and alignment by eye to what is seen, put the roofs of houses in place instead of
their feet, as the bright fronts inside SpaceNet 6's footprints show."""

_COARSEST_CELL = 0.85  # metres; larger pixels are made of several cells, so that walls and yards leave their traces


class City(NamedTuple):
    """A city of [h, w] pixels of `pixel_size` metres, north up.

    sar: sigma nought in dB, float32 [C, h, w], of `polarisations`. building: int32 [h, w], number of the building that
    covers most of a pixel, from 1; 0 where less than half is built. optical: reflectance 0 to 1, [3, h, w], or None.
    look_azimuth: degrees clockwise from north, from the sensor towards the ground; incidence: degrees.
    """

    sar: torch.Tensor
    building: torch.Tensor
    optical: Optional[torch.Tensor]
    look_azimuth: float
    incidence: float
    polarisations: tuple[str, ...]
    pixel_size: float
    landscape: str


def city(
    seed: int,
    side: int,
    pixel_size: float,
    preset: SarPreset,
    polarisations: int = 1,
    landscapes: Sequence[str] = URBAN,
    with_optical: bool = False,
    reflectivity: Optional[Reflectivity] = None,
    device: Union[str, torch.device] = "cpu",
    above: Optional[float] = None,
) -> City:
    """Return the `City` that `seed` draws: `side` × `side` pixels of `pixel_size` metres (0.5 to 5).

    Drawn are the landscape, the look, the incidence (within the preset's), which of its polarisations are imaged and,
    unless given, the `Reflectivity` and how many metres `above` the bare ground the image is laid on the map.
    """
    generator = torch.Generator(device).manual_seed(seed)
    landscape = landscapes[int(torch.randint(len(landscapes), (), generator=generator, device=device))]
    factor = math.ceil(pixel_size / _COARSEST_CELL)
    margin = math.ceil(MARGIN / pixel_size)
    surface = world((side + 2 * margin) * factor, pixel_size / factor, seed, landscape, device)
    look = 90.0 * int(torch.randint(4, (), generator=generator, device=device))  # streets run everywhere anyway
    incidence = float(uniform(generator, 1, low=preset.incidence[0], high=preset.incidence[1]))
    order = torch.randperm(len(preset.polarisations), generator=generator, device=device)[:polarisations]
    names = tuple(preset.polarisations[i] for i in order)
    scenery = Scenery.drawn(generator)
    sar = sar_on_map(surface, preset, (look, incidence), names, factor, generator, scenery, reflectivity, above)
    optical = _seen_from_above(surface, pixel_size, generator, scenery) if with_optical else None
    inner = slice(margin, margin + side)
    sar, building, optical = (
        part if part is None else part[..., inner, inner] for part in (sar, building_at(surface, factor), optical)
    )
    return City(sar, building, optical, look, incidence, names, pixel_size, landscape)


def sar_on_map(
    surface: Surface,
    preset: SarPreset,
    sar_view: tuple[float, float],
    polarisations: Sequence[str],
    factor: int,
    generator: torch.Generator,
    scenery: Optional[Scenery] = None,
    reflectivity: Optional[Reflectivity] = None,
    above: Optional[float] = None,
) -> torch.Tensor:
    """Return sigma nought in dB [C, H / factor, W / factor] of a `Surface` as a product of unknown processing has it.

    The map's heights are `above` metres over the terrain, or `ABOVE_GROUND` by chance; pixels either average the
    intensities of their cells or take the one in their middle. sar_view, polarisations, reflectivity: see `sar_image`.
    """
    taken = sar_image(surface, preset, *sar_view, polarisations, generator, scenery, reflectivity)
    share, choice = uniform(generator, 2).tolist()
    if above is None:
        above = ABOVE_GROUND[0] + share * (ABOVE_GROUND[1] - ABOVE_GROUND[0])
    height = surface.terrain + above
    if choice < 0.5:
        return to_db(on_map(taken.intensity, taken.grid, height, factor), FAINTEST)
    return to_db(F.avg_pool2d(on_map(taken.intensity, taken.grid, height), factor), FAINTEST)


def building_at(surface: Surface, factor: int) -> torch.Tensor:
    """Return the number of the building on each pixel of `factor` × `factor` cells, int32; 0 where under half built."""
    number = surface.building.float()[None]  # exact to 2 ** 24
    share = F.avg_pool2d((number > 0).float(), factor)
    return (F.max_pool2d(number, factor) * (share >= 0.5))[0].int()


def _seen_from_above(surface, pixel_size, generator, scenery):
    view_azimuth, sun_azimuth, off_nadir, sun = uniform(generator, 4).tolist()
    lowest, highest = SUN_ELEVATIONS
    view = OpticalView(
        360 * view_azimuth, MOST_OFF_NADIR * off_nadir, 360 * sun_azimuth, lowest + sun * (highest - lowest)
    )
    return optical_image(surface, replace(RGB_0M5, pixel_size=pixel_size), view, generator, scenery)
