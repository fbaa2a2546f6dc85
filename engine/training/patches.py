"""Patches of aligned layers, and which of them are learnt from: the recipe of SEN1-2.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020, section 4.3: tiles of 256 pixels every 128 pixels; those with holes, clouds or seams are left out
(the rules for these are ours). Parts are told apart by place, never by drawing single patches: neighbours share half of
their pixels.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy.ndimage import uniform_filter

from ..rasters.grid import Window

TRAINING, VALIDATION = "training", "validation"

MOST_SCORED, MOST_FITTED, MOST_CHECKED = 32, 64, 8
"""About so many patches, `spread` over all: by which weights are chosen (validation), to which trivial answers are
fitted (training), and that tell whether layers are still what they were when a training goes on."""

Patch = TypeVar("Patch")

NO_DATA, CLOUDS, SEAM = "no data", "clouds", "seam"
"""Why a patch is left out."""

_BLOCKS = 25
"""Into about so many blocks an area is divided, so that each part has a bit of every landscape."""

_WHITE, _COLOURLESS = 0.9, 0.1
"""Least brightness of a cloud, and how far its bands may be apart."""

_SEGMENTS, _LEAST_STEP, _UNUSUAL = 8, 0.05, 3.0
"""A seam: along a line that runs through the whole patch all segments step the same way, by more than the least step
and so many times what is usual between neighbours there."""

_BESIDE, _STRIP, _LASTING = 12, 24, 0.7
"""Pixels from a seam to the strips, and their width, that differ by so much of its step: those beside a road do not."""

_BROAD, _MOSTLY = 31, 0.8
"""Clouds are white in most of a window of so many pixels around each of their own; roofs are not."""


def lattice(area: Window, side: int) -> list[Window]:
    """Return the windows of `side` pixels, every half side, that lie within an area, row by row."""
    ends = area.col + area.width - side, area.row + area.height - side
    return [
        Window(col, row, side, side)
        for row in range(area.row, ends[1] + 1, side // 2)
        for col in range(area.col, ends[0] + 1, side // 2)
    ]


def flaw(sar: np.ndarray, optical: np.ndarray, valid: np.ndarray, most_cloud: float) -> str:
    """Return why a patch is left out, "" where it is not: `NO_DATA`, `CLOUDS` or `SEAM`.

    sar [B, h, w] in standard deviations from the mean of the scene; optical [C, h, w] in 0..1; valid [h, w] of both.
    most_cloud: share of the pixels that may be in the middle of a cloud, which is white.
    """
    if not valid.all():
        return NO_DATA
    white = (optical.min(0) >= _WHITE) & (np.ptp(optical, axis=0) <= _COLOURLESS)
    clouds = uniform_filter(white.astype(np.float32), _BROAD, mode="nearest") > _MOSTLY
    if clouds.mean() > most_cloud:
        return CLOUDS
    return SEAM if has_seam(optical.mean(0)) or has_seam(sar[0].clip(-2.5, 2.5) / 5) else ""


def has_seam(image: np.ndarray) -> bool:
    """Return whether an image [h, w] of values about 0..1 steps along a whole row or column, as mosaics do."""
    for turned in (image, image.T):
        length = turned.shape[0] // _SEGMENTS * _SEGMENTS
        columns = turned[:length].reshape(_SEGMENTS, -1, turned.shape[1]).mean(1)
        steps = np.diff(columns, axis=1)
        bound = max(_LEAST_STEP, _UNUSUAL * float(np.median(np.abs(steps))))
        candidates = np.flatnonzero((steps > bound).all(0) | (steps < -bound).all(0)) + 1
        if any(_stays(columns, steps, column) for column in candidates):
            return True
    return False


def _stays(columns, steps, column):
    """Whether the ground on both sides of a step differs as the step does."""
    before = columns[:, max(0, column - _BESIDE - _STRIP) : max(0, column - _BESIDE)]
    after = columns[:, column + _BESIDE : column + _BESIDE + _STRIP]
    if not (before.shape[1] and after.shape[1]):
        return False
    step, lasting = (np.median(each) for each in (steps[:, column - 1], after.mean(1) - before.mean(1)))
    return lasting * np.sign(step) > _LASTING * abs(step)


def split_by_place(windows: Sequence[Window], share: float, seed: int) -> list[str]:
    """Return the part of each window of one size: `TRAINING`, `VALIDATION`, or "" where it lies across a border.

    Blocks are drawn for validation until `share` of the windows of both parts lie in them; one at least, but not all.
    Of windows without two that do not overlap all are "".
    """
    if not windows:
        return []
    side = windows[0].width
    left, top = min(each.col for each in windows), min(each.row for each in windows)
    width, height = (max(each[axis] for each in windows) + side - first for axis, first in ((0, left), (1, top)))
    block = side * max(1, round((width * height / _BLOCKS) ** 0.5 / side))
    touched = [
        {
            (row, col)
            for row in range((each.row - top) // block, (each.row + side - 1 - top) // block + 1)
            for col in range((each.col - left) // block, (each.col + side - 1 - left) // block + 1)
        }
        for each in windows
    ]
    # Blocks with windows of their own: others cannot be a part.
    blocks = sorted({next(iter(each)) for each in touched if len(each) == 1})
    if len(blocks) < 2:
        return [""] * len(windows)
    drawn = set()
    for number in np.random.default_rng(seed).permutation(len(blocks))[:-1]:
        drawn.add(blocks[number])
        parts = [_part(each, drawn) for each in touched]
        if parts.count(VALIDATION) >= share * (len(parts) - parts.count("")):
            break
    return parts


def _part(touched, drawn):
    inside = len(touched & drawn)
    return VALIDATION if inside == len(touched) else "" if inside else TRAINING


def split_at_random(count: int, share: float, seed: int) -> list[str]:
    """Return the part of each of `count` patches, drawn one by one, whatever they share with their neighbours."""
    validation = set(np.random.default_rng(seed).permutation(count)[: round(share * count)].tolist())
    return [VALIDATION if number in validation else TRAINING for number in range(count)]


def spread(patches: Sequence[Patch], most: int) -> list[Patch]:
    """Return at most so many of the patches, one at least, evenly over all of them."""
    return [patches[number] for number in np.unique(np.linspace(0, len(patches) - 1, most).round().astype(int))]
