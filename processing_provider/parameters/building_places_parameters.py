"""A place to learn buildings from: a radar image, an optical one and footprints, each of which may be left out."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.building_training_jobs import BuildingLayers
from ...contract.errors import UserError
from ...contract.sources import FootprintSource
from ..algorithm import SarbridgeAlgorithm
from ..inputs.export import Export
from ..inputs.footprint_file import write_scored_footprints
from .aligned_layers_parameters import OPTICAL, PATCH_SIZE, SEED, VALIDATION_SHARE, add_optical, optical_input
from .distinct_layers import refuse_same_pixels
from .given import named
from .layers import raster_layer
from .number import number
from .polygon_layers import HEIGHT_FIELD, add_area, add_footprints, add_height_field, area_source, footprint_source
from .sar_bands_parameters import POLARISATIONS, SAR, SAR_OTHER, SAR_UNIT, SarBandsInput, add_sar_bands
from .sar_view_parameters import (
    HEADING,
    INCIDENCE,
    LOOK_AZIMUTH,
    add_direction_parameters,
    add_known_incidence,
    look_direction,
)

_OF_SAR = (SAR_OTHER, POLARISATIONS, HEADING, LOOK_AZIMUTH, INCIDENCE)
"""What is said of a SAR layer."""


def add_building_place(algorithm: SarbridgeAlgorithm) -> None:
    """Add the layers of a place to an algorithm."""
    add_sar_bands(
        algorithm,
        "The radar image, detected or complex, on a map. The method MERLIN-Seg takes a single-look complex one as its"
        " processor gave it, in radar geometry too, where control points or polynomials in its file say where it lies."
        " Empty: a teacher for optical images is trained.",
        "One for each polarisation; BridgeBuild sees their mean, others each of them. Empty: the bands that are called"
        " by a polarisation, or the first band. For MERLIN-Seg, one complex band, or two with real and imaginary part;"
        " empty: all.",
        optional=True,
    )
    add_direction_parameters(algorithm, "; optional")
    add_known_incidence(algorithm)
    add_optical(
        algorithm,
        "The optical image of the same place, for distillation, or alone for a teacher. It must lie exactly on the SAR"
        " layer: co-register the two first.",
        optional=True,
    )
    add_footprints(
        algorithm,
        "Polygons of the buildings, in any coordinate reference system. They must lie on the images, and all buildings"
        " must be there within the area.",
    )
    add_height_field(
        algorithm,
        "for MERLIN-Seg; optional",
        "Field of the footprints that holds the heights of the buildings above the ground, in metres. With them, the"
        " look and the incidence angle, buildings are learnt where the radar shows their roofs: nearer to it than they"
        " stand. Empty: where they stand.",
    )
    add_area(
        algorithm,
        "Footprints are learnt within these polygons only: where all buildings are known. Empty: in the convex hull of"
        " the footprints. What a teacher sees is learnt wherever both images have data, and MERLIN-Seg learns to"
        " despeckle all of the SAR layer.",
    )


class BuildingPlaceInput:
    """Layers of a place as taken on the main thread; `source` then describes them to the engine from any thread.

    `described` is the job's part as far as it is known before layers are exported; `name` is that of the layer that
    the model will be for. With `is_complex` the radar image is taken as `SarBandsInput` does then, and footprints may
    have heights. Raises `UserError` for what makes no sense, and warns through `feedback` of what is doubtful.
    """

    def __init__(
        self,
        algorithm: SarbridgeAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        is_complex: bool,
    ) -> None:
        has_sar = raster_layer(algorithm, parameters, SAR, context) is not None
        self._sar = SarBandsInput(algorithm, parameters, context, feedback, is_complex) if has_sar else None
        if not has_sar:
            _refuse_facts(algorithm, parameters)
        self._optical = optical_input(algorithm, parameters, context, feedback)
        refuse_same_pixels(algorithm, {**(self._sar.layers if has_sar else {}), OPTICAL: self._optical})
        self._footprints = footprint_source(algorithm, parameters, context)
        self._heights = algorithm.parameterAsString(parameters, HEIGHT_FIELD, context)
        if self._heights and not is_complex:
            raise UserError(
                f"{named(algorithm.parameterDefinition(HEIGHT_FIELD))} would not be used, as only MERLIN-Seg moves"
                " footprints to where their roofs appear: leave it empty, or choose that method."
            )
        self._area = area_source(algorithm, parameters, context)
        self.described = BuildingLayers(
            sar=self._sar and self._sar.described,
            optical=self._optical and self._optical.described,
            footprints=_described(self._footprints),
            area=_described(self._area),
            polarisations=self._sar.polarisations if has_sar else (),
            sar_unit=algorithm.parameterAsString(parameters, SAR_UNIT, context),
            look_azimuth=look_direction(algorithm, parameters, context),
            incidence=number(algorithm, parameters, INCIDENCE, context),
            patch=algorithm.parameterAsInt(parameters, PATCH_SIZE, context),
            validation_share=algorithm.parameterAsDouble(parameters, VALIDATION_SHARE, context) / 100,
            seed=algorithm.parameterAsInt(parameters, SEED, context),
        )

    @property
    def name(self) -> str:
        """What the SAR layer is called, or the optical one where there is none."""
        image = self.described.sar or self.described.optical
        return image.name if image else ""

    def source(self, export: Export) -> BuildingLayers:
        """Return the layers as the engine opens them; those that are no files are written where all images are."""
        images = [each for each in (self._sar, self._optical) if each]
        here = export._replace(areas=tuple((each.extent, each.crs) for each in images))
        return replace(
            self.described,
            sar=self._sar and self._sar.source(here),
            optical=self._optical and self._optical.source(here),
            footprints=self._footprints and write_scored_footprints(self._footprints, "", here, self._heights),
            area=self._area and write_scored_footprints(self._area, "", here),
        )


def _described(source) -> Optional[FootprintSource]:
    """Return what is known of polygons before they are written."""
    return source and FootprintSource(source.sourceName(), "of the export", source.sourceCrs().toWkt())


def _refuse_facts(algorithm, parameters):
    given = [key for key in _OF_SAR if parameters.get(key) not in (None, "")]
    if given:
        called = " and ".join(named(algorithm.parameterDefinition(key)) for key in given)
        raise UserError(
            f"{called} would not be used, as there is no SAR layer: choose one, or leave out what is said of it."
        )
