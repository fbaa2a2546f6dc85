"""Layers of one place as lessons see them: on one grid, along the line of sight where the network wants that."""

from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from ....contract.building_training_jobs import BuildingLayers
from ....contract.sources import FootprintSource
from ...geometry.surface_model import surface_grid
from ...inference.sar_scene import sar_scales
from ...rasters.footprint import footprint_of, overlap_of
from ...rasters.grid import Grid, Window
from ...rasters.radiometry import SarRadiometry
from ...rasters.scene_scale import SceneScale
from ...reporting import Reporter
from ...training.optical_stretch import BandStretch, band_stretch, warn_of_pixel_sizes
from ..footprints import on_grid, on_image, read_footprints
from ..working_grid import working_grid
from .labels import Labels

LARGEST_PIXEL = 3.0
"""Metres a side of pixels that show single buildings; larger ones show which share of them is built."""


@dataclass(frozen=True)
class LearningPlace:
    """Layers of a place on one `grid`, and how their values are to be taken; None for what there is not.

    pixel_size: metres a side of the pixels of the SAR layer, or of the optical one where there is none. working_pixel:
    that the pixels were brought to, 0 where the grid is the layer's own. is_along_look: whether the line of sight runs
    down the columns.
    """

    layers: BuildingLayers
    grid: Grid
    pixel_size: float
    working_pixel: float
    is_along_look: bool
    radiometry: Optional[SarRadiometry] = None
    scales: tuple[SceneScale, ...] = ()
    stretch: Optional[BandStretch] = None
    labels: Optional[Labels] = None

    @property
    def shows_buildings(self) -> bool:
        """Whether single buildings are told apart, and not only what is built up."""
        return self.pixel_size <= LARGEST_PIXEL


def learning_place(layers: BuildingLayers, working_pixel: float, reporter: Reporter) -> LearningPlace:
    """Return the `LearningPlace` of layers; raises `UserError` for what cannot be learnt from.

    working_pixel: metres that pixels of metre-class images are brought to; 0: the layer's own grid.
    """
    base = layers.sar or layers.optical
    whole = surface_grid(base)
    size = whole.pixel_size
    pixel = working_pixel and (working_pixel if size <= LARGEST_PIXEL else float(f"{size:.2g}"))
    look = layers.look_azimuth if layers.sar and working_pixel else None
    working = working_grid(whole, Window(0, 0, whole.width, whole.height), pixel, look)
    place = LearningPlace(layers, working.grid, size, pixel, look is not None)
    if layers.sar:
        radiometry, scales = sar_scales(layers.sar, layers.sar_unit, whole, reporter)
        place = replace(place, radiometry=radiometry, scales=scales)
    if layers.optical:
        if layers.sar:
            overlap_of(footprint_of(layers.sar), footprint_of(layers.optical))  # refuses where they lie apart
        optical = surface_grid(layers.optical)
        place = replace(place, stretch=band_stretch(layers.optical, optical, reporter))
        warn_of_pixel_sizes((layers.optical.name, optical.pixel_size), (base.name, pixel or size), reporter)
    if layers.footprints:
        footprints = _polygons(layers.footprints, base.name, working.grid, reporter)
        area = layers.area and _polygons(layers.area, base.name, working.grid, reporter)
        place = replace(place, labels=Labels(footprints, area, as_shares=not place.shows_buildings))
    return place


def _polygons(source: FootprintSource, image: str, grid: Grid, reporter: Reporter) -> np.ndarray:
    """Return the polygons of a layer that lie on a grid, in its pixels; raises `UserError` where none does."""
    return on_image(on_grid(read_footprints(source), source, grid, reporter), source, image, grid).polygons
