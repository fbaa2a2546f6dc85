"""Small GeoTIFFs, and polygons, for tests beside QGIS, which brings GDAL but not rasterio."""

import numpy as np
from osgeo import gdal, ogr, osr

EPSG = 32633
LEFT, TOP = 500_000, 5_300_000
"""On the central meridian of the zone, where grid north is true north."""


def write_raster(path, values, cell=1.0, corner=(LEFT, TOP), nodata=None):
    """Write [height, width] or [bands, height, width], 8-bit as it is and else float32; return the path as text."""
    values = np.asarray(values)
    values = values if values.dtype == np.uint8 else values.astype(np.float32)
    bands = values if values.ndim == 3 else values[None]
    count, height, width = bands.shape
    kind = gdal.GDT_Byte if values.dtype == np.uint8 else gdal.GDT_Float32
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, count, kind)
    dataset.SetGeoTransform((corner[0], cell, 0, corner[1], 0, -cell))
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    dataset.SetProjection(system.ExportToWkt())
    for number, band in enumerate(bands, 1):
        dataset.GetRasterBand(number).WriteArray(band)
        if nodata is not None:
            dataset.GetRasterBand(number).SetNoDataValue(nodata)
    dataset.FlushCache()
    return str(path)


def read_raster(path):
    """Return [height, width] of a raster of one band, [bands, height, width] of others."""
    return gdal.Open(str(path)).ReadAsArray()


def polygons(path, *boxes, heights=()):
    """Write rectangles (left, top, right, bottom in pixels of 10 m) as a layer, with the heights of the first ones."""
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    layer = source.CreateLayer("area", system, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("height", ogr.OFTReal))
    for number, (left, top, right, bottom) in enumerate(boxes):
        xs, ys = [LEFT + 10 * each for each in (left, right)], [TOP - 10 * each for each in (top, bottom)]
        corners = [(xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[0], ys[1]), (xs[0], ys[0])]
        feature = ogr.Feature(layer.GetLayerDefn())
        text = ", ".join(f"{x} {y}" for x, y in corners)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({text}))"))
        if number < len(heights):
            feature["height"] = heights[number]
        layer.CreateFeature(feature)
    return str(path)
