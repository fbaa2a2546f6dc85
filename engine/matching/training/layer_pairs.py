"""Patches of users' layers as the pairs that matchers learn from: read when they are looked at, in 8 bits."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from threading import Lock
from types import MappingProxyType
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ....contract.errors import UserError
from ...compute.cut_patches import cut_patch
from ...rasters.grid import Window
from ...rasters.radiometry import robust_range
from ...training.patches import TRAINING
from ...training.places import Place, Places
from ..pixel_matcher import scale_sar

BRIGHTEST = 255
"""Grey of the upper end of the range of SAR values: (0, BRIGHTEST) is the range of the pairs."""

_REMEMBERED = 128
"""Patches that stay in memory, about 40 MB."""

_SAMPLED = 64
"""About so many training patches tell the range of SAR values."""

_INTERPOLATED = 2
"""Pixels that a patch moved by a part of one needs beyond its shift."""


def value_range(places: Places) -> tuple[float, float]:
    """Return (low, high): the 3-sigma range of the SAR values of the training patches, as published.

    L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
    Universität München, 2020, §4.6, section 3.1 of the paper there. Raises `UserError` where layers are of two units.
    """
    units = {scene.radiometry.unit_out: scene.layers.sar.name for scene in places.scenes}
    if len(units) > 1:
        (one, its), (other, others) = list(units.items())[:2]
        raise UserError(
            f"Layer '{its}' is read as {one} and layer '{others}' as {other}: a matcher learns from one unit; train one"
            " for each, or convert one of the layers."
        )
    samples = [place.images().sar.ravel() for place in places.spread(TRAINING, _SAMPLED)]
    return robust_range(np.concatenate(samples))


class PatchPixels:
    """Reads places as 8 bits and remembers the last ones, for any thread.

    value_range: SAR values that become 0 and 255, the rest is cut. shifts [2] (right, down), by place: what the optical
    image of a patch is moved by, in pixels; none: it stays.
    """

    def __init__(self, value_range: tuple[float, float], shifts: Mapping[Place, Tensor] = MappingProxyType({})) -> None:
        self.value_range, self._shifts = value_range, shifts
        self._lock, self._remembered = Lock(), lru_cache(_REMEMBERED)(self._read)

    def shift(self, place: Place) -> Optional[Tensor]:
        """Return what the optical image of a place is moved by, None where it stays."""
        return self._shifts.get(place)

    def of(self, place: Place) -> tuple[Tensor, Tensor]:
        """Return (sar uint8 [B, S, S], optical uint8 [1 or 1 + C, S, S]) of a place: grey, then the bands."""
        with self._lock:  # GDAL's files are for one thread at a time
            return self._remembered(place)

    def _read(self, place):
        shift, side = self.shift(place), place.window.width
        rim = 0 if shift is None else math.ceil(float(shift.abs().max())) + _INTERPOLATED
        col, row = place.window[:2]
        around = Window(col - rim, row - rim, side + 2 * rim, side + 2 * rim)
        images, _ = place.reader.read(around)
        sar, optical = (torch.from_numpy(each) for each in (images.sar, images.optical))
        sar = scale_sar(sar[:, rim : rim + side, rim : rim + side], self.value_range)
        if shift is not None:
            optical = cut_patch(optical, torch.full((2,), rim + side / 2) - shift, torch.eye(2), side)
        return tuple((BRIGHTEST * each).round().to(torch.uint8) for each in (sar, optical))


def is_filled(place: Place, shift: Tensor) -> bool:
    """Return whether the optical image of a place has no hole where it comes from when a shift [2] moves it."""
    right, down = (math.floor(each) for each in (-shift).tolist())
    col, row, width, height = place.window
    taken = Window(col + right - 1, row + down - 1, width + 3, height + 3)  # what is interpolated, too
    return bool(place.reader.optical_known(taken).all())


class LayerPair:
    """A place in one band of its SAR layer and in the optical layer: a `Pair` whose pixels are read when asked for."""

    heights = None

    def __init__(self, place: Place, band: int, pixels: PatchPixels) -> None:
        self._place, self._band, self._pixels = place, band, pixels
        self.name = f"{place.scene.layers.sar.name}/{place.window.row}/{place.window.col}"
        self.size = place.window.height, place.window.width

    @property
    def sar(self) -> Tensor:
        """Uint8 [1, S, S]."""
        return self._pixels.of(self._place)[0][self._band : self._band + 1]

    @property
    def optical(self) -> Tensor:
        """Uint8 [C, S, S], each band in its own range."""
        channels = self._pixels.of(self._place)[1]
        return channels[1:] if len(channels) > 1 else channels

    def grey(self, rows: slice = slice(None), cols: slice = slice(None)) -> Tensor:
        """Return a part of the optical image as matching reads the layer, 0..1, [h, w]."""
        return self._pixels.of(self._place)[1][0, rows, cols].float() / BRIGHTEST


def pairs_of(places: Sequence[Place], pixels: PatchPixels) -> list[LayerPair]:
    """Return a pair for each band of each place."""
    return [LayerPair(place, band, pixels) for place in places for band in range(len(place.scene.layers.sar.bands))]


def squares_of(places: Sequence[Place], pixels: PatchPixels, side: int) -> list[LayerPair]:
    """Return what places show as pairs of `side` pixels side by side: no ground twice, though places overlap.

    For what takes other pairs for other ground: so of several bands each pair shows one, which take turns. Squares move
    as the first place does that they are a part of. side: at most that of places, which begin every half of theirs.
    """
    shifts: dict[Place, Optional[Tensor]] = {}
    taken = set()  # corners of what squares consist of
    for place in places:
        left, top, width, height = place.window
        step = min(side, width // 2)
        for row in range(top, top + height - side + 1, side):
            for col in range(left, left + width - side + 1, side):
                rows, cols = range(row, row + side, step), range(col, col + side, step)
                ground = {(place.reader, *corner) for corner in product(rows, cols)}
                if taken.isdisjoint(ground):
                    taken |= ground
                    shifts[Place(place.reader, Window(col, row, side, side))] = pixels.shift(place)
    moved = PatchPixels(pixels.value_range, {square: shift for square, shift in shifts.items() if shift is not None})
    return [
        LayerPair(square, number % len(square.scene.layers.sar.bands), moved) for number, square in enumerate(shifts)
    ]
