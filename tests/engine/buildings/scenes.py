"""Small layers of buildings: footprints as files of lines, and masks as rasters, in metres from one corner."""

import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine
from rasterio.warp import transform as transform_coordinates
from sarbridge.contract.buildings_jobs import BuildingSource
from sarbridge.contract.footprint_lines import ScoredFootprint, write_footprint_lines
from sarbridge.contract.sources import FootprintSource, RasterSource

LEFT, TOP = 500_000, 5_300_000
UTM = rasterio.crs.CRS.from_epsg(32633)


def square(x, y, side, height=None):
    """A rectangle whose upper left corner is `x` m right and `y` m below the corner of the place."""
    return shapely.box(x, y, x + side, y + (side if height is None else height))


def footprint_source(path, shapes, scores=None, epsg=32633):
    """Write shapes in metres right and down of the corner as footprints in a CRS."""
    crs, lines = rasterio.crs.CRS.from_epsg(epsg), []
    for number, shape in enumerate(shapes):
        rings = [np.array(ring.coords) for ring in (shape.exterior, *shape.interiors)]
        placed = [transform_coordinates(UTM, crs, LEFT + ring[:, 0], TOP - ring[:, 1]) for ring in rings]
        rings = [[list(position) for position in zip(*ring)] for ring in placed]
        lines.append(ScoredFootprint(None if scores is None else scores[number], rings))
    write_footprint_lines(path, lines)
    return FootprintSource(path.stem, str(path), crs.to_wkt())


def footprints(path, shapes, scores=None, epsg=32633):
    """The same as one side of a comparison."""
    return BuildingSource(footprints=footprint_source(path, shapes, scores, epsg))


def mask(path, values, cell=1.0, nodata=None, corner=(0, 0)):
    """Write a mask [h, w] whose corner is so many metres right and down of the place's; one side of a comparison."""
    values = np.asarray(values)
    placed = Affine(cell, 0, LEFT + corner[0], 0, -cell, TOP - corner[1])
    shape = {"width": values.shape[1], "height": values.shape[0], "count": 1, "dtype": values.dtype}
    with rasterio.open(path, "w", "GTiff", crs=UTM, transform=placed, nodata=nodata, **shape) as file:
        file.write(values, 1)
    return BuildingSource(mask=RasterSource(path.stem, str(path), UTM.to_wkt()))
