"""What simulated radars would measure without speckle: the power of invented places in radar geometry, in files."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ...engine.simulation.cities import URBAN
from ...engine.simulation.radar.sar_image import sar_image
from ...engine.simulation.radar.sar_presets import (
    SENTINEL1_IW_GRD,
    SENTINEL1_IW_SLC,
    TERRASARX_SPOTLIGHT,
    TERRASARX_STRIPMAP,
    XBAND_METRE,
    SarPreset,
)
from ...engine.simulation.surfaces.world import world
from ...engine.training.variation import between, one_of
from ..kept import Kept, kept


class Radar(NamedTuple):
    """A product as cards call it, and the world that it is shown.

    `cells` a side of `cell` metres each; `urban`: share of towns among the places.
    """

    title: str
    preset: SarPreset
    cells: int
    cell: float
    urban: float


RADARS = {
    "sentinel1_slc": Radar("Sentinel-1 IW SLC", SENTINEL1_IW_SLC, 900, 5.0, 0.3),
    "stripmap": Radar("TerraSAR-X stripmap", TERRASARX_STRIPMAP, 700, 1.3, 0.5),
    "spotlight": Radar("TerraSAR-X spotlight", TERRASARX_SPOTLIGHT, 700, 0.65, 0.6),
    "sentinel1_grd": Radar("Sentinel-1 IW GRD", SENTINEL1_IW_GRD, 700, 5.0, 0.3),
    "metre": Radar("X band of one metre", XBAND_METRE, 700, 0.65, 0.6),
}

_RIM = 24
"""Lines and bins along the edges whose echoes come from beyond the world in part."""


def reflectivities(work: Path, name: str, count: int, first: int = 0) -> list[Tensor]:
    """Return the linear power [A, R] of so many places, whose seeds begin at `first`; the folder `work` keeps them."""
    return [_kept_place(work, name, seed) for seed in range(first, first + count)]


def _kept_place(work: Path, name: str, seed: int) -> Tensor:
    def made() -> Kept:
        return Kept({"decibels": (10 * _power(RADARS[name], seed).log10()).half()})

    decibels = kept(work / "reflectivities" / name / f"{seed:05}.safetensors", made).tensors["decibels"]
    return 10 ** (decibels.float() / 10)


def _power(radar: Radar, seed: int) -> Tensor:
    """Return the power of one place: landscape, look, angle and polarisation follow from the seed."""
    generator = Generator().manual_seed(seed)
    is_urban = float(torch.rand((), generator=generator)) < radar.urban
    landscape = one_of(URBAN, generator) if is_urban else None
    surface = world(radar.cells, radar.cell, seed, landscape)
    look, incidence = between(0, 360, generator), between(*radar.preset.incidence, generator)
    polarisation = one_of(radar.preset.polarisations, generator)
    taken = sar_image(surface, radar.preset, look, incidence, (polarisation,), generator)
    return taken.power[0, _RIM:-_RIM, _RIM:-_RIM]
