"""Make a SAR and an optical image of an invented landscape: `python engine/simulation/sample_pair.py FOLDER`.

Writes `sar.tif` (one band, dB) and `optical.tif` (RGB, 8 bit), 768 × 768 pixels of 10 m in UTM. Both show the same
ground pixel by pixel, but the optical georeferencing is wrong by a known shift, which matching has to find and which
this command prints. Everything is drawn from one seed: the files are the same each time.

Covers, brightness values and the number of looks are our choice, of the size that Sentinel-1 and Sentinel-2 show. The
ground is flat: there is no layover beyond the bright wall and the shadow of a house.
"""

if not __package__:  # run as a script
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from package import load_package

    __package__ = f"{load_package()}.simulation"

import argparse
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from ..finished_file import finished_file
from ..radiometry import to_db

SEED = 7
SIDE = 768  # pixels
PIXEL = 10.0  # metres
CRS = "EPSG:32633"
LEFT, TOP = 412_340.0, 5_521_870.0  # metres, of both images' first corner where they belong

SHIFT_EAST, SHIFT_NORTH = 83.0, -56.0
"""Metres to add to an optical position to land on the SAR position: the georeferencing is off by the opposite."""

LOOKS = 4.4  # of Sentinel-1 GRD IW
NOISE_FLOOR = 10**-2.4  # power
WHITE = 0.35  # reflectance that becomes 255

FIELD_COVERS = (
    ((0.22, 0.19, 0.10), -11.0),  # ripe grain
    ((0.10, 0.17, 0.06), -12.5),  # meadow
    ((0.08, 0.14, 0.05), -7.5),  # maize, beet
    ((0.19, 0.15, 0.11), -15.5),  # bare and smooth
    ((0.15, 0.11, 0.08), -9.0),  # ploughed
    ((0.04, 0.07, 0.03), -8.0),  # forest
)
"""Reflectance (red, green, blue) and backscatter in dB: bright in one image says nothing about the other."""

WATER = (0.02, 0.04, 0.06), -23.0
ROAD = (0.24, 0.24, 0.23), -19.0
HEDGE = (0.05, 0.09, 0.04), -6.0
TOWN_GROUND = (0.15, 0.16, 0.13), -9.0
ROOFS = (((0.28, 0.16, 0.11), -6.0), ((0.19, 0.18, 0.18), -7.0), ((0.33, 0.32, 0.31), -5.0))
WALL_DB, POINT_DB = 6.0, 9.0
SHADOW_DB, SHADE = -20.0, 0.35  # backscatter in radar shadow; share of the light in the shadow of a house


class Landscape:
    """What each pixel sends back: `reflectance` [3, h, w] and `backscatter` [h, w] (linear power), painted over.

    `col`, `row` [h, w] are the centres of the pixels.
    """

    def __init__(self, reflectance, backscatter, col, row):
        self.reflectance, self.backscatter, self.col, self.row = reflectance, backscatter, col, row

    @classmethod
    def empty(cls, side):
        """Return a dark square of `side` pixels."""
        row, col = np.mgrid[:side, :side] + 0.5
        return cls(np.zeros((3, side, side)), np.zeros((side, side)), col, row)

    def around(self, centre, reach):
        """Return the part within `reach` pixels of `centre` (col, row): painting it paints the whole."""
        col, row = (max(int(value), 0) for value in centre)
        rows, cols = slice(max(row - reach, 0), row + reach + 1), slice(max(col - reach, 0), col + reach + 1)
        return Landscape(
            self.reflectance[:, rows, cols],
            self.backscatter[rows, cols],
            self.col[rows, cols],
            self.row[rows, cols],
        )

    def paint(self, coverage, cover):
        """Lay a (reflectance, dB) over the share [h, w] of each pixel that it covers."""
        colour, decibels = cover
        self.reflectance += coverage * (np.reshape(colour, (3, 1, 1)) - self.reflectance)
        self.paint_sar(coverage, decibels)

    def paint_sar(self, coverage, decibels):
        """Lay a backscatter over the share [h, w] of each pixel that it covers."""
        self.backscatter += coverage * (10 ** (decibels / 10) - self.backscatter)


def landscape(rng, side=SIDE):
    """Return a `Landscape`: fields, hedges, a river, a lake, roads, towns and single bright scatterers."""
    scene = Landscape.empty(side)
    _fields(scene, rng)
    for _ in range(5):
        start, end = rng.uniform(0, side, (2, 2))
        _road(scene, start, end + 2 * (end - start))
    _river_and_lake(scene, rng)
    for _ in range(7):
        _town(scene, rng, rng.uniform(0.05, 0.95, 2) * side, rng.uniform(25, 60))
    scene.backscatter[tuple(rng.integers(0, side, (2, 150)))] = 10 ** (POINT_DB / 10)
    return scene


def render_sar(scene, rng):
    """Return decibels [h, w], float32: speckle multiplies the backscatter, then the sensor's resolution blurs both."""
    speckle = rng.gamma(LOOKS, 1 / LOOKS, scene.backscatter.shape)
    return to_db(gaussian_filter(scene.backscatter * speckle, 0.5) + NOISE_FLOOR, "power")


def render_optical(scene, rng):
    """Return 8-bit RGB [3, h, w]: the reflectance under a thin haze, blurred, with a little noise."""
    haze = gaussian_filter(rng.standard_normal(scene.backscatter.shape), 90)
    haze = 0.01 * (1 + haze / np.abs(haze).max())
    seen = gaussian_filter(scene.reflectance, (0, 0.6, 0.6)) + haze
    noisy = seen + rng.normal(0, 0.002, seen.shape)
    return np.clip(255 * noisy / WHITE, 0, 255).round().astype(np.uint8)


def write_sample_pair(folder, seed=SEED):
    """Write `sar.tif` and `optical.tif` into `folder` (made when missing); return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    scene = landscape(rng)
    sar, optical = folder / "sar.tif", folder / "optical.tif"
    _write(sar, render_sar(scene, rng)[None], LEFT, TOP)
    _write(optical, render_optical(scene, rng), LEFT - SHIFT_EAST, TOP - SHIFT_NORTH)
    return sar, optical


def _fields(scene, rng):
    """Parcels nearest to jittered points of a lattice, longer than wide, with hedges along some borders."""
    spacing = np.array([36.0, 22.0])
    counts = np.ceil(1.6 * scene.col.shape[0] / spacing).astype(int)
    lattice = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), -1).reshape(-1, 2)
    centres = (lattice + rng.uniform(-0.35, 0.35, lattice.shape)) * spacing
    turn = np.array([[0.92, -0.39], [0.39, 0.92]])
    places = np.stack([scene.col.ravel(), scene.row.ravel()], 1) @ turn + [0, 0.4 * scene.col.shape[0]]
    distance, parcel = cKDTree(centres).query(places, k=2)
    cover = rng.integers(0, len(FIELD_COVERS), len(centres))
    brightness = rng.normal(1, 0.12, len(centres))
    decibels = rng.normal(0, 1.2, len(centres))
    shape = scene.col.shape
    nearest = parcel[:, 0].reshape(shape)
    for index, (colour, level) in enumerate(FIELD_COVERS):
        scene.reflectance += (cover[nearest] == index) * brightness[nearest] * np.reshape(colour, (3, 1, 1))
        scene.backscatter += (cover[nearest] == index) * 10 ** ((level + decibels[nearest]) / 10)
    is_border = (np.diff(distance, axis=1)[:, 0] < 1.5).reshape(shape)
    has_hedge = (parcel.sum(axis=1) % 3 == 0).reshape(shape)
    scene.paint(is_border & has_hedge, HEDGE)


def _road(scene, start, end, width=1.6):
    """A straight road through the points (col, row) `start` and `end`; `width` in pixels."""
    along = (end - start) / np.linalg.norm(end - start)
    distance = np.abs((scene.col - start[0]) * along[1] - (scene.row - start[1]) * along[0])
    scene.paint(np.clip(width / 2 + 0.5 - distance, 0, 1), ROAD)


def _river_and_lake(scene, rng):
    side = scene.col.shape[0]
    phases, lengths = rng.uniform(0, 2 * np.pi, 3), np.array([0.9, 0.37, 0.16]) * side
    bends = (np.sin(2 * np.pi * scene.row[..., None] / lengths + phases) * lengths / 12).sum(axis=-1)
    distance = np.abs(scene.col - 0.62 * side - bends)
    scene.paint(np.clip(6.5 - distance, 0, 1), WATER)
    angle = np.arctan2(scene.row - 0.27 * side, scene.col - 0.25 * side)
    radius = (0.06 + 0.012 * np.sin(3 * angle + phases[0]) + 0.006 * np.sin(7 * angle + phases[1])) * side
    scene.paint(np.clip(radius - np.hypot(scene.row - 0.27 * side, scene.col - 0.25 * side), 0, 1), WATER)


def _town(scene, rng, centre, radius):
    """Rows of houses along parallel streets, denser towards the `centre` (col, row)."""
    distance = np.hypot(scene.col - centre[0], scene.row - centre[1])
    scene.paint(0.8 * ((distance < radius) & _is_land(scene)), TOWN_GROUND)
    angle = rng.uniform(0, np.pi / 2)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    for street in np.arange(-radius, radius, 9):
        for step in np.arange(-radius, radius, 6.5):
            place = centre + (street + rng.uniform(-1, 1)) * across + (step + rng.uniform(-1, 1)) * along
            half_size, roof = rng.uniform(1.5, 3.2, 2), ROOFS[rng.integers(len(ROOFS))]
            if rng.random() < 1 - np.linalg.norm(place - centre) / radius:
                _house(scene.around(place, 8), place, along, half_size, roof)


def _house(scene, centre, along, half_size, roof):
    """A roof, seen from the west by the radar and lit from the south: a bright wall, a radar shadow, a cast shadow."""
    if not _is_land(scene).all():
        return

    def footprint(east=0.0, south=0.0):
        right, down = scene.col - centre[0] - east, scene.row - centre[1] - south
        u, v = right * along[0] + down * along[1], down * along[0] - right * along[1]
        return np.clip(half_size[0] + 0.5 - np.abs(u), 0, 1) * np.clip(half_size[1] + 0.5 - np.abs(v), 0, 1)

    scene.reflectance *= 1 - (1 - SHADE) * footprint(south=-1.0)
    scene.paint_sar(footprint(east=1.5), SHADOW_DB)
    scene.paint_sar(footprint(east=-1.0), WALL_DB)
    scene.paint(footprint(), roof)


def _is_land(scene):
    return scene.backscatter > 10 ** ((WATER[1] + 1) / 10)


def _write(path, bands, left, top):
    count, height, width = bands.shape
    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": bands.dtype}
    profile |= {"crs": CRS, "transform": Affine(PIXEL, 0, left, 0, -PIXEL, top), "compress": "deflate"}
    with finished_file(path) as temporary, rasterio.open(temporary, "w", **profile) as dataset:
        dataset.write(bands)


def main():
    """Write the pair and print where it is and what was planted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write sar.tif and optical.tif")
    sar, optical = write_sample_pair(parser.parse_args().folder)
    print(f"SAR image: {sar}\nOptical image: {optical}")
    print(f"Planted shift: {SHIFT_EAST:.2f} m east, {SHIFT_NORTH:.2f} m north")


if __name__ == "__main__":
    main()
