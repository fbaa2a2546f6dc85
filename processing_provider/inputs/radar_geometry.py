"""Radar images on a map or as the sensor saw them, with or without points that say where they lie."""

from collections.abc import Iterable, Sequence
from typing import Optional

from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer

from ...contract.errors import UserError
from ..gdal_results import raster_or_none, without_open_options
from .implausible_layers import check_image
from .layer_kinds import Kind
from .layers import RasterInput, band_count

_COLUMNS_AND_ROWS = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
"""A geotransform that says nothing."""


def radar_image(layer: QgsRasterLayer, bands: Iterable[int], feedback: QgsProcessingFeedback) -> RasterInput:
    """Return the `RasterInput` of an image in any geometry; without `bands` of all but those that are transparencies.

    Raises `UserError` as it does, and for an image in radar geometry that is no file, as QGIS would write it warped.
    Warns of a layer that is called like something else.
    """
    check_image(layer, Kind.SAR, feedback)
    dataset = raster_or_none(without_open_options(layer.dataProvider().dataSourceUri(True)))
    image = RasterInput(layer, bands or _opaque_bands(layer, dataset), anywhere=_is_in_radar_geometry(dataset))
    if image.described.anywhere and not image.is_file:
        raise UserError(
            f"Layer '{image.name}' is no file and lies nowhere on a map: save it as GeoTIFF and choose that file."
        )
    return image


def _is_in_radar_geometry(dataset: Optional[gdal.Dataset]) -> bool:
    """Whether columns and rows of a file are no places; QGIS may know some by its points or polynomials."""
    return dataset is not None and dataset.GetGeoTransform(can_return_null=True) in (None, _COLUMNS_AND_ROWS)


def _opaque_bands(layer: QgsRasterLayer, dataset: Optional[gdal.Dataset]) -> Sequence[int]:
    bands = range(1, band_count(layer) + 1)
    if dataset is None:
        return bands
    return [band for band in bands if dataset.GetRasterBand(band).GetColorInterpretation() != gdal.GCI_AlphaBand]
