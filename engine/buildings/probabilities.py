"""The probabilities of buildings all over a layer, as a temporary raster on the lattice that the network sees."""

import math
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from ...models.card import Card
from ..inference.blending import Seams, raised_cosine
from ..inference.chosen_tiles import Levels, TileWish, chosen_batch, chosen_tiles, doubt_of_seams
from ..inference.mirroring import REACH
from ..inference.raster_network import map_rasters
from ..inference.sar_scene import SarScene
from ..rasters.grid_reader import GridReader
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .building_network import BuildingNetwork
from .methods import method_of
from .working_grid import WorkingGrid

_LEVELS = Levels("probabilities", 100, "%")


class Wishes(NamedTuple):
    """What the user asks of the computation: side of the tiles and how many at once, 0 for what suits; the device."""

    tile: int
    batch: int
    device: torch.device


def write_probabilities(
    path: Path,
    network: BuildingNetwork,
    card: Card,
    scene: SarScene,
    working: WorkingGrid,
    wishes: Wishes,
    reporter: Reporter,
) -> str:
    """Write what the network of a model gives of a scene, float32 with NaN for no data; return the doubt of seams.

    That is "" where tiles show none.
    """
    method = method_of(card)
    tiling, blend = chosen_tiles(TileWish(wishes.tile), card.tiling, method.is_local, working.window)
    seams = Seams(method.outputs) if blend is raised_cosine and tiling.count(working.grid) > 1 else None
    surroundings = (1 + REACH) * tiling.halo  # around an extent lies the rest of the layer
    radar = GridReader(scene.source, working.grid, scene.radiometry, surroundings)
    with radar, MapWriter(path, working.grid, "float32", math.nan, method.outputs) as writer:
        map_rasters(
            network,
            [radar],
            tiling,
            partial(raised_cosine, seams=seams) if seams else blend,
            writer,
            wishes.device,
            chosen_batch(wishes.batch, wishes.device),
            reporter,
        )
    return doubt_of_seams(seams, tiling, card.name, _LEVELS) if seams else ""
