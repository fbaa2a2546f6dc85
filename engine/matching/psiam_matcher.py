"""Matching with PSiam: the probability that a template and the patch under it correspond, at every offset.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.6, section 5.2 of the paper there, and §5.1.2.
"""

import torch
from torch import Tensor

from ...models.matching.psiam import PSiam, centred, log_odds
from ...models.matching.psiam_search import window_log_odds
from .corr_asl_matcher import scale_sar
from .matcher import Matcher
from .sliding_window import slide


class PSiamMatcher(Matcher):
    """PSiam as published: a sliding window, patch after patch, in float32. The reference.

    `sar_range` is what SAR values are clipped to and scaled by (`scale_sar`). Heat maps hold logarithms of odds, which
    tell matches apart where their probabilities are both rounded to 1.
    """

    def __init__(self, network: PSiam, sar_range: tuple[float, float]) -> None:
        self.network = network.to(memory_format=torch.channels_last)  # takes a third less time so
        self.sar_range = sar_range
        self.template_side = network.side

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return scale_sar(sar, self.sar_range)[None], optical[None]

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        optical = self.network.optical(centred(templates))

        def judge(patches, window):
            return log_odds(self.network.fusion(self.network.sar(centred(patches)), optical[window]))

        return slide(searches, self.template_side, judge)

    def score(self, height: Tensor) -> Tensor:
        """Return the probabilities of the heights."""
        return height.sigmoid()


class DensePSiamMatcher(PSiamMatcher):
    """PSiam over whole search windows, which is not quite the published one: see `models/matching/psiam_search.py`."""

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        return window_log_odds(self.network, templates, searches)
