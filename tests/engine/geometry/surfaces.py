"""Surface models as files for tests, and a reporter that keeps what it is told."""

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.reporting import Reporter

UTM = 32633
LEFT, TOP = 500_000, 5_300_000
"""On the central meridian of zone 33, where grid north is true north."""


def write_surface(path, heights, cell=1.0, crs=UTM, corner=(LEFT, TOP), nodata=None, **tags):
    """Write heights [h, w] as GeoTIFF and return its `RasterSource`; `cell`: width (and height) in units of the CRS."""
    heights = np.asarray(heights, np.float32)
    transform = Affine(cell, 0, corner[0], 0, -cell, corner[1])
    shape = {"height": heights.shape[0], "width": heights.shape[1], "count": 1, "dtype": "float32"}
    crs = CRS.from_user_input(crs)
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, nodata=nodata, **shape) as dataset:
        dataset.write(heights, 1)
        if "unit" in tags:
            dataset.units = (tags["unit"],)
    return RasterSource(path.stem, str(path), crs.to_wkt())


class KeptReports(Reporter):
    """Keeps the texts of messages in `texts` by level, and all progress in `fractions`."""

    def __init__(self):
        super().__init__(self._keep)
        self.texts, self.fractions = {"info": [], "warning": []}, []

    def _keep(self, message):
        if message["kind"] == "message":
            self.texts[message["level"]].append(message["text"])
        else:
            self.fractions.append(message["fraction"])
