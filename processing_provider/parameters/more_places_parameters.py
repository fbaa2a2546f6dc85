"""Layers of further places to learn from, beside those of the first: lists of layers in the same order of places."""

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsRasterLayer

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..inputs.implausible_layers import check_image
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput, band_count
from ..inputs.polarisations import polarisations_of
from .aligned_layers_parameters import DEM, AlignedLayersInput
from .distinct_layers import refuse_same_pixels
from .given import named
from .layers import add_rasters, input_of_heights, raster_layers

MORE_SAR, MORE_OPTICAL, MORE_DEM = "MORE_SAR", "MORE_OPTICAL", "MORE_DEM"


def add_more_places(algorithm: SarbridgeAlgorithm, with_heights: bool = True) -> None:
    """Add the layers of further places to an algorithm, folded away; with elevation layers or without."""
    add_rasters(
        algorithm,
        MORE_SAR,
        "SAR layers of other places",
        "Places to learn from as well, a layer each, with the polarisations of the SAR layer: by the names of their"
        " bands, else in the same bands. All are read in the unit that is chosen.",
        optional=True,
        advanced=True,
    )
    add_rasters(
        algorithm,
        MORE_OPTICAL,
        "Optical layers of other places",
        "One for each SAR layer of another place, in the same order; the same bands as of the optical layer are read.",
        optional=True,
        advanced=True,
    )
    if with_heights:
        add_rasters(
            algorithm,
            MORE_DEM,
            "Elevation layers of other places",
            "One for each SAR layer of another place, in the same order, where the first place has one.",
            optional=True,
            advanced=True,
        )


def all_places(
    algorithm: SarbridgeAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    first: AlignedLayersInput,
) -> list[AlignedLayersInput]:
    """Return the layers of the first place and those of all others, whose patches are taken alike.

    Raises `UserError` where the lists do not go together, for bands that a place lacks, and for the same radar image
    twice; an optical mosaic or an elevation layer may reach over several places.
    """
    asked = [key for key in (MORE_SAR, MORE_OPTICAL, MORE_DEM) if algorithm.parameterDefinition(key)]
    layers = {key: raster_layers(algorithm, parameters, key, context) for key in asked}
    _check_counts(algorithm, layers, first.dem is not None)
    others, optical_bands = [], first.optical.described.bands
    elevations = layers.get(MORE_DEM) or [None] * len(layers[MORE_SAR])
    for sar, optical, elevation in zip(layers[MORE_SAR], layers[MORE_OPTICAL], elevations):
        check_image(sar, Kind.SAR, feedback)
        check_image(optical, Kind.OPTICAL, feedback)
        place = (
            RasterInput(sar, _bands_alike(first, sar)),
            RasterInput(optical, _existing(optical_bands, optical, first.optical.name)),
            input_of_heights(elevation, feedback) if elevation else None,
        )
        refuse_same_pixels(algorithm, dict(zip((MORE_SAR, MORE_OPTICAL, MORE_DEM), place)))
        others.append(AlignedLayersInput(first.described, *place, first.area))
    refuse_same_pixels(algorithm, {**first.sar.layers, MORE_SAR: [other.sar for other in others]})
    return [first, *others]


def _check_counts(algorithm, layers, with_heights):
    called = {key: named(algorithm.parameterDefinition(key)) for key in layers}
    count = len(layers[MORE_SAR])
    for key in (MORE_OPTICAL, MORE_DEM) if with_heights else (MORE_OPTICAL,):
        if len(layers[key]) != count:
            raise UserError(
                f"{called[MORE_SAR]} are {count}, and {called[key]} are {len(layers[key])}: give one of each for every"
                " place, in the same order."
            )
    if layers.get(MORE_DEM) and not with_heights:
        heights = named(algorithm.parameterDefinition(DEM))
        raise UserError(
            f"{called[MORE_DEM]} would not be used, as {heights} is empty: give heights for every place, or for none."
        )


def _bands_alike(first: AlignedLayersInput, layer: QgsRasterLayer) -> Sequence[int]:
    """Return the bands of a SAR layer that show what those of the first one do."""
    wanted, bands = first.described.polarisations, first.described.sar.bands
    told = polarisations_of(layer, range(1, band_count(layer) + 1))
    if not (any(told) and all(wanted)):
        return _existing(bands, layer, first.described.sar.name)
    missing = [polarisation for polarisation in wanted if polarisation not in told]
    if missing:
        raise UserError(
            f"Layer '{layer.name()}' shows {', '.join(filter(None, told))} and not {', '.join(missing)}, as layer"
            f" '{first.described.sar.name}' does: choose layers of the same polarisations; those in files of their own"
            " are put into one first (Raster > Miscellaneous > Build Virtual Raster)."
        )
    return [told.index(polarisation) + 1 for polarisation in wanted]


def _existing(bands, layer, other):
    count = band_count(layer)
    if max(bands) > count:
        raise UserError(
            f"Layer '{layer.name()}' has {count} band{'s' * (count > 1)}, but of layer '{other}' the"
            f" band{'s' * (len(bands) > 1)} {', '.join(map(str, bands))} {'are' if len(bands) > 1 else 'is'} read:"
            " choose layers with the same bands."
        )
    return bands
