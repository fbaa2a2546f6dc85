"""Small complex images in every geometry, for tests beside QGIS, which brings GDAL but not rasterio."""

import numpy as np
from osgeo import gdal, osr
from sarbridge.tests.rasters import EPSG, LEFT, TOP

ON_MAP = (LEFT, 1, 0, TOP, 0, -1)


def speckled(rows=64, columns=96, seed=0):
    """Return complex64 [rows, columns]: single-look speckle over two fields, the right one 10 dB brighter."""
    random = np.random.default_rng(seed)
    fields = np.where(np.arange(columns) < columns // 2, 0.1, 1.0) / 2
    real, imaginary = random.normal(size=(2, rows, columns)) * np.sqrt(fields)
    return (real + 1j * imaginary).astype(np.complex64)


def write_slc(path, values=None, transform=None, points=False, polynomials=False):
    """Write values (`speckled` by default), in radar geometry unless there is a transform; return the path as text.

    points: four ground control points at the corners. polynomials: an RPC model.
    """
    values = speckled() if values is None else values
    rows, columns = values.shape
    kind = gdal.GDT_CFloat32 if np.iscomplexobj(values) else gdal.GDT_Float32
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), columns, rows, 1, kind)
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    if transform:
        dataset.SetGeoTransform(transform)
        dataset.SetProjection(system.ExportToWkt())
    if points:
        corners = [(0, 0), (columns, 0), (0, rows), (columns, rows)]
        gcps = [gdal.GCP(LEFT + 3 * col + row, TOP + col - 3 * row, 0, col, row) for col, row in corners]
        dataset.SetGCPs(gcps, system.ExportToWkt())
    if polynomials:
        dataset.SetMetadata(_rpc(rows, columns), "RPC")
    dataset.GetRasterBand(1).WriteArray(values)
    dataset.FlushCache()
    return str(path)


def _rpc(rows, columns):
    """Rows that run south and columns that run east, ten kilometres of each."""
    one, east, north = ([float(place == at) for place in range(20)] for at in (0, 1, 2))
    numbers = {"HEIGHT_OFF": 0, "HEIGHT_SCALE": 500, "LAT_OFF": 47, "LAT_SCALE": 0.05, "LONG_OFF": 15}
    numbers |= {"LONG_SCALE": 0.05, "LINE_OFF": rows / 2, "LINE_SCALE": rows / 2}
    numbers |= {"SAMP_OFF": columns / 2, "SAMP_SCALE": columns / 2}
    series = {"LINE_NUM_COEFF": [-each for each in north], "SAMP_NUM_COEFF": east}
    series |= {"LINE_DEN_COEFF": one, "SAMP_DEN_COEFF": one}
    texts = {name: " ".join(map(str, each)) for name, each in series.items()}
    return {**{name: str(each) for name, each in numbers.items()}, **texts}
