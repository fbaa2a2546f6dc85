"""The simulated scenes that building models are judged by: invented cities, and two real ones under a simulated radar.

Seeds, landscapes, looks and angles are frozen: no training has seen them, and none may.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import rasterio
import torch
from rasterio.transform import from_origin
from scipy import ndimage

from ..contract.sources import RasterSource
from ..engine.simulation.cities import building_at, sar_on_map
from ..engine.simulation.patches import MARGIN
from ..engine.simulation.radar.reflectivity import Reflectivity
from ..engine.simulation.radar.sar_presets import Sampling, SarPreset
from ..engine.simulation.surfaces.from_layers import surface_from_heights
from ..engine.simulation.surfaces.surface import Surface
from ..engine.simulation.surfaces.world import world

CRS = "EPSG:32631"


@dataclass(frozen=True)
class InventedCity:
    """An invented city: what it is, how large its pixels are (m), and how the radar looks at it (degrees)."""

    landscape: str
    seed: int
    pixel: float
    look: float
    incidence: float
    polarisation: str = "HH"


CITIES = (
    InventedCity("suburb", 900_001, 0.5, 82, 38),
    InventedCity("suburb", 900_002, 1.0, 278, 47, "VV"),
    InventedCity("city", 900_003, 0.5, 98, 52),
    InventedCity("city", 900_004, 1.0, 10, 35, "VV"),
    InventedCity("village", 900_005, 0.5, 190, 30),
    InventedCity("village", 900_006, 1.0, 262, 55),
    InventedCity("terraces", 900_007, 0.5, 135, 42, "VV"),
    InventedCity("terraces", 900_008, 1.0, 315, 48),
    InventedCity("coast", 900_009, 0.5, 170, 45),
    InventedCity("estate", 900_010, 1.0, 75, 33, "VV"),
)
SIDE = 768
"""Pixels of an invented city."""

_BUILDINGS = 2  # in the land cover of Gothenburg


@dataclass(frozen=True)
class Scene:
    """A scene on north-up pixels of `pixel` metres.

    decibels float32 [h, w], NaN where nothing is known; labels int32 [h, w], the number of each building, 0 without.
    parted: whether labels tell touching buildings apart. look, incidence: degrees.
    """

    name: str
    pixel: float
    decibels: np.ndarray
    labels: np.ndarray
    look: float
    incidence: float
    parted: bool = True

    def write(self, path: Path) -> RasterSource:
        """Write the image as users have it, a GeoTIFF in decibels, and return what reads it."""
        height, width = self.decibels.shape
        transform = from_origin(590_000, 5_750_000, self.pixel, self.pixel)
        profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": np.nan, "crs": CRS}
        with rasterio.open(path, "w", height=height, width=width, transform=transform, **profile) as raster:
            raster.write(self.decibels, 1)
            crs = raster.crs.to_wkt()
        return RasterSource(self.name, str(path), crs)


def invented(city: InventedCity, reflectivity: Optional[Reflectivity] = None) -> Scene:
    """Return an invented city; what shines in it, and how much, follows from its seed where that is not given."""
    surface = world((SIDE + 2 * MARGIN) * 2, city.pixel / 2, city.seed, city.landscape)
    name = f"{city.landscape} {city.seed}, {city.pixel:g} m, {city.incidence:g}°"
    return _seen(surface, 2, name, (city.look, city.incidence), city.polarisation, city.seed, MARGIN, reflectivity)


def gothenburg(data: Path) -> Scene:
    """Return the middle of Gothenburg, simulated from its real surface, 1 m, 35°; labels are its real buildings."""
    folder = data / "dsm" / "gothenburg"
    top, ground = (_heights(folder / f"{name}_KRbig.tif") for name in ("DSM", "DEM"))
    cells = 2
    heights = [each.repeat(cells, 0).repeat(cells, 1) for each in _square(top, ground)]
    surface = surface_from_heights(*heights, 1 / cells)
    scene = _seen(surface, cells, "Gothenburg, 1 m, 35°", (90, 35), "HH", 1, 0)
    with rasterio.open(folder / "landcover.tif") as raster:
        labels, _ = ndimage.label(raster.read(1) == _BUILDINGS)
    rows, cols = top.shape
    return Scene(scene.name, 1.0, scene.decibels[:rows, :cols], labels.astype(np.int32), 90, 35, parted=False)


def bilbao(data: Path) -> Scene:
    """Return Bilbao, simulated from its real building heights on its terrain, 2.5 m, 40°; labels are joined blocks."""
    folder = data / "dsm" / "bilbao"
    with rasterio.open(folder / "BDSM.tif") as raster:
        above = np.maximum(raster.read(1), 0).astype(np.float32)
    with rasterio.open(folder / "DEM.tif") as raster:
        terrain = raster.read(1, out_shape=above.shape, resampling=rasterio.enums.Resampling.bilinear)
    ground = ndimage.gaussian_filter(np.maximum(terrain, 0).astype(np.float32), 2)  # whole metres are no steps
    surface = surface_from_heights(ground + above, ground, 2.5)
    scene = _seen(surface, 1, "Bilbao, 2.5 m, 40°", (90, 40), "HH", 2, 0)
    labels, _ = ndimage.label(above > 0)
    return Scene(scene.name, 2.5, scene.decibels, labels.astype(np.int32), 90, 40, parted=False)


def _seen(surface: Surface, cells: int, name: str, view, polarisation, seed, margin, reflectivity=None) -> Scene:
    pixel = surface.pixel_size * cells
    generator = torch.Generator().manual_seed(seed)
    decibels = sar_on_map(
        surface, _radar(pixel), view, [polarisation], cells, generator, reflectivity=reflectivity, above=0.0
    )[0]
    labels = building_at(surface, cells)
    inner = slice(margin, len(decibels) - margin)
    return Scene(name, pixel, decibels[inner, inner].numpy(), labels[inner, inner].numpy(), *view)


def _radar(pixel: float) -> SarPreset:
    """Return a single-look X-band radar that resolves as much as pixels of some metres show."""
    axis = Sampling(pixel, 0.7 * pixel)
    return SarPreset("X", axis, axis, True, 1, -22, 0.3, (20, 60), ("HH", "VV"))


def _heights(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1, masked=True).filled(np.nan).astype(np.float32)


def _square(*grids: np.ndarray) -> Iterator[np.ndarray]:
    """Yield grids [h, w] as squares, their last row or column repeated."""
    side = max(grids[0].shape)
    for grid in grids:
        yield np.pad(grid, [(0, side - length) for length in grid.shape], mode="edge")
