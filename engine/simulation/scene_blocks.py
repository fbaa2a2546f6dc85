"""A scene simulated block by block, each with a margin of what shades it, lies over it or leans into it.

What is random about the looks of the scene is the same in all blocks (`Scenery`); speckle and noise are each block's
own.
"""

import math
from dataclasses import replace
from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F

from ...contract.errors import UserError
from ...contract.optical_presets import OPTICAL_PRESETS
from ...contract.simulation_jobs import SimulateSceneJob
from ..rasters.grid import Grid, Tiles, Window
from ..reporting import Reporter
from .camera.optical_view import displaced, optical_positions
from .misregistration import Misregistration
from .radar.sar_presets import SAR_PRESETS
from .scene import Scene, simulate
from .scene_grid import LARGEST_MARGIN, around, margins, true_north
from .scenery import Scenery
from .sites import Site

LARGEST_RADAR_IMAGE = 2048
"""Cells on the side of a scene of which there can be images in radar geometry: it is simulated in one piece."""

_IMPULSE_RESPONSE = 4  # pixels beyond which nothing blurs into another


def check_size(job: SimulateSceneJob, grid: Grid) -> None:
    """Raise `UserError` when images in radar geometry are wanted of a `Grid` of cells that is too large for them."""
    if job.wants_radar_geometry and max(grid.width, grid.height) > LARGEST_RADAR_IMAGE:
        raise UserError(
            f"There are images in radar geometry of scenes of at most {LARGEST_RADAR_IMAGE} × {LARGEST_RADAR_IMAGE} "
            f"cells of {grid.pixel_size:.3g} m, and this one has {grid.width} × {grid.height}: choose a smaller area, "
            "or leave SLC and ground range empty."
        )


class SceneBlock(NamedTuple):
    """A simulated block: its `window` of the scene's cells, and `scene` and `known` (bool, of cells) with its margin.

    margin: cells (left, top, right, bottom), whole pixels of `factor` cells. There is no scene where nothing is known.
    """

    window: Window
    margin: tuple[int, int, int, int]
    factor: int
    scene: Optional[Scene]
    known: torch.Tensor

    def cells(self, values: torch.Tensor) -> torch.Tensor:
        """Return the block's own part of values of cells, [..., h, w], whose last axes have the margin too."""
        return self._own(values, 1)

    def pixels(self, values: torch.Tensor) -> torch.Tensor:
        """As `cells`, for values of pixels."""
        return self._own(values, self.factor)

    @property
    def known_pixels(self) -> torch.Tensor:
        """Which pixels show mostly known ground, bool with the margin."""
        return F.avg_pool2d(self.known[None].float(), self.factor)[0] >= 0.5

    def _own(self, values, factor):
        left, top = self.margin[0] // factor, self.margin[1] // factor
        height, width = self.window.height // factor, self.window.width // factor
        return values[..., top : top + height, left : left + width]


class SceneBlocks:
    """The blocks of a `SimulateSceneJob` on its site; `margin`: that of each, in cells (left, top, right, bottom).

    side: cells of a block without its margin; with images in radar geometry there is but one block.
    """

    def __init__(self, job: SimulateSceneJob, site: Site, side: int, device: torch.device, reporter: Reporter) -> None:
        self._job, self._site, self._device = job, site, device
        north = true_north(site.grid)
        self._look = (job.sar.look_azimuth + north) % 360
        azimuth, sun_azimuth = ((angle + north) % 360 for angle in (job.optical.azimuth, job.optical.sun_azimuth))
        self._view = replace(job.optical, azimuth=azimuth, sun_azimuth=sun_azimuth)
        self.margin = self._margin_of_blocks(reporter)
        if job.wants_radar_geometry:
            side = LARGEST_RADAR_IMAGE
        self._windows = Tiles(Window(0, 0, site.grid.width, site.grid.height), side)

    def __len__(self):
        return len(self._windows)

    def __iter__(self):
        for index, window in enumerate(self._windows):
            wide = around(window, self.margin)
            surface, known = self._site.surface(wide)
            scene = surface and self._simulated(surface, wide, index)
            yield SceneBlock(window, self.margin, self._site.factor, scene, known)

    def positions(self, block: SceneBlock, misregistration: Misregistration) -> torch.Tensor:
        """Return where a block's cells appear, [4, h, w] or [6, h, w], in pixels of the whole images, corner origin.

        Column and row in the SAR image on the map, the same in the optical image after its `Misregistration`, and line
        and sample in radar geometry if images in that are wanted.
        """
        surface = block.scene.surface
        lean = 1 / math.tan(math.radians(self._job.sar.near))
        places = displaced(surface, self._look + 180, lean), optical_positions(surface, self._view)
        first = torch.tensor((block.window.col - self.margin[0], block.window.row - self.margin[1]))
        first = first.to(surface.height.device)[:, None, None]
        sar, optical = (block.cells((place + first) / block.factor) for place in places)
        places = [sar, torch.stack(misregistration.moved(*optical))]
        if self._job.wants_radar_geometry:
            places.append(block.cells(block.scene.sar_image.grid.positions(surface.height)))
        return torch.cat(places)

    def _simulated(self, surface, wide, index):
        scenery = Scenery(self._job.seed, (wide.col, wide.row))
        return simulate(
            surface,
            SAR_PRESETS[self._job.sar_preset],
            (self._look, self._job.sar.near),
            self._job.polarisations,
            OPTICAL_PRESETS[self._job.optical_preset],
            self._view,
            scenery.generator(f"block {index}", self._device),
            scenery,
        )

    def _margin_of_blocks(self, reporter):
        cell, factor = self._site.cell, self._site.factor
        radar = replace(self._job.sar, look_azimuth=self._look)
        lines = radar, self._view.line_of_sight, self._view.sunlight
        needed = margins(lines, self._site.relief, cell)
        if max(needed) > LARGEST_MARGIN:
            reporter.warning(
                f"Relief of {self._site.relief:.0f} m may cast shade, and be laid over, farther than the "
                f"{LARGEST_MARGIN * cell:g} m that are looked at around each block of the scene."
            )
        pixels = (math.ceil(min(each, LARGEST_MARGIN) / factor) + _IMPULSE_RESPONSE for each in needed)
        return tuple(each * factor for each in pixels)
