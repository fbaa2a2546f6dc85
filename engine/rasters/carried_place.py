"""What a raster says of its place beside a geotransform, carried over to a raster of the same pixels."""

from dataclasses import dataclass
from typing import Any, Optional

from rasterio import DatasetReader
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.rpc import RPC

from ...contract.sources import RasterSource
from .grid import Window
from .place import has_place
from .source_file import open_anywhere


@dataclass(frozen=True)
class CarriedPlace:
    """Ground control points with their CRS, and rational polynomial coefficients, as rasterio has them."""

    points: tuple[GroundControlPoint, ...]
    points_crs: Any
    rpcs: Optional[RPC]

    def write(self, dataset: DatasetReader) -> None:
        """Say the same in an opened, new dataset."""
        if self.points:
            dataset.gcps = list(self.points), self.points_crs or CRS()  # points of no CRS stay such
        if self.rpcs:
            dataset.rpcs = self.rpcs


NO_PLACE = CarriedPlace((), None, None)
"""That of a raster of which its geotransform says all."""


def carried_place(source: RasterSource, window: Window) -> CarriedPlace:
    """Return the `CarriedPlace` of a `Window` of a raster; raises `UserError` as `open_anywhere`.

    Points beside a geotransform are left out: it wins in QGIS, and a GeoTIFF, which cannot hold both, would lose it.
    """
    with open_anywhere(source) as dataset:
        (points, crs), rpcs = dataset.gcps, dataset.rpcs
        if has_place(dataset):
            points, crs = (), None
    moved = tuple(
        GroundControlPoint(each.row - window.row, each.col - window.col, each.x, each.y, each.z, each.id, each.info)
        for each in points
    )
    if rpcs:
        rpcs = RPC(**{**rpcs.to_dict(), "line_off": rpcs.line_off - window.row, "samp_off": rpcs.samp_off - window.col})
    return CarriedPlace(moved, crs, rpcs)
