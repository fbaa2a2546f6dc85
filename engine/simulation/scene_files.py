"""The rasters that a simulated scene becomes, written window by window."""

import math
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Optional

import rasterio
import torch

from ...contract.optical_presets import OPTICAL_PRESETS
from ...contract.simulation_jobs import SimulateSceneJob
from ..geometry.grid_positions import Interpolator
from ..rasters.grid import Tiles, Window
from ..rasters.map_file import MapWriter
from .misregistration import Misregistration
from .scene_blocks import SceneBlock
from .scene_grid import pixel_grid
from .sites import Site

REFLECTANCE = 10_000
"""Value of an optical image where the reflectance is 1, as in Sentinel-2's products; 0 is no data."""

_COLOURS, _PANCHROMATIC = ("red", "green", "blue"), ("panchromatic",)


class Kind(NamedTuple):
    """A raster: what its `bands` are called, its type, what stands for no data, and whether of pixels or of cells."""

    bands: tuple[str, ...]
    dtype: str
    nodata: float
    of_pixels: bool


def _kinds(job):
    optical = _COLOURS if len(OPTICAL_PRESETS[job.optical_preset].bands) == 3 else _PANCHROMATIC
    positions = ("SAR column", "SAR row", "optical column", "optical row")
    positions += ("line", "sample") if job.wants_radar_geometry else ()
    return {
        "sar": Kind(job.polarisations, "float32", math.nan, True),
        "in_place": Kind(optical, "float32", math.nan, True),
        "optical": Kind(optical, "uint16", 0, True),
        "truth": Kind(("dx", "dy"), "float32", math.nan, True),
        "dem": Kind(("terrain",), "float32", math.nan, False),
        "dsm": Kind(("surface",), "float32", math.nan, False),
        "buildings": Kind(("building",), "uint8", 255, False),
        "positions": Kind(positions, "float32", math.nan, False),
    }


class SceneFiles:
    """The rasters of a `SimulateSceneJob` on its site, open for writing; a context manager.

    paths: by name; names of what is no raster on the map are left alone. Beside the job's own there is "in_place", the
    reflectance that the camera measures, before the image is moved and rounded.
    """

    def __init__(self, paths: Mapping[str, Path], job: SimulateSceneJob, site: Site) -> None:
        self._kinds = _kinds(job)
        self._grids = site.grid, pixel_grid(site.grid, site.factor)
        self._paths = {name: path for name, path in paths.items() if name in self._kinds}

    def __enter__(self):
        self._stack = ExitStack()
        self._files = {name: self._stack.enter_context(self._new(name)) for name in self._paths}
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def __contains__(self, name):
        return name in self._files

    def write_block(self, block: SceneBlock) -> None:
        """Write the images and the ground of a `SceneBlock`."""
        scene, col, row = block.scene, block.window.col // block.factor, block.window.row // block.factor
        known = block.pixels(block.known_pixels)
        window = Window(col, row, known.shape[1], known.shape[0])
        for name, image in (("sar", scene.sar), ("in_place", scene.optical)):
            self.write(name, block.pixels(image), window, known)
        surface, known = scene.surface, block.cells(block.known)
        building = (surface.building > 0).byte()
        for name, values in (("dem", surface.terrain), ("dsm", surface.height), ("buildings", building)):
            self.write(name, block.cells(values)[None], block.window, known)

    def write_unknown(self, window: Window, factor: int) -> None:
        """Write no data in a `Window` of the scene's cells, `factor` along a pixel, wherever ground would be."""
        for name in self._files:
            kind = self._kinds[name]
            col, row, width, height = (side // (factor if kind.of_pixels else 1) for side in window)
            nothing = torch.full((len(kind.bands), height, width), kind.nodata)
            self.write(name, nothing, Window(col, row, width, height))

    def write_moved(self, in_place: Path, misregistration: Misregistration) -> tuple[float, float]:
        """Write the optical image that lies at the path `in_place`, moved by a `Misregistration`, and the truth.

        Return the mean shift (right, down) over the image. What would come from beyond the scene is no data.
        """
        total = torch.zeros(2, dtype=torch.float64)
        with rasterio.open(in_place) as image:
            for window in Tiles(Window(0, 0, image.width, image.height)):
                rows = torch.arange(window.row, window.row + window.height, dtype=torch.float64) + 0.5
                cols = torch.arange(window.col, window.col + window.width, dtype=torch.float64) + 0.5
                row, col = torch.meshgrid(rows, cols, indexing="ij")
                shift = torch.stack(misregistration.at(col, row))
                total += shift.sum((1, 2))
                reflectance = _sampled(image, col + shift[0], row + shift[1])
                whole = (REFLECTANCE * reflectance).round().clamp(1, 65535).nan_to_num(0)
                self.write("optical", whole, window)
                self.write("truth", shift, window)
            return tuple((total / (image.width * image.height)).tolist())

    def write(self, name: str, values: torch.Tensor, window: Window, known: Optional[torch.Tensor] = None) -> None:
        """Write values [C, h, w] at a `Window`, if a raster of that name is wanted; known: bool [h, w], all without."""
        if name not in self._files:
            return
        kind = self._kinds[name]
        if known is not None:
            values = torch.where(known, values, kind.nodata)
        self._files[name].write(values.cpu().numpy().astype(kind.dtype), window)

    def _new(self, name):
        kind = self._kinds[name]
        return MapWriter(
            self._paths[name],
            self._grids[kind.of_pixels],
            kind.dtype,
            kind.nodata,
            count=len(kind.bands),
            descriptions=kind.bands,
            colours=kind.bands if kind.bands == _COLOURS else (),
        )


def _sampled(image, col, row):
    """Values [C, h, w] of an open raster at positions [h, w] (corner origin), bilinear; NaN where unknown or beyond."""
    left, top = (max(math.floor(float(way.min())) - 2, 0) for way in (col, row))
    right = min(math.ceil(float(col.max())) + 2, image.width)
    bottom = min(math.ceil(float(row.max())) + 2, image.height)
    if left >= right or top >= bottom:
        return torch.full((image.count, *col.shape), math.nan)
    window = Window(left, top, right - left, bottom - top)
    values = torch.from_numpy(image.read(window=window.to_rasterio()))
    return torch.stack([Interpolator(band).at((col - left).float(), (row - top).float()) for band in values])
