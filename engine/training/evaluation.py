"""How well a matcher finds planted offsets: the same windows for every method, before any filter."""

from typing import NamedTuple

import numpy as np
import torch

from ..matching.block_matching import cut_windows
from ..matching.matchers import TEMPLATE
from ..matching.peaks import find_peaks


class Windows(NamedTuple):
    """Where templates are cut from the optical tile, `centres` [N, 2] (col, row), and planted offsets `truths` [N, 2].

    The search window is centred on `centres - truths` of the aligned SAR tile, so that the peak belongs at the truth.
    """

    centres: torch.Tensor
    truths: torch.Tensor


def planted_windows(width, height, spacing=64, max_shift=32, margin=0, seed=0):
    """Return the `Windows` of a tile: a grid of centres, each with a whole-pixel offset drawn from ±max_shift.

    Every window keeps `margin` pixels from the tile's edge, whatever its offset.
    """
    generator = torch.Generator().manual_seed(seed)
    reach = TEMPLATE // 2 + 2 * max_shift + margin
    cols, rows = (torch.arange(reach, size - reach + 1, spacing) for size in (width, height))
    centres = torch.stack(torch.meshgrid(cols, rows, indexing="xy"), -1).reshape(-1, 2)
    truths = torch.randint(-max_shift, max_shift + 1, centres.shape, generator=generator)
    return Windows(centres, truths)


class Scores(NamedTuple):
    """Errors of matches in pixels, summed up as in the thesis (document 004, §5.2).

    Shares within 1 and 3 px in percent, mean error, and "mAP": the mean, over thresholds of 1 to 32 px, of the standard
    deviation of the errors below the threshold (a precision in pixels: smaller is better).
    """

    within_1: float
    within_3: float
    mean: float
    map: float
    count: int


def scores_of(errors):
    """Return the `Scores` of errors [N] in pixels."""
    errors = np.asarray(errors, float)
    spreads = [errors[errors <= threshold].std() for threshold in range(1, 33) if (errors <= threshold).any()]
    return Scores(
        100 * float((errors <= 1).mean()),
        100 * float((errors <= 3).mean()),
        float(errors.mean()),
        float(np.mean(spreads)) if spreads else float("nan"),
        len(errors),
    )


@torch.inference_mode()
def heat_maps(matcher, sar, optical, windows, max_shift=32, batch=32):
    """Yield heat maps [n, 2m+1, 2m+1], batch by batch, of a tile's `Windows`; sar, optical are grey areas [H, W]."""
    sar_features, optical_features = matcher.describe(sar, optical)
    half = TEMPLATE // 2
    for start in range(0, len(windows.centres), batch):
        part = slice(start, start + batch)
        templates = cut_windows(optical_features, windows.centres[part], half)
        searches = cut_windows(sar_features, windows.centres[part] - windows.truths[part], half + max_shift)
        yield matcher.heat(templates, searches)


def errors_of(heat, truths):
    """Return the distances [N], in pixels, of the sub-pixel peaks of heat maps from the planted offsets."""
    peaks = find_peaks(heat)
    return torch.stack((peaks.dx, peaks.dy), 1).sub(truths).norm(dim=1)


def grey(optical):
    """Return an optical tile, uint8 [C, H, W], as the engine reads it: the mean of its bands, 0..1, [H, W]."""
    return optical.float().mean(0) / 255
