"""Two SAR layers of one scene, a polarisation each → one source with the bands of both."""

import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

from osgeo import gdal

from ...contract.errors import UserError
from ...contract.markup import parsed
from ...contract.sources import RasterSource
from ..gdal_results import open_raster
from .export import Export
from .layers import RasterInput


def check_joinable(one: RasterInput, other: RasterInput) -> None:
    """Raise `UserError` when two layers are no files, or their pixels do not lie on each other."""
    for layer in (one, other):
        if not layer.is_file:
            raise UserError(f"Layer '{layer.name}' is not a file: save it as GeoTIFF to match two SAR layers at once.")
    (size, corners), (other_size, other_corners) = (_lattice(layer) for layer in (one, other))
    apart = max(map(math.dist, corners, other_corners))
    if one.crs != other.crs or size != other_size or apart > 0.01 * math.dist(*corners[:2]) / size[0]:
        raise UserError(
            f"Layers '{one.name}' and '{other.name}' have different grids, as two polarisations of one product never"
            " have: choose layers of the same product, or bring one to the grid of the other."
        )


def join_bands(one: RasterSource, other: RasterSource, export: Export) -> RasterSource:
    """Return a source with the bands of both, which have one grid: a virtual raster of the two files.

    What the user declared to be no data in one of them is none in the other either. Raises `UserError` for masks, which
    it could not hold.
    """
    markups = []
    for source in (one, other):
        dataset = open_raster(source.path, source.name)
        if any(dataset.GetRasterBand(band).GetMaskFlags() & gdal.GMF_PER_DATASET for band in source.bands):
            raise UserError(
                f"Layer '{source.name}' has a mask, which two SAR layers at once cannot have: save it with a no-data"
                " value instead."
            )
        path = export.new_file(".vrt")
        gdal.Translate(path, dataset, format="VRT", bandList=list(source.bands))
        markups.append(parsed(Path(path).read_bytes()))
    # Not by BuildVRT, which leaves out what lies south up, mirrored or turned.
    both, [second] = markups[0], markups[1].findall("VRTRasterBand")
    second.set("band", "2")
    both.append(second)
    Path(path).write_bytes(ET.tostring(both, encoding="utf-8"))
    name = f"{one.name} + {other.name}"
    return replace(one, name=name, path=path, bands=(1, 2), nodata=tuple({*one.nodata, *other.nodata}))


def _lattice(layer):
    """Return (width, height) in pixels of a layer's file, and the places of three of its corners on the map."""
    dataset = open_raster(layer.text, layer.name)
    to_map, width, height = dataset.GetGeoTransform(), dataset.RasterXSize, dataset.RasterYSize
    corners = [gdal.ApplyGeoTransform(to_map, *pixel) for pixel in ((0, 0), (width, 0), (0, height))]
    return (width, height), corners
