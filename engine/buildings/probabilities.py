"""The probabilities of buildings all over a layer: onto the grid where the network sees it, and back."""

import math
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ...models.card import Card
from ..inference.blending import Seams, raised_cosine
from ..inference.chosen_tiles import Levels, TileWish, chosen_batch, chosen_tiles, doubt_of_seams
from ..inference.raster_network import map_rasters
from ..rasters.grid import Window
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .methods import method_of
from .shown_layer import ShownLayer

_LEVELS = Levels("probabilities", 100, "%")


class Wishes(NamedTuple):
    """What the user asks of the computation: side of the tiles and how many at once, 0 for what suits; the device."""

    tile: int
    batch: int
    device: torch.device


def write_probabilities(path: Path, layer: ShownLayer, card: Card, wishes: Wishes, reporter: Reporter) -> str:
    """Write what the network of a model gives of a layer as float32; return the doubt of seams, "" where there is none.

    Around places with data there are probabilities, too, of what the network sees mirrored there: `ProbabilityReader`
    knows which count. NaN is where it saw nothing.
    """
    method, working = method_of(card), layer.working
    tiling, blend = chosen_tiles(TileWish(wishes.tile), card.tiling, method.is_local, working.window)
    seams = Seams(method.outputs) if blend is raised_cosine and tiling.count(working.grid) > 1 else None
    with layer.shown() as radar, MapWriter(path, working.grid, "float32", math.nan, method.outputs) as writer:
        map_rasters(
            layer.network,
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
    """Reads the raster that `write_probabilities` wrote on the layer's own `grid`; a context manager.

    Known are the pixels of which the layer has data. The raster cannot tell: on its lattice the outermost pixels of a
    layer that is turned have their centres beyond the edge as often as not.
    """

    def __init__(self, path: Path, outputs: int, layer: ShownLayer) -> None:
        self.grid = layer.grid
        self._readers = layer.computed(path, outputs), layer.drawn()

    def __enter__(self) -> "ProbabilityReader":
        with ExitStack() as stack:
            self._probabilities, self._layer = (stack.enter_context(each) for each in self._readers)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        self._stack.__exit__(*exception)

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (probabilities float32 [C, h, w], known bool [h, w]) of a `Window`; 0 where not known."""
        values, known = self._probabilities.read_bands(window)
        known &= self._layer.read_bands(window)[1]
        return np.where(known, values, np.float32(0)), known
