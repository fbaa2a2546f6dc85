"""Complex layers on their own pixels, on a map or in radar geometry, shown as real and imaginary part."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ...contract.buildings_jobs import ExtractBuildingsJob
from ...contract.errors import UserError
from ...models.card import Card
from ..despeckling.centred_reader import CentredReader
from ..despeckling.power_overview import power_overview
from ..despeckling.speckled_scene import SpeckledScene, speckled_scene
from ..despeckling.spectrum import Centring
from ..despeckling.survey import told_survey
from ..geometry.surface_model import part_of
from ..inference.pixel_size import check_pixel_size
from ..inference.sar_scene import SarTaker, warn_of_unknown_polarisations
from ..rasters.carried_place import NO_PLACE, CarriedPlace, carried_place
from ..rasters.grid import Grid, Window, part
from ..rasters.own_pixels import PowerReader, own_grid, written_power
from ..rasters.radiometry import FAINTEST_POWER, to_db
from ..reporting import Reporter
from .building_network import ComplexBuildingNetwork
from .line_of_sight import LineOfSight, as_it_lies
from .shown_layer import DOUBT, PIXELS
from .working_grid import WorkingGrid


class _Decibels(PowerReader):
    """Power, in whichever calibration, as people see it: no pixel outshines all others."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        power, valid = super().read(window)
        return to_db(power, FAINTEST_POWER), valid


@dataclass(frozen=True)
class ComplexLayer:
    """A `ShownLayer` that is never resampled: its working grid is its own."""

    scene: SpeckledScene
    bands: tuple[int, ...]  # of the layer: one, or both parts
    polarisations: tuple[str, ...]
    grid: Grid
    place: CarriedPlace
    working: WorkingGrid
    centring: Centring
    network: ComplexBuildingNetwork
    look: LineOfSight
    findings: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What the network is shown."""
        return self.scene.unit

    def shown(self) -> CentredReader:
        """Return what reads real and imaginary part, with the spectrum in the middle."""
        return CentredReader(self.scene.source, self.grid, self.centring)

    def drawn(self) -> PowerReader:
        """Return what reads the power, of which zeros are no data, in decibels."""
        return _Decibels(self.scene.source, self.grid, self.unit)

    def computed(self, path: Path, bands: int) -> PowerReader:
        """Return what reads so many bands of a raster that has the layer's pixels."""
        return written_power(self.scene.source.name, path, self.grid, bands)

    def overview(self, reader: PowerReader) -> tuple[np.ndarray, np.ndarray]:
        """Return (means, known bool), both [h, w]."""
        means, _ = power_overview(reader)
        known = np.isfinite(means)
        return np.where(known, means, 0), known


def complex_layer(
    job: ExtractBuildingsJob, card: Card, network: nn.Module, device: torch.device, reporter: Reporter
) -> ComplexLayer:
    """Return the layer of a job as a network with that card is shown it; what its spectrum is like is told.

    Raises `UserError` for detected images, several images at once, pixels that the network does not know, and a look,
    which would not be used.
    """
    look = as_it_lies(job, card)
    whole = own_grid(job.sar)
    window = part_of(whole, job.extent, job.sar.name)
    grid = part(whole, window)
    taker = SarTaker(card, True, DOUBT)
    check_pixel_size(job.sar.name, grid, taker, PIXELS._replace(can_resample=False), reporter)
    scene = speckled_scene(job.sar, job.sar_unit, whole, reporter, window)
    _check_image(card, scene)
    polarisations = job.polarisations[:1]  # both parts have the same
    warn_of_unknown_polarisations(polarisations, taker, job.sar.name, reporter)
    survey = told_survey(scene.source, grid, reporter)
    place = carried_place(job.sar, window)
    if not grid.crs:
        _tell_geometry(job.sar.name, card, place, reporter)
    return ComplexLayer(
        scene,
        job.sar.bands,
        polarisations,
        grid,
        place,
        WorkingGrid(grid, window),
        survey.centring,
        ComplexBuildingNetwork(network, scene.bands[0].level),
        look,
        survey.findings(job.sar.name),
    )


def _check_image(card: Card, scene: SpeckledScene) -> None:
    name = scene.source.name
    if not scene.is_complex:
        raise UserError(
            f"The model '{card.name}' finds buildings by real and imaginary part of a complex image, and layer "
            f"'{name}' holds no phase: choose a single-look complex (SLC) image, or a model for detected images."
        )
    if len(scene.bands) > 1:
        raise UserError(
            f"The model '{card.name}' sees one complex image, and {len(scene.bands)} bands of layer '{name}' are "
            "chosen: choose one of them."
        )


def _tell_geometry(name: str, card: Card, place: CarriedPlace, reporter: Reporter) -> None:
    reporter.info(
        f"Layer '{name}' is in radar geometry: footprints have no coordinate reference system and lie at x = column "
        "and y = -row, and lengths and areas, the smallest area as well, count in pixels. Nothing tells how large they "
        f"are: the model '{card.name}' knows those of {card.pixel_sizes}."
    )
    if place != NO_PLACE:
        told_by = "control points" if place.points else "polynomials"
        reporter.info(
            f"QGIS lays layer '{name}' on the map by {told_by} in its file, which mask and probability have as well, "
            "and footprints have not."
        )
