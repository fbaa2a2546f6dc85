"""A small pair with a known shift: one texture as optical image, and again, displaced, as SAR image in dB."""

import numpy as np
import pytest
from sarbridge.tests.rasters import write_raster

LEFT, TOP, PIXEL = 500_000, 5_000_000, 10
RIGHT, DOWN = 7, -4
"""The shift, in pixels."""

FILES = {"TIE_POINTS": "points.gpkg", "VECTORS": "vectors.shp", "GCP_POINTS": "a.points", "REPORT": "report.html"}
"""A name for each output of a matching run."""


def texture(width, height, seed=0):
    """Return a smooth random texture, float64 [height, width], mean 0, standard deviation 1."""
    noise = np.random.default_rng(seed).standard_normal((height, width))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height)))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((frequency / 0.08) ** 2))).real
    return (smooth - smooth.mean()) / smooth.std()


def write_image_pair(folder, size=384):
    """Write `sar.tif` (dB) and `optical.tif` (8-bit RGB), `size` pixels square, and return their paths.

    What lies at an optical position lies `RIGHT` and `DOWN` pixels further on in the SAR image, which is the shift that
    matching has to find. The optical image is thus misplaced by the opposite.
    """
    margin = max(abs(RIGHT), abs(DOWN))
    scene = texture(size + 2 * margin, size + 2 * margin)
    optical = scene[margin : margin + size, margin : margin + size]
    sar = scene[margin - DOWN : margin - DOWN + size, margin - RIGHT : margin - RIGHT + size]
    grey = np.clip(128 + 40 * optical, 0, 255).astype("uint8")
    return write_on_grid(folder / "sar.tif", -12 + 4 * sar), write_on_grid(folder / "optical.tif", np.stack([grey] * 3))


def write_on_grid(path, values):
    """Write values on the grid of the pair; return the path as text."""
    return write_raster(path, values, PIXEL, (LEFT, TOP))


@pytest.fixture
def pair(tmp_path):
    """The paths of a SAR and an optical image; a `conftest.py` takes it over for the tests of its folder."""
    return write_image_pair(tmp_path)


def matching(pair, folder, **others):
    """Return the parameters of a run with cross-correlation on a regular grid, which needs no model."""
    sar, optical = pair
    by_correlation = {"METHOD": "ncc", "CANDIDATES": "grid", "SAR_UNIT": "db", "SPACING": 32}
    return {"SAR": sar, "OPTICAL": optical, **by_correlation, "TIE_POINTS": str(folder / "points.gpkg"), **others}


def matching_with_every_output(pair, folder, **others):
    """Return the parameters of such a run that writes all it can."""
    return matching(pair, folder, **{key: str(folder / name) for key, name in FILES.items()}, **others)
