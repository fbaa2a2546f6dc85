"""An optical image of a surface: its colours under the sun, seen through the air by a camera."""

import math
from typing import Optional

import torch
import torch.nn.functional as F

from ....contract.geometry_jobs import OpticalView
from ....contract.optical_presets import OpticalPreset
from ...geometry.grid_positions import between
from ..noise import uniform
from ..scenery import Scenery
from ..surfaces.surface import Surface
from .albedo import ground_colour, wall_colours
from .optical_view import cast_shadow, optical_view

_SKY_LIGHT = (0.16, 0.19, 0.25)  # share of the light on level ground that comes from the sky: red, green, blue
_AIR_LIGHT = (0.008, 0.014, 0.026)  # reflectance that clear air adds (Rayleigh scattering: the more, the bluer)
_HAZE = (0.4, 2.0)  # how many times that, from scene to scene
_WALL_SLOPE = 3.0  # rise over run; steeper is no roof or ground but a wall
_AIR_MASS = 5000.0  # metres over which haze changes
_WALL_SKY = 0.5  # share of the sky that a wall sees


def optical_image(
    surface: Surface,
    preset: OpticalPreset,
    view: OpticalView,
    generator: torch.Generator,
    scenery: Optional[Scenery] = None,
) -> torch.Tensor:
    """Return the reflectance [bands, h, w], 0 to 1, that an `OpticalPreset`'s camera measures of a `Surface`.

    view: `OpticalView` with a sun. A surface finer than the preset's pixels (a whole number of times) is averaged, its
    size being a multiple of that number; else ValueError. See `optical_view` for the geometry. The camera's noise is
    drawn from the generator (on the surface's device), colours and haze from a `Scenery`, by default of its own.
    """
    factor = round(preset.pixel_size / surface.pixel_size)
    if factor < 1 or abs(factor * surface.pixel_size - preset.pixel_size) > 1e-6 * preset.pixel_size:
        raise ValueError(f"pixels of {preset.pixel_size} m cannot be made of cells of {surface.pixel_size} m")
    if any(size % factor for size in surface.height.shape):
        raise ValueError(f"{tuple(surface.height.shape)} cells do not divide into pixels of {factor} cells")
    scenery = scenery or Scenery.drawn(generator)
    seen = _scene(surface, view, scenery)
    seen = torch.einsum(
        "bc,chw->bhw", torch.tensor(preset.bands, device=seen.device), _through_air(seen, surface.pixel_size, scenery)
    )
    seen = _sampled(_blurred(seen, factor * _blur(preset.mtf)), factor)
    return _noisy(seen, preset.noise, generator).clamp(0, 1)


def _scene(surface, view, scenery):
    """What the camera looks at, before air and optics, [3, H, W]."""
    ground = ground_colour(surface, scenery) * _light(surface, view)
    walls = wall_colours(surface, scenery) * _light_on_walls(surface, view)
    position, facade = optical_view(surface, view)
    return torch.where(facade > 0, walls[:, facade], between(ground, *position))


def _light(surface, view):
    """Light on each cell over that on level ground in the sun, [3, H, W]."""
    right, down = _slope(surface.height, 1, surface.pixel_size), _slope(surface.height, 0, surface.pixel_size)
    azimuth, elevation = math.radians(view.sun_azimuth), math.radians(view.sun_elevation)
    towards_sun = -right * math.sin(azimuth) + down * math.cos(azimuth)
    upright = (1 + right.square() + down.square()).rsqrt()
    direct = (towards_sun / math.tan(elevation) + 1).clamp_min(0) * upright * (1 - cast_shadow(surface, view))
    return _mixed(direct, (1 + upright) / 2)


def _light_on_walls(surface, view):
    """Light on the wall of each building that the camera faces most, [3, B + 1]; others cast no shade on it."""
    turns = ((view.azimuth - surface.wall_azimuth) / 90).round()
    facing_sun = torch.deg2rad(view.sun_azimuth - surface.wall_azimuth - 90 * turns).cos()
    direct = facing_sun.clamp_min(0) / math.tan(math.radians(view.sun_elevation))
    return _mixed(direct, torch.full_like(direct, _WALL_SKY))


def _mixed(direct, sky):
    share = torch.tensor(_SKY_LIGHT, device=direct.device).reshape(3, *[1] * direct.dim())
    return (1 - share) * direct.clamp_max(2.5) + share * sky


def _slope(height, dim, pixel_size):
    """Rise over run, [H, W], of the flatter of both sides, so that a wall tilts neither roof nor ground beside it.

    A cell between two walls is level.
    """
    slope = height.diff(dim=dim) / pixel_size
    edge = torch.full_like(height.narrow(dim, 0, 1), torch.inf)
    before, after = torch.cat((edge, slope), dim), torch.cat((slope, edge), dim)
    flatter = torch.where(before.abs() < after.abs(), before, after)
    return torch.where(flatter.abs() < _WALL_SLOPE, flatter, 0)


def _through_air(seen, pixel_size, scenery):
    haze = uniform(scenery.generator("haze", seen.device), 1, low=_HAZE[0], high=_HAZE[1])
    patches = scenery.smooth_noise("air", seen.shape[1:], pixel_size, _AIR_MASS, seen.device)
    air = torch.tensor(_AIR_LIGHT, device=seen.device)[:, None, None] * haze * (1 + 0.12 * patches)
    return seen * (1 - 2 * air) + air


def _blur(mtf):
    """Standard deviation in pixels of the Gaussian that leaves a contrast of `mtf` at the Nyquist frequency."""
    return math.sqrt(-math.log(mtf) * 2) / math.pi


def _blurred(image, deviation):
    reach = math.ceil(3 * deviation + 0.5)
    edges = torch.arange(-reach, reach + 2, device=image.device) - 0.5
    kernel = torch.erf(edges / (deviation * math.sqrt(2))).diff()  # cells are squares of even brightness, not points
    kernel = (kernel / kernel.sum())[None, None, None].expand(len(image), -1, -1, -1)
    for weights, padding in ((kernel, (reach, reach, 0, 0)), (kernel.transpose(2, 3), (0, 0, reach, reach))):
        image = F.conv2d(F.pad(image[None], padding, mode="replicate"), weights, groups=len(image))[0]
    return image


def _sampled(image, factor):
    """The middle of every `factor` × `factor` cells: the blur holds the area of the detector already."""
    first, size = (factor - 1) // 2, 2 - factor % 2
    return F.avg_pool2d(image[None, :, first:, first:], size, factor)[0]


def _noisy(image, deviation, generator):
    """Photon noise, whose variance grows with the light, and noise of the electronics, half each at 0.2."""
    variance = deviation**2 * (0.5 + 0.5 * image / 0.2)
    return image + variance.sqrt() * torch.randn(image.shape, generator=generator, device=image.device)
