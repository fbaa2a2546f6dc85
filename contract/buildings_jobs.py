"""The jobs of buildings in SAR images, and their choices: what commands call them → what they are in words."""

from dataclasses import dataclass
from typing import Optional, Union

from .errors import UserError
from .matching_jobs import SAR_UNITS
from .sources import FootprintSource, RasterSource, check_extent, check_polarisations, check_tiles, one_of

REGULARISATIONS = {"none": "none: along the pixels", "simplify": "simplified"}

STEEPEST_LOOK, FLATTEST_LOOK = 5.0, 80.0
"""Degrees of incidence between which radars image buildings."""


def check_look(azimuth: Optional[float], incidence: Optional[float]) -> None:
    """Raise `UserError` for a direction or an incidence angle, in degrees, that no radar has; None: not known."""
    if azimuth is not None and not 0 <= azimuth < 360:
        raise UserError(f"The look azimuth must lie between 0 and 360 degrees, got {azimuth:g}.")
    if incidence is not None and not STEEPEST_LOOK <= incidence <= FLATTEST_LOOK:
        raise UserError(
            f"The incidence angle must lie between {STEEPEST_LOOK:g} and {FLATTEST_LOOK:g} degrees, got "
            f"{incidence:g}: give the angle to the vertical at the ground, or leave it empty."
        )


@dataclass(frozen=True)
class ExtractBuildingsJob:
    """Find the buildings of a SAR raster (module `engine/buildings/extract_buildings`).

    `polarisations` are those of the bands of `sar`, in their order, "" where one is not known. `look_azimuth`: degrees
    clockwise from true north, from the sensor towards the ground; `incidence`: degrees; None where they are not known.
    `threshold`: probability (0..1) from which a pixel is built up, None for that of the model's card. `min_area`: m²
    that a footprint has at least; pixels in radar geometry, which models for complex images alone take. `extent` is
    (xmin, ymin, xmax, ymax) in the CRS of `sar`, or empty for all of it. `tile` is the side of the tiles in pixels, 0
    leaves it to the card. `footprints` (a file of `FoundBuilding` lines), `mask`, `probability` (.tif) and `report`
    (.html) are output paths, all but the first two empty when not wanted.
    """

    sar: RasterSource
    model: str
    footprints: str
    mask: str
    polarisations: tuple[str, ...] = ("",)
    sar_unit: str = "auto"
    look_azimuth: Optional[float] = None
    incidence: Optional[float] = None
    threshold: Optional[float] = None
    min_area: float = 0.0
    regularise: str = "none"
    extent: tuple[float, ...] = ()
    probability: str = ""
    report: str = ""
    tile: int = 0
    batch_size: int = 0
    device: str = "auto"

    def __post_init__(self):
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        one_of("regularisation", self.regularise, REGULARISATIONS)
        check_extent(self.extent)
        check_polarisations(self.sar, self.polarisations)
        check_tiles(self.tile, self.batch_size)
        if not self.model:
            raise UserError("Buildings are found by a model: choose one of the list, or a model file.")
        if not self.footprints or not self.mask:
            raise UserError("The buildings need an output file for the footprints and one for the mask.")
        check_look(self.look_azimuth, self.incidence)
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UserError(f"The threshold must be a probability from 0 to 1, got {self.threshold:g}.")
        if not 0 <= self.min_area < float("inf"):
            raise UserError(f"The smallest area must be 0 m² or more, got {self.min_area:g}.")


@dataclass(frozen=True)
class BuildingSource:
    """Buildings as one of two: `footprints`, or a `mask`, a raster of two values of which 0 is no building."""

    footprints: Optional[FootprintSource] = None
    mask: Optional[RasterSource] = None

    def __post_init__(self):
        if (self.footprints is None) == (self.mask is None):
            raise ValueError("buildings are either footprints or a mask")

    @property
    def source(self) -> Union[FootprintSource, RasterSource]:
        """The one that is there, with its `name`, `path` and `crs`."""
        return self.footprints or self.mask


@dataclass(frozen=True)
class EvaluateBuildingsJob:
    """Score predicted buildings against a reference (module `engine/buildings/evaluate_buildings`).

    What is compared lies in `area` (polygons) and `extent`, (xmin, ymin, xmax, ymax) in the CRS of `predicted`, as far
    as they are given. `table` (.csv) and `report` (.html) are output paths, empty when not wanted.
    """

    predicted: BuildingSource
    reference: BuildingSource
    area: Optional[FootprintSource] = None
    extent: tuple[float, ...] = ()
    table: str = ""
    report: str = ""

    def __post_init__(self):
        check_extent(self.extent)
