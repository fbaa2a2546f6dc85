"""Polygons of a layer → a raster on the grid of another: 1 in footprints of buildings or in an area, 0 elsewhere."""

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
from .polygons import polygons_of

_CREATION = ("TILED=YES", "COMPRESS=DEFLATE", "SPARSE_OK=TRUE", "BIGTIFF=IF_SAFER")


def burn_footprints(
    source: QgsProcessingFeatureSource, dsm: RasterSource, crs: QgsCoordinateReferenceSystem, export: Export
) -> RasterSource:
    """Write the footprints of a layer to a GeoTIFF on the grid of a surface model, whose CRS is `crs`.

    Cells that an outline touches belong to the building: a wall lies between a cell of the roof and one of the ground.
    Raises `UserError` when no footprint lies on the grid.
    """
    return _burnt(source, dsm, crs, export, "footprint", ["ALL_TOUCHED=TRUE"])


def burn_area(
    source: QgsProcessingFeatureSource, raster: RasterSource, crs: QgsCoordinateReferenceSystem, export: Export
) -> RasterSource:
    """Write the polygons of a layer to a GeoTIFF on the grid of a raster, whose CRS is `crs`: cells by their centres.

    Raises `UserError` when no polygon lies on the grid.
    """
    return _burnt(source, raster, crs, export, "polygon", [])


def _burnt(source, grid_of, crs, export, called, options):
    path = export.new_file(".tif")
    pattern = open_raster(grid_of.path, grid_of.name)
    size = pattern.RasterXSize, pattern.RasterYSize
    raster = gdal.GetDriverByName("GTiff").Create(path, *size, 1, gdal.GDT_Byte, _CREATION)
    raster.SetGeoTransform(pattern.GetGeoTransform())
    raster.SetProjection(grid_of.crs)
    polygons = memory_dataset()
    layer = polygons.CreateLayer("polygons", osr.SpatialReference(grid_of.crs), ogr.wkbUnknown)
    request = QgsFeatureRequest().setNoAttributes().setDestinationCrs(crs, export.transform_context)
    middle = pattern.GetGeoTransform()[0] + pattern.RasterXSize / 2 * pattern.GetGeoTransform()[1]
    for _, polygon in polygons_of(source, request, export.feedback):
        if crs.isGeographic():
            polygon = _on_the_turn_of(middle, polygon)
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkb(bytes(polygon.asWkb())))
        layer.CreateFeature(feature)
    gdal.RasterizeLayer(raster, [1], layer, burn_values=[1], options=options)
    if raster.GetRasterBand(1).ComputeRasterMinMax(False)[1] == 0:
        raise UserError(
            f"No {called} of layer '{source.sourceName()}' lies on layer '{grid_of.name}': choose {called}s of the same"
            " area, or correct the coordinate reference system of one of them."
        )
    return RasterSource(source.sourceName(), path, grid_of.crs)


def _on_the_turn_of(middle, polygon):
    """Return a polygon in degrees whose longitudes are counted as `middle`, one of the raster, is: on beyond 180°."""
    if polygon.boundingBox().width() > 180:  # it lies on both sides of 180°
        rings = [[QgsPointXY(point.x() % 360, point.y()) for point in ring] for ring in polygon.asPolygon()]
        polygon = QgsGeometry.fromPolygonXY(rings)
    polygon.translate(360 * round((middle - polygon.boundingBox().center().x()) / 360), 0)
    return polygon
