"""Pairs of images of one ground that is known in metres, written in any coordinate reference systems, and misplaced."""

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.tests.engine.matching.matching_pairs import source, write
from sarbridge.tests.waves import waves

SIDE, PIXEL = 288, 10.0  # pixels, metres on the ground
SHIFT = (80.0, -60.0)
"""Metres on the ground, true east and north: what must be added to an optical position in the middle."""

GROWTH = 0.004
"""By so much of the distance from the middle the shift grows: what a single shift leaves is known as well."""

_GROUND = waves(120.0, seed=4)


class Ground:
    """The plane of metres (true east, true north) around a place in degrees, independent of the code under test."""

    def __init__(self, longitude, latitude):
        self.place = longitude, latitude
        self._plane = CRS.from_string(f"+proj=aeqd +lon_0={longitude} +lat_0={latitude} +datum=WGS84 +units=m")

    def metres(self, crs, xs, ys):
        """Return [n, 2] of positions in a CRS."""
        return np.stack(project(crs, self._plane, np.ravel(xs), np.ravel(ys))[:2], axis=1)

    def shifts(self, optical):
        """Return the planted shifts [n, 2] at optical positions [n, 2], in metres."""
        return np.add(SHIFT, GROWTH * np.asarray(optical))

    def pair(self, folder, sar_crs, optical_crs, turn=None):
        """Write both images; `turn`: an Affine from pixels of the SAR image as written to pixels of one north up."""
        sar, optical = self._lattice(sar_crs), self._lattice(optical_crs)
        sar = sar if turn is None else sar * turn
        sar_values = -12 + 3 * _GROUND(*self._metres_of(sar, sar_crs).T)
        places = self._metres_of(optical, optical_crs)
        optical_values = 128 + 40 * _GROUND(*(places + self.shifts(places)).T)
        sar_values = sar_values.reshape(SIDE, SIDE).astype("float32")
        optical_values = np.clip(optical_values, 0, 255).reshape(SIDE, SIDE).astype("uint8")
        return (
            source("Radar", write(folder / "sar.tif", sar_values, sar, sar_crs), sar_crs),
            source("Colours", write(folder / "optical.tif", optical_values, optical, optical_crs), optical_crs),
        )

    def _lattice(self, crs):
        """The geotransform of an image around the place, north up, whose pixels are `PIXEL` metres on the ground."""
        (x,), (y,) = project("EPSG:4326", crs, *([each] for each in self.place))
        step = 1e-4 if CRS.from_user_input(crs).is_geographic else 0.1
        middle, right, up = self.metres(crs, [x, x + step, x], [y, y, y + step])
        width, height = (PIXEL / np.linalg.norm(end - middle) * step for end in (right, up))
        return Affine(width, 0, x - width * SIDE / 2, 0, -height, y + height * SIDE / 2)

    def _metres_of(self, lattice, crs):
        cols, rows = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
        return self.metres(crs, *(lattice * (cols, rows)))
