"""Footprints of buildings → a raster on the grid of a surface model: 1 in buildings, 0 elsewhere."""

from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProcessingException,
    QgsProcessingFeatureSource,
)

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..gdal_results import memory_dataset, open_raster
from .export import Export

_CREATION = ("TILED=YES", "COMPRESS=DEFLATE", "SPARSE_OK=TRUE", "BIGTIFF=IF_SAFER")


def burn_footprints(
    source: QgsProcessingFeatureSource, dsm: RasterSource, crs: QgsCoordinateReferenceSystem, export: Export
) -> RasterSource:
    """Write the polygons of a layer to a GeoTIFF on the grid of a surface model, whose CRS is `crs`.

    Cells that an outline touches belong to the building: a wall lies between a cell of the roof and one of the ground.
    Raises `UserError` when no polygon lies on the grid.
    """
    path = export.new_file(".tif")
    pattern = open_raster(dsm.path, dsm.name)
    size = pattern.RasterXSize, pattern.RasterYSize
    raster = gdal.GetDriverByName("GTiff").Create(path, *size, 1, gdal.GDT_Byte, _CREATION)
    raster.SetGeoTransform(pattern.GetGeoTransform())
    raster.SetProjection(dsm.crs)
    polygons = memory_dataset()
    layer = polygons.CreateLayer("polygons", osr.SpatialReference(dsm.crs), ogr.wkbUnknown)
    request = QgsFeatureRequest().setNoAttributes().setDestinationCrs(crs, export.transform_context)
    # An outline that crosses itself can be burnt as well as any other.
    for feature in source.getFeatures(request, QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks):
        if export.feedback.isCanceled():
            raise QgsProcessingException("Cancelled.")
        if feature.hasGeometry():
            polygon = ogr.Feature(layer.GetLayerDefn())
            polygon.SetGeometry(ogr.CreateGeometryFromWkb(bytes(feature.geometry().asWkb())))
            layer.CreateFeature(polygon)
    gdal.RasterizeLayer(raster, [1], layer, burn_values=[1], options=["ALL_TOUCHED=TRUE"])
    if raster.GetRasterBand(1).ComputeRasterMinMax(False)[1] == 0:
        raise UserError(
            f"No footprint of layer '{source.sourceName()}' lies on layer '{dsm.name}': choose footprints of the same "
            "area, or correct the coordinate reference system of one of them."
        )
    return RasterSource(source.sourceName(), path, dsm.crs)
