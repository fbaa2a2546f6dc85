"""Aligned layers to learn from, and which patches of them: the same questions for data sets and for trainings."""

from dataclasses import replace
from typing import Any, Optional, Union

from qgis.core import QgsProcessingContext, QgsProcessingFeatureSource, QgsProcessingFeedback

from ...contract.training_jobs import LARGEST_PATCH, PATCH_STEP, SMALLEST_PATCH, AlignedLayers
from ..algorithm import SarbridgeAlgorithm
from ..inputs.burnt_polygons import burn_area
from ..inputs.export import Export
from ..inputs.implausible_layers import check_image
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput, visible_bands
from .distinct_layers import refuse_same_pixels
from .layers import add_band, add_raster, elevation_input, raster_layer
from .number import add_number
from .polygon_layers import add_area, area_source
from .sar_bands_parameters import SAR, SAR_UNIT, SarBandsInput, add_sar_bands

OPTICAL, OPTICAL_BANDS, DEM = "OPTICAL", "OPTICAL_BANDS", "DEM"
PATCH_SIZE, CLOUD_SHARE, VALIDATION_SHARE, SEED = "PATCH_SIZE", "CLOUD_SHARE", "VALIDATION_SHARE", "SEED"

LIKELY = {SAR: "SAR", OPTICAL: "OPTICAL"}


def add_aligned_layers(algorithm: SarbridgeAlgorithm) -> None:
    """Add the layers to an algorithm."""
    add_sar_bands(
        algorithm,
        "The radar image, on a map. Patches are cut on its pixels; the other layers are resampled onto them.",
        "One for each polarisation. Empty: the bands that are called by a polarisation, or the first band.",
    )
    add_optical(
        algorithm,
        "The optical image of the same place and, as far as can be, of the same days. It must lie exactly on the SAR"
        " layer: co-register the two first.",
    )
    add_raster(
        algorithm,
        DEM,
        "Elevation layer (DEM)",
        "Heights in metres, for networks that learn from them too. Any coordinate reference system, any cell size.",
        optional=True,
    )
    add_area(algorithm, "Patches are cut within these polygons only. Empty: wherever all layers have data.")


def add_optical(algorithm: SarbridgeAlgorithm, layer_help: str, optional: bool = False) -> None:
    """Add the optical layer and its bands to an algorithm; the help of the layer is given."""
    add_raster(algorithm, OPTICAL, "Optical layer", layer_help, optional=optional)
    add_band(
        algorithm,
        OPTICAL_BANDS,
        "Bands of the optical layer",
        "Red, green and blue, in this order, and what else there is. Empty: the first three, or the first of fewer.",
        OPTICAL,
        several=True,
    )


def add_patches(algorithm: SarbridgeAlgorithm) -> None:
    """Add what says which patches are taken, folded away."""
    add_patch_size(algorithm)
    add_cloud_share(algorithm)
    add_validation_share(algorithm)


def add_cloud_share(algorithm: SarbridgeAlgorithm) -> None:
    """Add how much of a patch may be clouds, folded away."""
    add_number(
        algorithm,
        CLOUD_SHARE,
        "Largest share of clouds (%)",
        "Patches of which more lies within clouds, which are broad and white, are left out, as are those with holes or"
        " with a seam of a mosaic. 100 for snow or salt: white is no cloud then.",
        default=10,
        bounds=(0, 100),
        advanced=True,
    )


def add_patch_size(algorithm: SarbridgeAlgorithm) -> None:
    """Add the side of the patches, folded away."""
    add_number(
        algorithm,
        PATCH_SIZE,
        "Patch size (pixels)",
        f"Side of the patches, a multiple of {PATCH_STEP}; they begin every half side.",
        default=256,
        bounds=(SMALLEST_PATCH, LARGEST_PATCH),
        integer=True,
        advanced=True,
    )


def add_validation_share(algorithm: SarbridgeAlgorithm) -> None:
    """Add how much of the place is kept apart, folded away."""
    add_number(
        algorithm,
        VALIDATION_SHARE,
        "Share of the validation area (%)",
        "About so much of the place is kept apart, in blocks of its own: patches of both parts share no pixel.",
        default=20,
        bounds=(1, 90),
        advanced=True,
    )


def add_seed(algorithm: SarbridgeAlgorithm, help_text: str) -> None:
    """Add the seed of all that is drawn."""
    add_number(algorithm, SEED, "Seed", help_text, default=1, bounds=(0, 2**31 - 1), integer=True, advanced=True)


class AlignedLayersInput:
    """Layers of one place as taken on the main thread; `source` then describes them to the engine from any thread.

    `described` is the job's part as far as it is known before layers are exported; `crs` is that of the SAR layer, in
    which outlines of patches are.
    """

    def __init__(
        self,
        described: AlignedLayers,
        sar: Union[SarBandsInput, RasterInput],
        optical: RasterInput,
        dem: Optional[RasterInput],
        area: Optional[QgsProcessingFeatureSource],
    ) -> None:
        self.described = replace(
            described, sar=sar.described, optical=optical.described, dem=dem.described if dem else None
        )
        self.sar, self.optical, self.dem, self.area, self.crs = sar, optical, dem, area, sar.crs

    def source(self, export: Export) -> AlignedLayers:
        """Return the layers as the engine opens them; those that are no files are written where all images are."""
        here = export._replace(areas=tuple((layer.extent, layer.crs) for layer in (self.sar, self.optical)))
        sar = self.sar.source(here)
        return replace(
            self.described,
            sar=sar,
            optical=self.optical.source(here),
            dem=self.dem.source(here) if self.dem else None,
            area=burn_area(self.area, sar, self.crs, here) if self.area else None,
        )


def optical_input(
    algorithm: SarbridgeAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> Optional[RasterInput]:
    """Return the optical layer with its bands, None without one; warns through `feedback` of what looks like none."""
    layer = raster_layer(algorithm, parameters, OPTICAL, context)
    if layer is None:
        return None
    check_image(layer, Kind.OPTICAL, feedback)
    return RasterInput(layer, algorithm.parameterAsInts(parameters, OPTICAL_BANDS, context) or visible_bands(layer))


def aligned_layers(
    algorithm: SarbridgeAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    patch: int = 0,
) -> AlignedLayersInput:
    """Return the layers that are asked for, with which patches of them are taken.

    patch: pixels a side, for algorithms that ask for neither that nor for heights; 0: what is asked for. Raises
    `UserError` for what makes no sense, and warns through `feedback` of what is doubtful.
    """
    sar = SarBandsInput(algorithm, parameters, context, feedback)
    optical = optical_input(algorithm, parameters, context, feedback)
    dem = None if patch else elevation_input(algorithm, parameters, DEM, context, feedback)
    refuse_same_pixels(algorithm, {**sar.layers, OPTICAL: optical, DEM: dem})
    described = AlignedLayers(
        sar=sar.described,
        optical=optical.described,
        polarisations=sar.polarisations,
        sar_unit=algorithm.parameterAsString(parameters, SAR_UNIT, context),
        patch=patch or algorithm.parameterAsInt(parameters, PATCH_SIZE, context),
        most_cloud=algorithm.parameterAsDouble(parameters, CLOUD_SHARE, context) / 100,
        validation_share=algorithm.parameterAsDouble(parameters, VALIDATION_SHARE, context) / 100,
        seed=algorithm.parameterAsInt(parameters, SEED, context),
    )
    return AlignedLayersInput(described, sar, optical, dem, area_source(algorithm, parameters, context))
