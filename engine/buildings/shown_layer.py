"""A layer as a network that finds buildings is shown it, and the way back to the layer's own pixels."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
from torch import nn

from ..inference.pixel_size import PixelLimits
from ..inference.tile_reader import BandReader
from ..rasters.carried_place import CarriedPlace
from ..rasters.grid import Grid, Window
from .line_of_sight import LineOfSight
from .working_grid import WorkingGrid

PIXELS = PixelLimits(warned=1.01, refused=3)
"""Pixels are called 3 m that are 3.001 m on the ground. Three times larger ones show nothing that the model knows."""

DOUBT = "buildings can be missed or made up"
"""What is said of layers that are not quite those that the model has learnt from."""


class PixelReader(Protocol):
    """What reads a raster on a `grid`, such as an open `GridReader` or `PowerReader`."""

    grid: Grid

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [h, w], valid bool [h, w]) of the mean of all bands."""

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [C, h, w], valid bool [h, w])."""


class ShownLayer(Protocol):
    """A layer whose buildings are asked for.

    bands: those that are read, of `polarisations`, in a `unit`. grid: the layer's own pixels as far as they are asked
    for; place: what the layer says beside that of where they lie. working: where the network sees them; network: what
    `shown` gives, as a tensor -> probabilities [N, outputs, H, W]. look: along which the image lies there. findings:
    sentences for the report on what the network can make of such an image.
    """

    bands: tuple[int, ...]
    polarisations: tuple[str, ...]
    unit: str
    grid: Grid
    place: CarriedPlace
    working: WorkingGrid
    network: nn.Module
    look: LineOfSight
    findings: tuple[str, ...]

    def shown(self) -> AbstractContextManager[BandReader]:
        """Return what reads the layer on the working grid for the network."""

    def drawn(self) -> AbstractContextManager[PixelReader]:
        """Return what reads the layer on its own grid as people see it: what it knows is where the layer has data."""

    def computed(self, path: Path, bands: int) -> AbstractContextManager[PixelReader]:
        """Return what reads so many bands of a raster that was written on either grid, on the layer's own."""

    def overview(self, reader: PixelReader) -> tuple[np.ndarray, np.ndarray]:
        """Return (values [h, w], known bool [h, w]) of all of its grid in few pixels, of an open reader of its own."""
