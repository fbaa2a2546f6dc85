"""A SAR layer with its polarisations, in bands or in two layers: the same questions wherever networks see it."""

from dataclasses import replace
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterString,
)

from ...contract.errors import UserError
from ...contract.matching_jobs import SAR_UNITS
from ...contract.sources import RasterSource
from ..algorithm import SarbridgeAlgorithm
from ..inputs.export import Export
from ..inputs.implausible_layers import check_image
from ..inputs.joined_bands import check_joinable, join_bands
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput
from ..inputs.polarisations import polarisations_of, polarised_bands, read_polarisations
from ..inputs.radar_geometry import radar_image
from .choice import add_choice
from .given import named
from .layers import add_band, add_raster, raster_layer

SAR, SAR_BANDS, POLARISATIONS, SAR_UNIT = "SAR", "SAR_BANDS", "POLARISATIONS", "SAR_UNIT"
SAR_OTHER, SAR_OTHER_BAND = "SAR_OTHER", "SAR_OTHER_BAND"


def add_sar_bands(algorithm: SarbridgeAlgorithm, layer_help: str, bands_help: str, optional: bool = False) -> None:
    """Add the SAR layer, its bands and what they are, and another layer; the help of the first two is given."""
    add_raster(algorithm, SAR, "SAR layer", layer_help, optional=optional)
    add_band(algorithm, SAR_BANDS, "Bands of the SAR layer", bands_help, SAR, several=True)
    algorithm.add_parameter(
        QgsProcessingParameterString(POLARISATIONS, algorithm.tr("Polarisations of the bands"), optional=True),
        "What the bands are, in their order, such as 'VV, VH'. Empty: what the bands, the layer or its file are"
        " called.",
    )
    add_raster(
        algorithm,
        SAR_OTHER,
        "SAR layer of another polarisation",
        "The same scene in a file of its own, VH beside VV for instance, on the same grid and in the same unit; of the"
        " SAR layer one band is used then.",
        optional=True,
        advanced=True,
    )
    add_band(
        algorithm, SAR_OTHER_BAND, "Band of the other SAR layer", "Empty: the first band.", SAR_OTHER, advanced=True
    )
    add_choice(
        algorithm,
        SAR_UNIT,
        "Unit of the SAR values",
        SAR_UNITS,
        "What the numbers in the layer are. What is told by the values is said in the log.",
    )


class SarBandsInput:
    """The bands as taken on the main thread; `source` then describes them to the engine from any thread.

    `described` is the source as known before layers are exported, which has an `extent` and a `crs`; `polarisations`
    are those of its bands, "" where one is not known. `is_file`: whether the engine reads all of it, and not only the
    part that is exported. `layers`, by the keys of the parameters, are what must not be the same image twice. With
    `is_complex` it is one complex image, perhaps in two bands, and perhaps in radar geometry, without a valid `crs`.
    Raises `UserError` for what makes no sense, and warns through `feedback` of what is doubtful.
    """

    def __init__(
        self,
        algorithm: SarbridgeAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        is_complex: bool = False,
    ) -> None:
        sar = raster_layer(algorithm, parameters, SAR, context)
        other = raster_layer(algorithm, parameters, SAR_OTHER, context)
        given = algorithm.parameterAsInts(parameters, SAR_BANDS, context)
        if is_complex:
            _refuse_other(algorithm, other)
            self._first = radar_image(sar, given, feedback)
        else:
            check_image(sar, Kind.SAR, feedback)
            self._first = RasterInput(sar, given or polarised_bands(sar)[: 1 if other else None])
        bands = self._first.described.bands
        self.extent, self.is_file = self._first.extent, self._first.is_file
        self.crs = QgsCoordinateReferenceSystem() if self._first.described.anywhere else self._first.crs
        polarisations = polarisations_of(sar, bands)
        band = algorithm.parameterAsInt(parameters, SAR_OTHER_BAND, context) or 1
        self._other = other and RasterInput(other, [band])
        if other:
            check_image(other, Kind.SAR, feedback)
            if len(bands) > 1:
                called = named(algorithm.parameterDefinition(SAR_BANDS))
                raise UserError(f"{called} must be one where another SAR layer is given: choose one.")
            check_joinable(self._first, self._other)
            polarisations += polarisations_of(other, [band])
        text = algorithm.parameterAsString(parameters, POLARISATIONS, context)
        if text:
            called = named(algorithm.parameterDefinition(POLARISATIONS))
            polarisations = read_polarisations(text, len(polarisations), called)
        self.polarisations = tuple(polarisations)
        self.layers = {SAR: self._first, SAR_OTHER: self._other}
        described = self._first.described
        self.described = replace(described, bands=tuple(range(1, len(polarisations) + 1))) if other else described

    def source(self, export: Export) -> RasterSource:
        """Return the bands as the engine opens them."""
        sar = self._first.source(export)
        return join_bands(sar, self._other.source(export), export) if self._other else sar


def _refuse_other(algorithm, other):
    if other:
        called = named(algorithm.parameterDefinition(SAR_OTHER))
        raise UserError(f"{called} is not used by a model for complex images, which sees one: leave it empty.")
