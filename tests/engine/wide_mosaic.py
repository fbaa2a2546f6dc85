"""A virtual raster of more pixels than can be worked on at once, in which one small image has a place."""

import rasterio
from sarbridge.contract.sources import RasterSource

SIDE = 400_000


def wide_mosaic(path, image, col, row):
    """Write `SIDE` × `SIDE` pixels from the corner of an image on, empty but for that image's first band at a place.

    Return (source, extent of the image's place).
    """
    with rasterio.open(image.path) as file:
        to_map, width, height = file.transform, file.width, file.height
    size = f'xSize="{width}" ySize="{height}"'
    path.write_text(
        f'<VRTDataset rasterXSize="{SIDE}" rasterYSize="{SIDE}"><SRS>{image.crs.replace("&", "&amp;")}</SRS>'
        f"<GeoTransform>{', '.join(map(str, to_map.to_gdal()))}</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><NoDataValue>nan</NoDataValue><SimpleSource>'
        f"<SourceFilename>{image.path}</SourceFilename><SourceBand>1</SourceBand>"
        f'<SrcRect xOff="0" yOff="0" {size}/><DstRect xOff="{col}" yOff="{row}" {size}/>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    (left, top), (right, bottom) = to_map * (col, row), to_map * (col + width, row + height)
    return RasterSource(path.stem, str(path), image.crs), (left, bottom, right, top)
