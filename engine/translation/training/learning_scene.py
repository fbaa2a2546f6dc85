"""Aligned layers as lessons see them: patches cut from the files when they are asked for, and which of them count."""

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Optional

import numpy as np
from rasterio.enums import Resampling

from ....contract.errors import UserError
from ....contract.sources import RasterSource
from ....contract.training_jobs import AlignedLayers
from ...geometry.height_unit import in_metres
from ...geometry.surface_model import surface_grid, survey
from ...rasters.footprint import footprint_of, overlap_of
from ...rasters.grid import Grid, Window
from ...rasters.grid_reader import GridReader
from ...rasters.radiometry import SarRadiometry, robust_range
from ...rasters.raster_sample import sample_raster
from ...reporting import Reporter
from ...training.patches import CLOUDS, NO_DATA, SEAM, TRAINING, VALIDATION, flaw, lattice, split_by_place
from ..sar_scene import sar_scales
from ..scene_scale import SceneScale

_SIGMA = 2.5
"""Standard deviations either side of the median that colours are cut at, as in SEN1-2."""

_IN_WORDS = {NO_DATA: "holes or lying outside the area", CLOUDS: "clouds", SEAM: "seams"}

_FAR = 1.5
"""Optical pixels so many times as large as those of the SAR layer are warned of."""


@dataclass(frozen=True)
class BandStretch:
    """What `GridReader` does to optical bands: of each `low`..`high` become 0..1, the rest is clipped."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    resampling: ClassVar = Resampling.cubic

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return the values."""
        return values

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return values [C, h, w] scaled to 0..1."""
        low, high = (np.array(each, np.float32)[:, None, None] for each in (self.low, self.high))
        return np.clip((values - low) / (high - low), 0, 1)


class Patch(NamedTuple):
    """A `window` of the SAR layer's grid without flaws, and its `part`: `TRAINING`, `VALIDATION` or "" between both."""

    window: Window
    part: str


class PatchImages(NamedTuple):
    """sar [B, h, w] in dB or of a rendering, optical [C, h, w] in 0..1, heights [1, h, w] in metres or None."""

    sar: np.ndarray
    optical: np.ndarray
    heights: Optional[np.ndarray]


@dataclass(frozen=True)
class LearningScene:
    """Aligned layers on the grid of the SAR layer, and how their values are to be taken."""

    layers: AlignedLayers
    grid: Grid
    overlap: Window
    radiometry: SarRadiometry
    scales: tuple[SceneScale, ...]
    stretch: BandStretch
    heights: Optional[RasterSource]

    def standardised(self, sar: np.ndarray) -> np.ndarray:
        """Return SAR values [B, h, w] in standard deviations from the mean of the scene."""
        return np.stack([scale.standardised(band) for scale, band in zip(self.scales, sar)]).astype(np.float32)


def learning_scene(layers: AlignedLayers, reporter: Reporter) -> LearningScene:
    """Return the `LearningScene` of layers; raises `UserError` for what cannot be learnt from."""
    grid = surface_grid(layers.sar)
    others = [layers.optical, *([layers.dem] if layers.dem else []), *([layers.area] if layers.area else [])]
    overlap = Window(0, 0, grid.width, grid.height)
    for other in others:
        overlap = _common(overlap, _overlap(layers.sar, other, grid))
    if min(overlap.width, overlap.height) < layers.patch:
        raise UserError(
            f"Layers {', '.join(repr(each.name) for each in (layers.sar, *others))} overlap on "
            f"{max(overlap.width, 0)} × {max(overlap.height, 0)} pixels of layer '{layers.sar.name}', too few for one "
            f"patch of {layers.patch}: choose larger layers, or smaller patches."
        )
    radiometry, scales = sar_scales(layers.sar, layers.sar_unit, grid, reporter)
    stretch = _band_stretch(layers.optical, reporter)
    sizes = grid.pixel_size, surface_grid(layers.optical).pixel_size
    if sizes[1] > _FAR * sizes[0]:
        reporter.warning(
            f"Pixels of layer '{layers.optical.name}' are {sizes[1]:.3g} m wide and those of layer '{layers.sar.name}' "
            f"{sizes[0]:.3g} m: a model can learn no detail that the optical image does not show."
        )
    heights = None
    if layers.dem:
        heights = in_metres(layers.dem)
        survey(heights, surface_grid(heights), reporter)
    return LearningScene(layers, grid, overlap, radiometry, scales, stretch, heights)


def _overlap(sar: RasterSource, other: RasterSource, grid: Grid) -> Window:
    ring = overlap_of(footprint_of(sar), footprint_of(other)).to(footprint_of(sar).crs)
    cols, rows = grid.to_pixel(ring.xs, ring.ys)
    left, top = max(0, math.floor(cols.min() + 0.01)), max(0, math.floor(rows.min() + 0.01))
    right, bottom = min(grid.width, math.ceil(cols.max() - 0.01)), min(grid.height, math.ceil(rows.max() - 0.01))
    return Window(left, top, right - left, bottom - top)


def _common(one: Window, other: Window) -> Window:
    left, top = max(one.col, other.col), max(one.row, other.row)
    right, bottom = (
        min(one.col + one.width, other.col + other.width),
        min(one.row + one.height, other.row + other.height),
    )
    return Window(left, top, right - left, bottom - top)


def _band_stretch(source: RasterSource, reporter: Reporter) -> BandStretch:
    """Return how an optical layer becomes 0..1: what has 8 bits is a rendering already and stays as it is."""
    grid, ranges = surface_grid(source), []
    for band in source.bands:
        with GridReader(replace(source, bands=(band,)), grid) as reader:
            if reader.has_colour_table:
                raise UserError(
                    f"Layer '{source.name}' holds numbers of colours: convert it to RGB first (Raster > Conversion > "
                    "PCT to RGB)."
                )
            sample = sample_raster(reader, "in the bands that are read")
        ranges.append((0.0, 255.0) if sample.dtype == "uint8" else robust_range(sample.valid_values(), _SIGMA))
    told = ", ".join(f"{low:.4g} to {high:.4g}" for low, high in ranges)
    reporter.info(f"Black and white of the bands of layer '{source.name}': {told}.")
    return BandStretch(*zip(*ranges))


class PatchReader:
    """Cuts patches out of the files of a `LearningScene`; a context manager, for one thread at a time."""

    def __init__(self, scene: LearningScene) -> None:
        self.scene = scene

    def __enter__(self) -> "PatchReader":
        scene, layers = self.scene, self.scene.layers
        with ExitStack() as stack:
            self._sar, self._optical, self._heights, self._area = (
                source and stack.enter_context(GridReader(source, scene.grid, radiometry))
                for source, radiometry in (
                    (layers.sar, scene.radiometry),
                    (layers.optical, scene.stretch),
                    (scene.heights, None),
                    (layers.area, None),
                )
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def read(self, window: Window) -> tuple[PatchImages, np.ndarray]:
        """Return the images of a window, and which pixels bool [h, w] all layers know and the area holds."""
        sar, valid = self._sar.read_bands(window)
        optical, known = self._optical.read_bands(window)
        valid, heights = valid & known, None
        if self._heights:
            heights, known = self._heights.read_bands(window)
            valid &= known
        if self._area:
            inside, known = self._area.read(window)
            valid &= known & (inside > 0.5)
        return PatchImages(sar, optical, heights), valid


def find_patches(scene: LearningScene, reporter: Reporter) -> list[Patch]:
    """Return the patches of a scene that have no flaw; raises `UserError` where they are too few for two parts."""
    layers, windows, flaws = scene.layers, lattice(scene.overlap, scene.layers.patch), Counter()
    good = []
    with PatchReader(scene) as reader:
        for done, window in enumerate(windows):
            reporter.progress(done / len(windows))
            images, valid = reader.read(window)
            found = flaw(scene.standardised(images.sar), images.optical, valid, layers.most_cloud)
            flaws[found] += 1
            if not found:
                good.append(window)
    left_out = ", ".join(f"{flaws[why]} for {called}" for why, called in _IN_WORDS.items() if flaws[why])
    if not good:
        raise UserError(
            f"None of {len(windows)} patches of {layers.patch} pixels can be used ({left_out} are left out): choose "
            "other layers or a larger area, or smaller patches."
        )
    parts = split_by_place(good, layers.validation_share, layers.seed)
    counts = Counter(parts)
    if not (counts[TRAINING] and counts[VALIDATION]):
        raise UserError(
            f"The {len(good)} patches of {layers.patch} pixels that can be used lie too close for two parts that share "
            "no pixel, one to learn from and one to validate with: choose larger layers or a larger area, or smaller "
            "patches."
        )
    reporter.info(
        f"{counts[TRAINING]} patches of {layers.patch} pixels are for training and {counts[VALIDATION]}, of other "
        f"places, for validation; {counts['']} lie across the borders between both"
        + (f"; left out are {left_out}." if left_out else ".")
    )
    return [Patch(*each) for each in zip(good, parts)]


def spread(patches: Sequence[Window], most: int) -> list[Window]:
    """Return at most so many of the patches, evenly over all of them."""
    return [patches[number] for number in np.unique(np.linspace(0, len(patches) - 1, most).round().astype(int))]
