"""Choose the thresholds that go on the card, on tiles that are neither trained on nor in the validation list."""

import numpy as np
import torch

from ....models.matching.goodness import fuse
from ..block_matching import cut_windows, orn_input
from ..matchers import TEMPLATE, goodness_image
from .evaluation import errors_of, grey, heat_maps, planted_windows

GOODNESS_QUANTILE = 0.25
"""The least promising quarter of all windows is not tried: the ORN is far better at telling, but costs a match."""

WANTED_WITHIN_1, WANTED_WITHIN_3 = 85.0, 99.0


@torch.inference_mode()
def judged_windows(matcher, goodness, orn, pairs, spacing=64, fusion="min"):
    """Return (error in pixels, goodness, ORN probability), float64 [N] each, of planted windows on whole tiles."""
    errors, promises, probabilities = [], [], []
    for number, pair in enumerate(pairs):
        sar, optical = pair.sar[0].float(), grey(pair.optical)
        windows = planted_windows(sar.shape[1], sar.shape[0], spacing, seed=number)
        if not len(windows.centres):
            continue
        half, sar_centres = TEMPLATE // 2, windows.centres - windows.truths
        patches = (
            network(cut_windows(goodness_image(image[None, None])[0], centres, half)).flatten()
            for network, image, centres in zip(goodness, (sar, optical), (sar_centres, windows.centres))
        )
        promises.append(fuse(*patches, fusion))
        start = 0
        for heat in heat_maps(matcher, sar, optical, windows):
            errors.append(errors_of(heat, windows.truths[start : start + len(heat)]))
            probabilities.append(orn(orn_input(heat)))
            start += len(heat)
    return tuple(torch.cat(part).double().numpy() for part in (errors, promises, probabilities))


def choose_operating_point(error, goodness, probability):
    """Return {"goodness_threshold", "orn_threshold"}: the lowest ORN threshold that reaches the wanted shares.

    Wanted are 85 % within 1 px and 99 % within 3 px; where no threshold reaches both, the one that comes nearest with
    at least 30 % of the windows kept is taken.
    """
    goodness_threshold = float(np.quantile(goodness, GOODNESS_QUANTILE))
    tried = goodness >= goodness_threshold
    best = None
    for threshold in np.arange(0.0, 1.0, 0.01):
        kept = tried & (probability >= threshold)
        if kept.sum() < 0.3 * len(error):
            break
        within_1, within_3 = (100 * (error[kept] <= limit).mean() for limit in (1, 3))
        missing = max(0, WANTED_WITHIN_1 - within_1) + max(0, WANTED_WITHIN_3 - within_3)
        if best is None or missing < best[0]:
            best = (missing, float(threshold))
    return {"goodness_threshold": round(goodness_threshold, 3), "orn_threshold": round(best[1], 2)}
