"""The probabilities of buildings all over a layer: onto the lattice that the network sees, and back."""

import math
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ...contract.sources import RasterSource
from ...models.card import Card
from ..inference.blending import Seams, raised_cosine
from ..inference.chosen_tiles import Levels, TileWish, chosen_batch, chosen_tiles, doubt_of_seams
from ..inference.raster_network import map_rasters
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..rasters.map_file import MapWriter
from ..rasters.mirrored_reader import MirroredReader
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
    """Write what the network of a model gives of a scene as float32; return the doubt of seams, "" where there is none.

    Around places with data there are probabilities, too, of what the network sees mirrored there: `ProbabilityReader`
    knows which count. NaN is where it saw nothing.
    """
    method = method_of(card)
    tiling, blend = chosen_tiles(TileWish(wishes.tile), card.tiling, method.is_local, working.window)
    seams = Seams(method.outputs) if blend is raised_cosine and tiling.count(working.grid) > 1 else None
    radar = MirroredReader(scene.source, working.grid, scene.radiometry)
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
            keep_mirrored=seams is None,  # seams are told of data alone
        )
    return doubt_of_seams(seams, tiling, card.name, _LEVELS) if seams else ""


class ProbabilityReader:
    """Reads the raster that `write_probabilities` wrote on a `Grid`, the layer's own or a part; a context manager.

    Known are the pixels of which the layer has data. The raster cannot tell: on its lattice the outermost pixels of a
    layer that is turned have their centres beyond the edge as often as not.
    """

    def __init__(self, path: Path, outputs: int, scene: SarScene, grid: Grid) -> None:
        source = RasterSource(scene.source.name, str(path), grid.crs, tuple(range(1, outputs + 1)))
        self.grid = grid
        self._probabilities, self._layer = GridReader(source, grid), GridReader(scene.source, grid, scene.radiometry)

    def __enter__(self) -> "ProbabilityReader":
        with ExitStack() as stack:
            stack.enter_context(self._probabilities)
            stack.enter_context(self._layer)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        self._stack.__exit__(*exception)

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (probabilities float32 [C, h, w], known bool [h, w]) of a `Window`; 0 where not known."""
        values, known = self._probabilities.read_bands(window)
        known &= self._layer.read_bands(window)[1]
        return np.where(known, values, np.float32(0)), known
