"""Simulated mountains, as a Sentinel-1 pass and Sentinel-2 see them: SAR in VV and VH, heights, colours and zones.

Relief of the San Gabriel Mountains (SRTM, 30 m) under invented woods, rock and fields, and wholly invented ranges. What
is learnt here is what relief does to radar images; colours are the simulator's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
import torch
from scipy import ndimage

from ...contract.geometry_jobs import OpticalView
from ...contract.landscapes import LANDSCAPES
from ...contract.optical_presets import SENTINEL_2
from ...engine.simulation.patches import MARGIN, MOST_OFF_NADIR, eight_bit, seen_place
from ...engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ...engine.simulation.surfaces.surface import Surface
from ...engine.simulation.surfaces.terrain import Terrain
from ...engine.simulation.surfaces.world import covered_terrain, world
from ...engine.training.pair import Pair
from ...engine.training.variation import between
from ..kept import Kept, kept

POLARISATIONS = ("VV", "VH")
SIDE = 384
"""Pixels of a place."""

_CELLS = 1  # along a pixel: what is finer than the relief is not the matter here
_PASSES = 80.0, 280.0  # look azimuths of ascending and descending passes, which look to the right
_SUN_ELEVATIONS, _SUN_AZIMUTHS = (30.0, 65.0), (130.0, 170.0)  # of morning passes north of the tropics

_VALLEYS = 0.0, 1000.0  # metres above the sea

_INVENTED = {"training": 12, "test": 4}
_TEST_COLUMNS = 3
"""Columns of places in the east of the real relief that are never trained on."""


@dataclass(frozen=True)
class Mountain:
    """A place: its `pair` with heights, and its distortion zones, uint8 [H, W] as the task `sar_distortions` has it."""

    pair: Pair
    zones: torch.Tensor


def mountains(data: Path, work: Path, part: str) -> list[Mountain]:
    """Return the places of a part, "training" or "test", which lie elsewhere; the folder `work` keeps them."""
    tensors, _ = kept(work / f"mountains_{part}.safetensors", lambda: Kept(dict(_made(data, part))))
    return [
        Mountain(Pair(name, *(tensors[f"{name} {key}"] for key in ("sar", "optical", "heights"))), zones)
        for name, zones in ((key[: -len(" zones")], each) for key, each in tensors.items() if key.endswith(" zones"))
    ]


def _made(data: Path, part: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the images of all places, by the name of the place and what they show."""
    for name, surface, generator in (*_real(data, part), *_invented(part)):
        pass_number = int(torch.randint(len(_PASSES), (), generator=generator))
        incidence = between(*SENTINEL1_IW_GRD.incidence, generator)
        ranges = (0, 360), (0, MOST_OFF_NADIR), _SUN_AZIMUTHS, _SUN_ELEVATIONS
        view = OpticalView(*(between(*each, generator) for each in ranges))
        seen = seen_place(
            surface, SENTINEL1_IW_GRD, (_PASSES[pass_number], incidence), POLARISATIONS, SENTINEL_2, view, generator
        )
        sar, optical = eight_bit(seen.sar[0], seen.optical[0])
        # As a DEM has it: what lies in a pixel, and not the houses and trees on it.
        known = {"sar": sar, "optical": optical, "heights": seen.terrain[0], "zones": seen.zones[0, 0]}
        yield from ((f"mountains/{name} {key}", each) for key, each in known.items())
        print(f"{name} is simulated.", flush=True)


def _real(data: Path, part: str) -> Iterator[tuple[str, Surface, torch.Generator]]:
    with rasterio.open(data / "dem" / "big_tujunga_srtm_30m.tif") as dem:
        heights, zoom = dem.read(1).astype(np.float32), dem.res[0] / (SENTINEL_2.pixel_size / _CELLS)
    step, whole = int(SIDE * _CELLS / zoom), (SIDE + 2 * MARGIN) * _CELLS
    taken = -(-whole // int(zoom))
    rows, cols = (range(0, size - taken, step) for size in heights.shape)
    for row in rows:
        for number, col in enumerate(cols):
            if (number >= len(cols) - _TEST_COLUMNS) != (part == "test"):
                continue
            name = f"tujunga_{row // step}_{number}"
            generator = torch.Generator().manual_seed(1000 * row + col)
            # Smooth between the nodes of 30 m: relief, not steps.
            fine = ndimage.zoom(
                heights[row : row + taken, col : col + taken], zoom, order=3, grid_mode=True, mode="nearest"
            )
            shaped = torch.from_numpy(np.ascontiguousarray(fine[:whole, :whole]))
            terrain = Terrain(shaped, torch.zeros_like(shaped, dtype=torch.bool))
            surface = covered_terrain(terrain, SENTINEL_2.pixel_size / _CELLS, LANDSCAPES["mountains"], generator)
            yield name, surface, generator


def _invented(part: str) -> Iterator[tuple[str, Surface, torch.Generator]]:
    first = 0 if part == "training" else _INVENTED["training"]
    for seed in range(first, first + _INVENTED[part]):
        side = (SIDE + 2 * MARGIN) * _CELLS
        surface, generator = world(side, SENTINEL_2.pixel_size / _CELLS, seed, "mountains"), torch.Generator()
        generator.manual_seed(seed)
        yield f"invented_{seed}", _above_the_sea(surface, between(*_VALLEYS, generator)), generator


def _above_the_sea(surface: Surface, lowest: float) -> Surface:
    """Invented heights begin anywhere: have the lowest ground lie `lowest` metres high."""
    lift = lowest - float(surface.terrain.min())
    return replace(surface, terrain=surface.terrain + lift, height=surface.height + lift)
