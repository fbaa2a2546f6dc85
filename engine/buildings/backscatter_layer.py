"""Layers on a map, shown as backscatter: in the pixels that the network knows, along the line of sight."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ...contract.buildings_jobs import ExtractBuildingsJob
from ...contract.sources import RasterSource
from ...models.card import Card
from ..geometry.surface_model import layer_grid, part_of
from ..inference.pixel_size import check_pixel_size
from ..inference.sar_scene import SarScene, SarTaker, sar_scene
from ..rasters.carried_place import NO_PLACE, CarriedPlace
from ..rasters.grid import Grid, part
from ..rasters.grid_reader import GridReader
from ..rasters.mirrored_reader import MirroredReader
from ..reporting import Reporter
from ..reports.pictures import overview
from .building_network import BuildingNetwork
from .line_of_sight import LineOfSight, Seen, line_of_sight
from .methods import method_of
from .shown_layer import DOUBT, PIXELS
from .working_grid import WorkingGrid, working_grid


@dataclass(frozen=True)
class BackscatterLayer:
    """A `ShownLayer` that any grid may show, as its pixels are resampled."""

    scene: SarScene
    grid: Grid
    working: WorkingGrid
    network: BuildingNetwork
    look: LineOfSight
    place: CarriedPlace = NO_PLACE  # the geotransform says it all
    findings: tuple[str, ...] = ()

    @property
    def bands(self) -> tuple[int, ...]:
        """Those that are read."""
        return self.scene.source.bands

    @property
    def polarisations(self) -> tuple[str, ...]:
        """Those of the bands, "" where one is not known."""
        return self.scene.polarisations

    @property
    def unit(self) -> str:
        """What the network is shown."""
        return self.scene.radiometry.unit_out

    def shown(self) -> MirroredReader:
        """Return what reads the layer on the working grid, mirrored at its edges."""
        return MirroredReader(self.scene.source, self.working.grid, self.scene.radiometry)

    def drawn(self) -> GridReader:
        """Return what reads the layer on its own grid, in its unit."""
        return GridReader(self.scene.source, self.grid, self.scene.radiometry)

    def computed(self, path: Path, bands: int) -> GridReader:
        """Return what reads so many bands of a raster, resampled onto the layer's own grid."""
        source = RasterSource(self.scene.source.name, str(path), self.grid.crs, tuple(range(1, bands + 1)))
        return GridReader(source, self.grid)

    def overview(self, reader: GridReader) -> tuple[np.ndarray, np.ndarray]:
        """Return (values, known bool), both [h, w], averaged as the reader does."""
        return overview(reader)[:2]


def backscatter_layer(
    job: ExtractBuildingsJob, card: Card, network: nn.Module, device: torch.device, reporter: Reporter
) -> BackscatterLayer:
    """Return the layer of a job as a network with that card is shown it.

    Raises `UserError` for a layer that does not lie on a map, whose pixels or bands the network does not know, and for
    a look that would not be used.
    """
    method = method_of(card)
    whole = layer_grid(job.sar)
    window = part_of(whole, job.extent, job.sar.name)
    grid = part(whole, window)
    taker = SarTaker(card, method.is_turned, DOUBT)
    check_pixel_size(job.sar.name, grid, taker, PIXELS, reporter)
    scene = sar_scene(job.sar, job.polarisations, job.sar_unit, taker, whole, reporter, window)
    shown = partial(BuildingNetwork, network, method, scene.scales, incidence=job.incidence)
    look = line_of_sight(job, card, method, Seen(shown, scene, whole, window, device), reporter)
    working = working_grid(whole, window, card.working_pixel, look.azimuth)
    return BackscatterLayer(scene, grid, working, shown(look_known=look.azimuth is not None), look)
