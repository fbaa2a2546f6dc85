"""Writes the odd rasters of the corpus; each function returns the path as text."""

import os
from pathlib import Path

import numpy as np
from osgeo import gdal, osr
from sarbridge.tests.image_pair import LEFT, PIXEL, TOP
from sarbridge.tests.rasters import EPSG

SIDE = 64
PLACE = (LEFT, PIXEL, 0, TOP, 0, -PIXEL)


def waves(side=SIDE):
    """Return heights between 0 and 20, float64 [side, side]."""
    rows, cols = np.mgrid[:side, :side]
    return 10 + 5 * np.sin(rows / 5) + 5 * np.cos(cols / 7)


def geotiff(path, values=None, kind=gdal.GDT_Float32, place=PLACE, crs=EPSG, options=(), **said):
    """Write [h, w] or [bands, h, w] as a GeoTIFF; `said`: what each band says, such as `NoDataValue=0`."""
    values = np.atleast_3d(waves() if values is None else values)
    bands = values.transpose(2, 0, 1) if values.shape[2] == 1 else values
    count, height, width = bands.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, count, kind, list(options))
    dataset.SetGeoTransform(place)
    system = osr.SpatialReference()
    if crs:
        system.SetFromUserInput(f"EPSG:{crs}" if isinstance(crs, int) else crs)
        dataset.SetProjection(system.ExportToWkt())
    for number, pixels in enumerate(bands, 1):
        band = dataset.GetRasterBand(number)
        band.WriteArray(pixels)
        for name, value in said.items():
            getattr(band, f"Set{name}")(value)
    dataset.FlushCache()
    return str(path)


def text(path, content=b"no raster"):
    path.write_bytes(content)
    return str(path)


def vrt(path, source="", width=SIDE, height=SIDE, place=PLACE, band="", before=""):
    """Write a VRT of one band, of a source or of what the XML `band` says."""
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    if source:
        band = f'<SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename></SimpleSource>'
    return text(
        path,
        (
            f'{before}<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{system.ExportToWkt()}</SRS>'
            f"<GeoTransform>{','.join(map(str, place))}</GeoTransform>"
            f'<VRTRasterBand dataType="Float32" band="1">{band}</VRTRasterBand></VRTDataset>'
        ).encode(),
    )


def cut(path):
    """Leave the first half of a file."""
    os.truncate(path, Path(path).stat().st_size // 2)
    return path


def scratched(path):
    """Turn some bytes in the middle of a file."""
    content = bytearray(Path(path).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(byte ^ 0x5A for byte in content[middle : middle + 64])
    Path(path).write_bytes(content)
    return path


def masked(path, internal):
    """Write an 8-bit image with a mask, inside the file ("YES") or beside it ("NO")."""
    geotiff(path, waves(), gdal.GDT_Byte)
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", internal)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray((waves() > 8).astype(np.uint8) * 255)
    del dataset
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    return str(path)


def renamed(path, name):
    return str(Path(path).rename(Path(path).with_name(name)))
