"""Endless simulated training data: scenes of invented places, patches cut from them, and pairs for the matchers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Union

import torch
import torch.nn.functional as F

from ...contract.geometry_jobs import OpticalView
from ...contract.optical_presets import OpticalPreset
from .noise import uniform
from .radar.sar_presets import SarPreset
from .scene import distortion_zones, simulate
from .surfaces.surface import Surface
from .surfaces.world import world

MOST_OFF_NADIR = 10.0
"""Degrees: the edge of Sentinel-2's swath, and about what agile satellites are asked for."""

SUN_ELEVATIONS = 20.0, 70.0

MARGIN = 64
"""Pixels around a scene that are simulated and cut off: echoes and shade from beyond the border are missing there."""


class Patches(NamedTuple):
    """Aligned patches of simulated scenes, all [N, ., S, S] on the pixels of the images.

    sar: sigma nought in dB [N, C, S, S]; optical: reflectance 0 to 1 [N, bands, S, S]; terrain, height: metres
    [N, 1, S, S]; building: 0 to 1, share of each pixel under roofs [N, 1, S, S]; zones: uint8 bits [N, 1, S, S].
    """

    sar: torch.Tensor
    optical: torch.Tensor
    terrain: torch.Tensor
    height: torch.Tensor
    building: torch.Tensor
    zones: torch.Tensor


def scene_patches(
    seed: int,
    side: int,
    sar_preset: SarPreset,
    optical_preset: OpticalPreset,
    polarisations: int = 1,
    cells: int = 2,
    device: Union[str, torch.device] = "cpu",
) -> Iterator[Patches]:
    """Yield simulated places without end, each as `Patches` of one patch of `side` pixels.

    Landscape, look, incidence, sun, view and the order of the preset's polarisations, of which `polarisations` are
    imaged, are drawn from `seed` for each place. A pixel of the image is `cells` × `cells` cells of the world.
    """
    seeds = torch.Generator().manual_seed(seed)
    while True:
        # Of its own for each place: how much is drawn for one does not change those that follow.
        generator = torch.Generator(device).manual_seed(int(torch.randint(2**31, (), generator=seeds)))
        yield _place(generator, side, sar_preset, optical_preset, polarisations, cells)


def _place(generator, side, sar_preset, optical_preset, polarisations, cells):
    device = generator.device
    whole = side + 2 * MARGIN
    number = int(torch.randint(2**31, (), generator=generator, device=device))
    surface = world(whole * cells, optical_preset.pixel_size / cells, number, device=device)
    look, view_azimuth, sun_azimuth = (float(angle) for angle in uniform(generator, 3, high=360))
    incidence = float(uniform(generator, 1, low=sar_preset.incidence[0], high=sar_preset.incidence[1]))
    view = OpticalView(
        view_azimuth,
        float(uniform(generator, 1, high=MOST_OFF_NADIR)),
        sun_azimuth,
        float(uniform(generator, 1, low=SUN_ELEVATIONS[0], high=SUN_ELEVATIONS[1])),
    )
    order = torch.randperm(len(sar_preset.polarisations), generator=generator, device=device)[:polarisations]
    channels = tuple(sar_preset.polarisations[i] for i in order)
    return seen_place(surface, sar_preset, (look, incidence), channels, optical_preset, view, generator)


def seen_place(
    surface: Surface,
    sar_preset: SarPreset,
    sar_view: tuple[float, float],
    polarisations: Sequence[str],
    optical_preset: OpticalPreset,
    optical_view: OpticalView,
    generator: torch.Generator,
) -> Patches:
    """Return a `Surface`, seen as `scene.simulate` has it, as one patch without the `MARGIN` around it."""
    scene = simulate(surface, sar_preset, sar_view, polarisations, optical_preset, optical_view, generator)
    cells = round(scene.pixel_size / surface.pixel_size)
    ground = torch.stack((surface.terrain, surface.height, (surface.building > 0).float()))
    terrain, height, building = F.avg_pool2d(ground, cells).split(1)
    zones = distortion_zones(surface, *sar_view)[None, cells // 2 :: cells, cells // 2 :: cells]
    parts = (scene.sar, scene.optical, terrain, height, building, zones)
    inner = slice(MARGIN, -MARGIN)
    return Patches(*(part[None, :, inner, inner] for part in parts))


def patches(
    places: Iterator[Patches], side: int, batch: int, per_place: int, generator: torch.Generator
) -> Iterator[Patches]:
    """Yield batches of `batch` patches of `side` pixels, cut from a pool of `batch` places that is renewed in turn.

    places: what `scene_patches` yields. Each place gives about `per_place` patches, each turned by quarter turns and
    mirrored at random: `zones` keep their meaning, as the radar turns with them.
    """
    pool = [next(places) for _ in range(batch)]
    given = 0
    while True:
        drawn = [_cut(place, side, generator) for place in pool]
        yield Patches(*(torch.cat(part) for part in zip(*drawn)))
        given += batch
        while given >= per_place:
            given -= per_place
            pool = [*pool[1:], next(places)]


def _cut(place, side, generator):
    draw = [int(torch.randint(2**31, (), generator=generator, device=generator.device)) for _ in range(4)]
    height, width = place.sar.shape[-2:]
    top, left = draw[0] % (height - side + 1), draw[1] % (width - side + 1)
    parts = (part[..., top : top + side, left : left + side].rot90(draw[2] % 4, (-2, -1)) for part in place)
    return Patches(*(part.flip(-1) if draw[3] % 2 else part for part in parts))


def eight_bit(sar: torch.Tensor, optical: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (SAR in dB, reflectance), [bands, S, S] both, as uint8, as the published training sets render them.

    SAR: amplitude, each polarisation cut at its 99 % quantile; optical: all bands cut at theirs.
    """
    return torch.cat([stretched(band) for band in (10 ** (sar / 20)).split(1)]), stretched(optical)


def stretched(image: torch.Tensor) -> torch.Tensor:
    """Return an image of values above 0 as uint8, cut at its 99 % quantile, which is 255."""
    top = torch.quantile(image.flatten()[:: max(1, image.numel() // 100_000)], 0.99).clamp_min(1e-6)
    return (255 * image / top).clamp(0, 255).round().byte()
