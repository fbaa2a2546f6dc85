"""The jobs of SAR-to-optical translation, and their choices: what commands call them → what they are in words."""

from dataclasses import dataclass
from typing import Optional

from .errors import UserError
from .geometry_jobs import SarView
from .matching_jobs import SAR_UNITS
from .sources import RasterSource, check_extent, check_polarisations, check_tiles, one_of

ENHANCEMENTS = {"none": "none", "laplacian": "Laplacian filter", "wiener": "Wiener filter"}


@dataclass(frozen=True)
class TranslateToOpticalJob:
    """Turn a SAR raster into the optical image of the place (module `engine/translation/translate_to_optical`).

    `polarisations` are those of the bands of `sar`, in their order, "" where one is not known. `dem` holds heights in
    metres, for models that take them and, with `view`, for the distortion zones. `extent` is (xmin, ymin, xmax, ymax)
    in the CRS of `sar`, or empty for all of it. `tile` is the side of the tiles and `overlap` the width of their halo,
    in pixels: 0 and -1 leave them to the model's card. `output` (colours), `uncertainty`, `zones` (.tif) and `report`
    (.html) are output paths, all but the first empty when not wanted.
    """

    sar: RasterSource
    model: str
    output: str
    polarisations: tuple[str, ...] = ("",)
    sar_unit: str = "auto"
    dem: Optional[RasterSource] = None
    view: Optional[SarView] = None
    enhance: str = "none"
    extent: tuple[float, ...] = ()
    overviews: bool = False
    uncertainty: str = ""
    zones: str = ""
    report: str = ""
    tile: int = 0
    overlap: int = -1
    batch_size: int = 0
    device: str = "auto"

    def __post_init__(self):
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        one_of("enhancement", self.enhance, ENHANCEMENTS)
        check_extent(self.extent)
        if not self.model:
            raise UserError("The translation needs a model: choose one of the list, or a model file.")
        if not self.output:
            raise UserError("The translated image needs an output file.")
        check_polarisations(self.sar, self.polarisations)
        if self.view is not None and self.dem is None:
            raise UserError("Distortion zones follow from heights: choose an elevation layer, or leave the view empty.")
        if self.zones and self.view is None:
            raise UserError(
                "Distortion zones need an elevation layer and the view of the radar: give its flight direction, or "
                "leave the zones out."
            )
        check_tiles(self.tile, self.batch_size, self.overlap)


@dataclass(frozen=True)
class EvaluateTranslationJob:
    """Score a translated image against a reference (module `engine/translation/evaluate_translation`).

    Both have the same bands, in 8 bits or from 0 to 1. `zones` (optional) is a mask as the task `sar_distortions`
    writes it; `dem`, heights in metres, and `view` are what one can be made of instead. `sar` (optional) is what the
    regression predicts the colours from. `features` is a file of the network that the images are compared by: weights
    of Inception-v3, or a model for matching, which has an optical encoder; empty for no such comparison. `table` (.csv)
    and `report` (.html) are output paths, empty when not wanted.
    """

    translated: RasterSource
    reference: RasterSource
    zones: Optional[RasterSource] = None
    dem: Optional[RasterSource] = None
    view: Optional[SarView] = None
    sar: Optional[RasterSource] = None
    features: str = ""
    table: str = ""
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        counts = len(self.translated.bands), len(self.reference.bands)
        if counts[0] != counts[1]:
            raise UserError(
                f"Layer '{self.translated.name}' is read with {counts[0]} and '{self.reference.name}' with {counts[1]} "
                "of its bands: choose two colour images, or one band of each."
            )
        if (self.dem is None) != (self.view is None):
            raise UserError(
                "Distortion zones follow from heights and the view of the radar: give both, or neither of them."
            )
        if self.zones and self.dem:
            raise UserError("Distortion zones are given twice: leave out the zones, or the elevation layer.")
