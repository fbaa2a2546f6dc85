"""Choose the thresholds that go on the card, on tiles that are neither trained on nor in the validation list."""

from collections.abc import Sequence
from typing import Callable, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ....models.matching.goodness import fuse
from ....models.matching.match_error_net import AROUND as ERROR_AROUND
from ....models.matching.match_error_net import MatchErrorNet
from ...training.pair import Pair
from ..candidates import goodness_image
from ..first_stage import FINE_REACH
from ..judgement import AROUND, Orn, judged
from ..matcher import TEMPLATE, Matcher
from ..peaks import find_peaks
from ..windows import cut_windows, middle
from .evaluation import errors_of, heat_maps, planted_in
from .outcomes import found_near

GOODNESS_QUANTILE = 0.25
"""The least promising quarter of all windows is not tried: the ORN is far better at telling, but costs a match."""

WANTED_WITHIN_1, WANTED_WITHIN_3 = 85.0, 99.0

LARGEST_SIGMA = 1.0
"""Pixels. Read off matches of invented scenes of metre-class radars (docs/training.md, "Predicted errors"): with less,
these lose most of their points though they are right; with more, they gain wrong ones."""

MAX_SHIFT = 32


class JudgedWindows(NamedTuple):
    """What became of planted windows, float64 [N] each: the error of the match in pixels, how promising both patches
    are to the goodness networks, and the score that the ORN gives the match (its logit, where that was asked for)."""

    error: np.ndarray
    sar: np.ndarray
    optical: np.ndarray
    score: np.ndarray

    def goodness(self, fusion: str = "min") -> np.ndarray:
        """Return how promising the windows are, [N]; see `fuse`."""
        return fuse(torch.from_numpy(self.sar), torch.from_numpy(self.optical), fusion).numpy()


@torch.inference_mode()
def judged_windows(
    matcher: Matcher,
    goodness: tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]],
    orn: Orn,
    pairs: Sequence[Pair],
    spacing: int = 64,
) -> JudgedWindows:
    """Return the `JudgedWindows` of planted windows on whole tiles.

    `goodness` are the networks of (SAR, optical).
    """
    errors, promises, scores = [], ([], []), []
    for pair, windows in zip(pairs, planted_in(pairs, spacing, MAX_SHIFT)):
        sar, optical = pair.sar[0].float(), pair.grey()
        if not len(windows.centres):
            continue
        half, sar_centres = TEMPLATE // 2, windows.centres - windows.truths
        given = zip(promises, goodness, (sar, optical), (sar_centres, windows.centres))
        for promise, network, image, centres in given:
            promise.append(network(cut_windows(goodness_image(image[None, None])[0], centres, half)).flatten())
        start = 0
        for heat in heat_maps(matcher, sar, optical, windows, MAX_SHIFT, known=MAX_SHIFT + AROUND):
            searched = middle(heat, 2 * MAX_SHIFT + 1)
            errors.append(errors_of(searched, windows.truths[start : start + len(heat)]))
            scores.append(judged(orn, heat, searched, find_peaks(searched)))
            start += len(heat)
    return JudgedWindows(*(torch.cat(part).double().numpy() for part in (errors, *promises, scores)))


def choose_operating_point(windows: JudgedWindows) -> dict[str, float]:
    """Return {"goodness_threshold", "orn_threshold"}: the lowest ORN threshold that reaches the wanted shares.

    Wanted are 85 % within 1 px and 99 % within 3 px; where no threshold reaches both, the one that comes nearest with
    at least 30 % of the windows kept is taken.
    """
    error, goodness = windows.error, windows.goodness()
    goodness_threshold = float(np.quantile(goodness, GOODNESS_QUANTILE))
    tried = goodness >= goodness_threshold
    best = None
    for threshold in np.arange(0.0, 1.0, 0.01):
        kept = tried & (windows.score >= threshold)
        if kept.sum() < 0.3 * len(error):
            break
        within_1, within_3 = (100 * (error[kept] <= limit).mean() for limit in (1, 3))
        missing = max(0, WANTED_WITHIN_1 - within_1) + max(0, WANTED_WITHIN_3 - within_3)
        if best is None or missing < best[0]:
            best = (missing, float(threshold))
    return {"goodness_threshold": round(goodness_threshold, 3), "orn_threshold": round(best[1], 2)}


@torch.inference_mode()
def predicted_errors(
    matcher: Matcher, network: MatchErrorNet, pairs: Sequence[Pair], spacing: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Return (error, predicted sigma) in pixels, float64 [N] each, of planted windows on whole tiles.

    Offsets and heat maps are those of the second stage of matching; slopes, which are no matches, are left out. By how
    much all of a tile is off (the median) is the fault of its registration, or of what stands on the ground, and is
    taken out.
    """
    errors, sigmas = [], []
    for pair, windows in zip(pairs, planted_in(pairs, spacing, FINE_REACH)):
        if not len(windows.centres):
            continue
        maps = heat_maps(
            matcher, pair.sar[0].float(), pair.grey(), windows, FINE_REACH, known=FINE_REACH + ERROR_AROUND
        )
        near, off = found_near(torch.cat(list(maps)), windows.truths)
        errors.append((off - off.median(0).values).norm(dim=1))
        sigmas.append(network(near))
    return tuple(torch.cat(part).double().numpy() for part in (errors, sigmas))
