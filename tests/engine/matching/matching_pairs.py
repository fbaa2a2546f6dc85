"""Synthetic pairs for matching, SAR and optical, with a planted shift, and jobs on them."""

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.tests.waves import waves

UTM, DEGREES = "EPSG:32633", "EPSG:4326"
EAST, NORTH = 500_000.0, 5_200_000.0  # the upper left corner of the SAR image
PIXEL, SIDE, TURN = 10.0, 320, 20.0  # metres, pixels, degrees
SCALE = 0.9996  # of UTM on its central meridian: units of the map for a metre on the ground
SHIFT = (23.7, -41.2)  # metres east and north, to be added to an optical position to land on the SAR position

_GROUND = waves(150.0, seed=2)  # of map positions in UTM


def turned_pair(folder):
    """SAR on a lattice turned by 20 degrees, optical in degrees around it: (SAR source, optical source)."""
    lattice = Affine.translation(EAST, NORTH) * Affine.rotation(TURN) * Affine.scale(PIXEL, -PIXEL)
    sar = _write_sar(folder / "sar.tif", lattice)
    corners = [lattice * corner for corner in ((0, 0), (SIDE, 0), (0, SIDE), (SIDE, SIDE))]
    longitude, latitude = project(UTM, DEGREES, *zip(*corners))
    west, north = min(longitude) - 0.002, max(latitude) + 0.002
    step_x, step_y = 1.3e-4, 0.9e-4  # degrees, about 10 m here
    width, height = int((max(longitude) + 0.002 - west) / step_x), int((north - min(latitude) + 0.002) / step_y)
    degrees = Affine(step_x, 0, west, 0, -step_y, north)
    optical = _write_optical(folder / "optical.tif", degrees, DEGREES, width, height)
    return source("Radar", sar, UTM), source("Colours", optical, DEGREES)


def plain_pair(folder):
    """Both images on one north-up lattice in UTM: (SAR source, optical source)."""
    lattice = Affine(PIXEL, 0, EAST, 0, -PIXEL, NORTH)
    sar = _write_sar(folder / "sar.tif", lattice)
    optical = _write_optical(folder / "optical.tif", lattice, UTM, SIDE, SIDE)
    return source("Radar", sar, UTM), source("Colours", optical, UTM)


def job(pair, **changes):
    settings = {
        "method": "ncc", "candidates": "grid", "spacing": 32, "max_shift": 8, "outlier_test": "shift",
        "device": "cpu", "pixel_size": PIXEL,
    }  # fmt: skip
    return MatchTiePointsJob(*pair, **settings | changes)


def source(name, path, crs):
    return RasterSource(name, path, rasterio.crs.CRS.from_user_input(crs).to_wkt())


def write(path, values, transform, crs):
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype,
        crs=crs, transform=transform,
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
    return str(path)


def _write_sar(path, transform):
    """SAR in dB, with its true georeference."""
    return write(path, (-12 + 3 * _GROUND(*_map_positions(transform, SIDE, SIDE))).astype("float32"), transform, UTM)


def _write_optical(path, transform, crs, width, height):
    """8-bit optical image, misplaced: at a position it shows the ground that lies SHIFT further on."""
    xs, ys = _map_positions(transform, width, height)
    east, north = (np.reshape(part, xs.shape) for part in project(crs, UTM, xs.ravel(), ys.ravel()))
    grey = 128 + 40 * _GROUND(east + SHIFT[0], north + SHIFT[1])
    return write(path, np.clip(grey, 0, 255).astype("uint8"), transform, crs)


def _map_positions(transform, width, height):
    cols, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return transform * (cols, rows)
