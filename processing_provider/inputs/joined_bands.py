"""Two SAR layers of one scene, a polarisation each → one source with the bands of both."""

from dataclasses import replace

from osgeo import gdal

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..gdal_results import open_raster
from .export import Export
from .layers import RasterInput


def check_joinable(one: RasterInput, other: RasterInput) -> None:
    """Raise `UserError` when two layers are no files, or their pixels do not lie on each other."""
    for layer in (one, other):
        if not layer.is_file:
            raise UserError(f"Layer '{layer.name}' is not a file: save it as GeoTIFF to match two SAR layers at once.")
    pixel = one.extent.width() / one.size[0]
    edges = [
        getattr(one.extent, side)() - getattr(other.extent, side)()
        for side in ("xMinimum", "xMaximum", "yMinimum", "yMaximum")
    ]
    if one.crs != other.crs or one.size != other.size or max(map(abs, edges)) > 0.01 * pixel:
        raise UserError(
            f"Layers '{one.name}' and '{other.name}' have different grids, as two polarisations of one product never"
            " have: choose layers of the same product, or bring one to the grid of the other."
        )


def join_bands(one: RasterSource, other: RasterSource, export: Export) -> RasterSource:
    """Return a source with the bands of both, which have one grid: a virtual raster of the two files.

    What the user declared to be no data in one of them is none in the other either. Raises `UserError` for masks, which
    it could not hold.
    """
    paths = [export.new_file(".vrt") for _ in range(3)]
    for path, source in zip(paths, (one, other)):
        dataset = open_raster(source.path, source.name)
        if any(dataset.GetRasterBand(band).GetMaskFlags() & gdal.GMF_PER_DATASET for band in source.bands):
            raise UserError(
                f"Layer '{source.name}' has a mask, which two SAR layers at once cannot have: save it with a no-data"
                " value instead."
            )
        gdal.Translate(path, dataset, format="VRT", bandList=list(source.bands))
    gdal.BuildVRT(paths[2], paths[:2], separate=True)
    name = f"{one.name} + {other.name}"
    return replace(one, name=name, path=paths[2], bands=(1, 2), nodata=tuple({*one.nodata, *other.nodata}))
