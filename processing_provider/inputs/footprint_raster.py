"""Footprints of buildings → a raster on the grid of a surface model: 1 in buildings, 0 elsewhere."""

from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeatureSource,
)

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..gdal_results import memory_dataset, open_raster
from .export import Export
from .footprint_polygons import footprint_polygons

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
    middle = pattern.GetGeoTransform()[0] + pattern.RasterXSize / 2 * pattern.GetGeoTransform()[1]
    for _, polygon in footprint_polygons(source, request, export.feedback):
        if crs.isGeographic():
            polygon = _on_the_turn_of(middle, polygon)
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes(polygon.asWkb())))
        layer.CreateFeature(feature)
    gdal.RasterizeLayer(raster, [1], layer, burn_values=[1], options=["ALL_TOUCHED=TRUE"])
    if raster.GetRasterBand(1).ComputeRasterMinMax(False)[1] == 0:
        raise UserError(
            f"No footprint of layer '{source.sourceName()}' lies on layer '{dsm.name}': choose footprints of the same "
            "area, or correct the coordinate reference system of one of them."
        )
    return RasterSource(source.sourceName(), path, dsm.crs)


def _on_the_turn_of(middle, polygon):
    """Return a polygon in degrees whose longitudes are counted as `middle`, one of the raster, is: on beyond 180°."""
    if polygon.boundingBox().width() > 180:  # it lies on both sides of 180°
        rings = [[QgsPointXY(point.x() % 360, point.y()) for point in ring] for ring in polygon.asPolygon()]
        polygon = QgsGeometry.fromPolygonXY(rings)
    polygon.translate(360 * round((middle - polygon.boundingBox().center().x()) / 360), 0)
    return polygon
