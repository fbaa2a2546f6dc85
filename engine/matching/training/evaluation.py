"""How well a matcher finds planted offsets: the same windows for every method, before any filter."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ...training.pair import Pair
from ..block_matching import heat_at
from ..error_scores import Scores, scores_of
from ..matcher import TEMPLATE, Matcher
from ..peaks import find_peaks

_CPU = torch.device("cpu")


class Windows(NamedTuple):
    """Where templates are cut from the optical tile, `centres` [N, 2] (col, row), and planted offsets `truths` [N, 2].

    The search window is centred on `centres - truths` of the aligned SAR tile, so that the peak belongs at the truth.
    """

    centres: Tensor
    truths: Tensor


def planted_windows(width: int, height: int, spacing: int = 64, max_shift: int = 32, seed: int = 0) -> Windows:
    """Return the `Windows` of a tile: a grid of centres, each with a whole-pixel offset drawn from ±max_shift.

    Search windows that reach `max_shift` further than templates lie within the tile.
    """
    generator = torch.Generator().manual_seed(seed)
    reach = TEMPLATE // 2 + 2 * max_shift
    cols, rows = (torch.arange(reach, size - reach + 1, spacing) for size in (width, height))
    centres = torch.stack(torch.meshgrid(cols, rows, indexing="xy"), -1).reshape(-1, 2)
    truths = torch.randint(-max_shift, max_shift + 1, centres.shape, generator=generator)
    return Windows(centres, truths)


def planted_in(pairs: Sequence[Pair], spacing: int = 64, max_shift: int = 32) -> list[Windows]:
    """Return the `planted_windows` of each of `pairs`, whose number is its seed."""
    return [
        planted_windows(*pair.sar.shape[:0:-1], spacing, max_shift, seed=number) for number, pair in enumerate(pairs)
    ]


def drawn_windows(side: int, count: int, template: int = TEMPLATE, max_shift: int = 32, seed: int = 0) -> Windows:
    """Return `count` `Windows` drawn anywhere in a square tile, with whole-pixel offsets drawn from ±max_shift.

    Templates and search windows that reach `max_shift` further lie within the tile.
    """
    generator = torch.Generator().manual_seed(seed)
    reach = template // 2 + max_shift
    searched = torch.randint(reach, side - reach + 1, (count, 2), generator=generator)
    truths = torch.randint(-max_shift, max_shift + 1, (count, 2), generator=generator)
    return Windows(searched + truths, truths)


def thinned(windows: Sequence[Windows], most: int, seed: int = 0) -> list[Windows]:
    """Return the `Windows` of all tiles with at most `most` left in all, drawn at random."""
    sizes = [len(part.centres) for part in windows]
    drawn = torch.randperm(sum(sizes), generator=torch.Generator().manual_seed(seed))[:most]
    chosen = torch.zeros(sum(sizes), dtype=torch.bool).scatter_(0, drawn, True).split(sizes)
    return [Windows(part.centres[keep], part.truths[keep]) for part, keep in zip(windows, chosen)]


@torch.inference_mode()
def heat_maps(
    matcher: Matcher,
    sar: Tensor,
    optical: Tensor,
    windows: Windows,
    max_shift: int = 32,
    batch: int = 32,
    known: Optional[int] = None,
) -> Iterator[Tensor]:
    """Yield heat maps [n, 2k+1, 2k+1], batch by batch, of a tile's `Windows`; sar, optical are grey areas [H, W].

    `known`, k: the largest offset in them, `max_shift` unless given. Where search windows are wider than templates of
    `TEMPLATE` pixels and `max_shift` need, the SAR tile is mirrored at its ends: for `known`, because the matcher asks
    for it, or because its templates are larger.
    """
    known = max_shift if known is None else known
    more = max(0, matcher.search_side(known) // 2 - TEMPLATE // 2 - max_shift)
    if more:
        sar = F.pad(sar[None, None], (more,) * 4, mode="reflect")[0, 0]
    if not len(windows.centres):  # of many tiles, some may have none
        return
    features = matcher.describe(sar, optical)
    sar_centres = windows.centres - windows.truths + more
    for centres in zip(sar_centres.split(batch), windows.centres.split(batch)):
        yield heat_at(matcher, features, centres, known)


def errors_on(
    matcher: Matcher,
    pairs: Sequence[Pair],
    windows: Sequence[Windows],
    max_shift: int = 32,
    batch: int = 32,
    device: torch.device = _CPU,
) -> np.ndarray:
    """Return the errors [N] in pixels of a matcher on `pairs`, `windows` holding the planted `Windows` of each.

    device: where the matcher's network is.
    """
    errors = []
    for pair, planted in zip(pairs, windows):
        areas = (area.to(device) for area in (pair.sar[0].float(), pair.grey()))
        maps = heat_maps(matcher, *areas, planted, max_shift, batch)
        errors += [errors_of(heat.cpu(), truths) for heat, truths in zip(maps, planted.truths.split(batch))]
    return torch.cat(errors).double().numpy()


@torch.inference_mode()
def scores_on(matcher: Matcher, pairs: Sequence[Pair], count: int, max_shift: int = 32, batch: int = 32) -> Scores:
    """Return the `Scores` of at most `count` planted windows of `pairs`, drawn at random."""
    windows = thinned(planted_in(pairs, max_shift=max_shift), count)
    return scores_of(errors_on(matcher, pairs, windows, max_shift, batch))


def errors_of(heat: Tensor, truths: Tensor) -> Tensor:
    """Return the distances [N], in pixels, of the sub-pixel peaks of heat maps from the planted offsets."""
    peaks = find_peaks(heat)
    return torch.stack((peaks.dx, peaks.dy), 1).sub(truths).norm(dim=1)
