"""A small pair with a known shift: one texture as optical image, and again, displaced, as SAR image in dB."""

import numpy as np
from osgeo import gdal, osr

LEFT, TOP, PIXEL = 500_000, 5_000_000, 10
EPSG = 32633


def texture(width, height, seed=0):
    """Return a smooth random texture, float64 [height, width], mean 0, standard deviation 1."""
    noise = np.random.default_rng(seed).standard_normal((height, width))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height)))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((frequency / 0.08) ** 2))).real
    return (smooth - smooth.mean()) / smooth.std()


def write_image_pair(folder, right=7, down=-4, size=384):
    """Write `sar.tif` (dB) and `optical.tif` (8-bit RGB), `size` pixels square, and return their paths.

    What lies at an optical position lies `right` and `down` pixels further on in the SAR image, which is the shift that
    matching has to find. The optical image is thus misplaced by the opposite.
    """
    margin = max(abs(right), abs(down))
    scene = texture(size + 2 * margin, size + 2 * margin)
    optical = scene[margin : margin + size, margin : margin + size]
    sar = scene[margin - down : margin - down + size, margin - right : margin - right + size]
    grey = np.clip(128 + 40 * optical, 0, 255).astype("uint8")
    write_raster(folder / "optical.tif", np.stack([grey] * 3))
    write_raster(folder / "sar.tif", (-12 + 4 * sar)[None].astype("float32"))
    return str(folder / "sar.tif"), str(folder / "optical.tif")


def write_raster(path, values, epsg=EPSG):
    """Write [bands, height, width] as a GeoTIFF on the 10 m grid of the pair."""
    kind = {"uint8": gdal.GDT_Byte, "float32": gdal.GDT_Float32}[str(values.dtype)]
    bands, height, width = values.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, bands, kind)
    dataset.SetGeoTransform((LEFT, PIXEL, 0, TOP, 0, -PIXEL))
    system = osr.SpatialReference()
    system.ImportFromEPSG(epsg)
    dataset.SetProjection(system.ExportToWkt())
    for number, band in enumerate(values, 1):
        dataset.GetRasterBand(number).WriteArray(band)
