"""Patches of a scene: cut from the files when they are asked for, and which of them count."""

from collections import Counter
from contextlib import ExitStack
from typing import NamedTuple, Optional

import numpy as np

from ...contract.errors import UserError
from ..rasters.grid import Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .aligned_scene import AlignedScene
from .patches import CLOUDS, NO_DATA, SEAM, TRAINING, VALIDATION, flaw, lattice, split_by_place

_IN_WORDS = {NO_DATA: "holes or lying outside the area", CLOUDS: "clouds", SEAM: "seams"}


class Patch(NamedTuple):
    """A `window` of a scene's grid without flaws, and its `part`: `TRAINING`, `VALIDATION` or "" between both."""

    window: Window
    part: str


class PatchImages(NamedTuple):
    """sar [B, h, w] in dB or of a rendering, optical [C, h, w] in 0..1, heights [1, h, w] in metres or None."""

    sar: np.ndarray
    optical: np.ndarray
    heights: Optional[np.ndarray]


class PatchReader:
    """Cuts patches out of the files of a `AlignedScene`; a context manager, for one thread at a time."""

    def __init__(self, scene: AlignedScene) -> None:
        self.scene = scene

    def __enter__(self) -> "PatchReader":
        scene, layers = self.scene, self.scene.layers
        with ExitStack() as stack:
            self._sar, self._optical, self._heights, self._area = (
                source and stack.enter_context(GridReader(source, scene.grid, radiometry))
                for source, radiometry in (
                    (layers.sar, scene.radiometry),
                    (layers.optical, scene.stretch),
                    (scene.heights and scene.heights.source, None),
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

    def optical_known(self, window: Window) -> np.ndarray:
        """Return which pixels of a window the optical layer knows, bool [h, w]."""
        return self._optical.read_bands(window)[1]


def find_patches(scene: AlignedScene, reporter: Reporter) -> list[Patch]:
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
            f"None of {len(windows)} patches of {layers.patch} pixels of layer '{layers.sar.name}' can be used "
            f"({left_out} are left out): choose other layers or a larger area{scene.or_smaller_patches}."
        )
    parts = split_by_place(good, layers.validation_share, layers.seed)
    counts = Counter(parts)
    if not (counts[TRAINING] and counts[VALIDATION]):
        raise UserError(
            f"The {len(good)} patches of {layers.patch} pixels of layer '{layers.sar.name}' that can be used lie too "
            "close for two parts that share no pixel, one to learn from and one to validate with, of a patch each at "
            f"least: choose larger layers or a larger area{scene.or_smaller_patches}."
        )
    reporter.info(
        f"{counts[TRAINING]} patches of {layers.patch} pixels of layer '{layers.sar.name}' are for training and "
        f"{counts[VALIDATION]}, of other places, for validation; {counts['']} lie across the borders between both"
        + (f"; left out are {left_out}." if left_out else ".")
    )
    return [Patch(*each) for each in zip(good, parts)]
