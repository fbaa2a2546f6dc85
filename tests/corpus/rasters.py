"""Rasters that are none, or that are odd."""

import numpy as np
from sarbridge.tests.corpus.case import Case, coregister, distortions, match
from sarbridge.tests.corpus.odd_rasters import geotiff
from sarbridge.tests.rasters import write_raster


def _text(path, content=b"no raster"):
    path.write_bytes(content)
    return str(path)


CASES = [
    Case(
        "no CRS",
        lambda at: distortions(at, DEM=geotiff(at / "a.tif", crs=None)),
        refused="Layer 'a' has no coordinate reference system",
    ),
    Case(
        "a text",
        lambda at: match(at, SAR=_text(at / "a.tif")),
        refused=r"\(SAR\): '.*a.tif' cannot be read as a raster",
    ),
    Case("zero bytes", lambda at: coregister(at, INPUT=_text(at / "a.tif", b"")), refused="'.*a.tif' cannot be read"),
    Case(
        "no data only",
        lambda at: distortions(at, DEM=write_raster(at / "dem.tif", np.full((40, 40), np.nan))),
        refused="Layer 'dem' holds only no data",
    ),
    Case(
        "one pixel",
        lambda at: match(at, OPTICAL=write_raster(at / "a.tif", np.ones((1, 1)))),
        refused="Layer 'a' is only 1 × 1 pixels",
    ),
]
