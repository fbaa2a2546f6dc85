"""Which tiles of a raster a network sees, and how their results become one."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

import torch

from ...contract.errors import UserError
from ..rasters.grid import Window
from .blending import Blend, Seams, core, raised_cosine
from .tiling import Tiling

_BATCHES = {"cpu": 1, "cuda": 4, "mps": 2}
"""Tiles at once, by device; on a CPU more gain nothing and need more memory."""


def chosen_batch(wish: int, device: torch.device) -> int:
    """Return how many tiles a network sees at once: those that are wished for, or for 0 what suits the device."""
    return wish or _BATCHES[device.type]


class TileWish(NamedTuple):
    """What the user asks of tiles, in pixels: their side, 0 for that on the card, and halo, -1 likewise."""

    side: int = 0
    overlap: int = -1


def chosen_tiles(
    wish: TileWish, on_card: Mapping[str, int], is_local: bool, window: Window, more: int = 0
) -> tuple[Tiling, Blend]:
    """Return the tiles that are wished for, or else those of the card, and how they are blended.

    on_card: side, halo and step. is_local: what a pixel depends on lies within that halo; otherwise in all of a tile,
    which then is as wide as on the card, or a multiple of it. window: the part of the layer that is worked on; steps
    are counted from the corner of the layer, so that parts fit together. Where the halo covers all that a pixel depends
    on, `more` pixels for what is done afterwards included, tiles are cut at their cores. They are no larger than on the
    card, or as wished for, and smaller where fewer pixels are computed in all, as tiles share a side of the window
    evenly. Raises `UserError` for tiles that are all overlap.
    """
    side, halo, step = on_card["side"], on_card["halo"], on_card["step"]
    phase = window.col % step, window.row % step
    if not is_local:
        side *= max(1, wish.side // side)
        halo = min(halo if wish.overlap < 0 else wish.overlap, side // 4) // step * step
        return Tiling(side, halo, step, phase), raised_cosine
    is_exact = wish.overlap < 0 or wish.overlap >= halo
    core_side = side - 2 * halo
    halo = _whole_steps(halo if wish.overlap < 0 else wish.overlap, step)
    if is_exact:
        halo += _whole_steps(more, step)
    least = step if is_exact else max(step, 2 * halo)
    if wish.side:
        core_side = wish.side // step * step - 2 * halo
        if core_side < least:
            or_less = ", or a smaller overlap" if wish.overlap >= 0 else ""
            raise UserError(
                f"Tiles of {wish.side} pixels that overlap by {halo} on each side are mostly overlap: choose tiles of "
                f"{2 * halo + least} pixels or more{or_less}."
            )
    lengths = window.width + phase[0], window.height + phase[1]
    shared = [_whole_steps(_parts(length, _parts(length, core_side)), step) for length in lengths]
    core_side = min(
        (core_side, *(max(side, least) for side in shared)),
        key=lambda side: prod(_parts(length, side) for length in lengths) * (side + 2 * halo) ** 2,
    )
    return Tiling(core_side + 2 * halo, halo, step, phase), core if is_exact else raised_cosine


class Levels(NamedTuple):
    """What sentences call the results of a network in 0..1, and the `unit` of which 1 is `count`."""

    name: str
    count: int
    unit: str


def doubt_of_seams(seams: Seams, tiling: Tiling, model: str, levels: Levels) -> str:
    """Return what is to be told of the seams of blended tiles, "" where nothing is known of them."""
    if not tiling.halo:
        return (
            f"Tiles of the model '{model}' do not hold all that {levels.name} depend on, and nothing of them overlaps: "
            "seams show where they meet. Choose an overlap, or leave it empty for that of the model's card."
        )
    if seams.mean is None:
        return ""
    mean, largest = (levels.count * each for each in (seams.mean, seams.largest))
    return (
        f"Tiles of the model '{model}' do not hold all that {levels.name} depend on: where they overlap, the "
        f"{levels.name} of the same pixel differ by {mean:.1f} {levels.unit} on average, {largest:.0f} at most. Seams "
        "are blended, not avoided; larger tiles have fewer of them."
    )


def _parts(length, size):
    """Return how many parts of a size a length has, the last one cut off."""
    return -(-length // size)


def _whole_steps(pixels, step):
    """Return the smallest multiple of the step that is not below a number of pixels."""
    return _parts(pixels, step) * step
