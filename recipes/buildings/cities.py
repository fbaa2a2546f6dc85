"""Simulated cities as X-band radars see them, from villages to towers, with every building known."""

from functools import partial
from pathlib import Path

import torch
from torch import Generator

from ...engine.simulation.cities import URBAN, building_at, sar_on_map
from ...engine.simulation.patches import MARGIN
from ...engine.simulation.radar.sar_presets import Sampling, SarPreset
from ...engine.simulation.surfaces.surface import Surface
from ...engine.simulation.surfaces.world import world
from ...engine.training.variation import between
from .places import PIXEL, Place, kept_place

SIDE = 512
"""Pixels of a city."""

DOWN_THE_COLUMNS = 180.0
"""Look azimuth, degrees: the radar stands north of the city and looks south."""

CELL = 0.5
"""Metres of a cell of the surface."""

_KNOWN = 0.6
"""Share of the images that are known to lie where the ground is."""

_LANDSCAPES = (*URBAN, *URBAN, "plain", "hills")


def cities(work: Path, count: int, first: int = 0) -> list[Place]:
    """Return so many cities, the seeds of which begin at `first`; the folder `work` keeps them."""
    return [
        kept_place(work / "cities" / f"{seed:05}.safetensors", partial(simulated_city, seed))
        for seed in range(first, first + count)
    ]


def simulated_city(seed: int) -> Place:
    """Return the city of a seed: landscape, radar, angle and polarisation follow from it."""
    generator = Generator().manual_seed(seed)
    landscape = _LANDSCAPES[int(torch.randint(len(_LANDSCAPES), (), generator=generator))]
    surface = world(round((SIDE + 2 * MARGIN) * PIXEL / CELL), CELL, seed, landscape)
    return seen_from_the_north(surface, f"city {seed} ({landscape})", generator)


def seen_from_the_north(surface: Surface, name: str, generator: Generator) -> Place:
    """Return a surface with cells of `CELL` metres as a radar that is drawn sees it, without the `MARGIN` around it.

    Most images lie where the ground is, as those whose origin is known. The others were laid onto heights that
    nobody knows, and nobody is told where the radar looks.
    """
    preset = drawn_radar(generator)
    incidence = between(*preset.incidence, generator)
    is_known = bool(torch.rand((), generator=generator) < _KNOWN)
    view, cells, inner = (DOWN_THE_COLUMNS, incidence), round(PIXEL / CELL), slice(MARGIN, -MARGIN)
    decibels = sar_on_map(
        surface, preset, view, preset.polarisations, cells, generator, above=0.0 if is_known else None
    )
    labels = building_at(surface, cells)[None, inner, inner]
    return Place(
        name=f"{name}, {preset.range.resolution:.1f} m, {incidence:.0f}°",
        pixel=PIXEL,
        image=10 ** (decibels[:, inner, inner] / 10),
        labels=labels,
        valid=torch.ones_like(labels, dtype=torch.bool),
        incidence=incidence,
        look_known=is_known,
        is_rendering=False,
    )


def drawn_radar(generator: Generator) -> SarPreset:
    """Return an X-band radar as there are, or may be: 0.5 to 2.5 m, one look or several, HH or VV."""
    across = 0.5 * 5 ** between(0, 1, generator)
    along = across * 2 ** between(-0.7, 0.7, generator)
    hamming = between(0.6, 1.0, generator)
    range_, azimuth = (Sampling(each, 0.7 * each, hamming) for each in (across, along))
    return SarPreset(
        band="X",
        range=range_,
        azimuth=azimuth,
        detected=True,
        looks=2 ** between(0, 2, generator),
        noise_floor=between(-30, -16, generator),
        calibration=0.3,
        incidence=(20, 60),
        polarisations=("HH",) if torch.rand((), generator=generator) < 0.5 else ("VV",),
    )
