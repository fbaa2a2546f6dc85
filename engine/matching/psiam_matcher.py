"""Matching with PSiam: the probability that a template and the patch under it correspond, at every offset.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.6, section 5.2 of the paper there, and §5.1.2.
"""

import torch
from torch import Tensor

from ...models.matching.psiam import PSiam, centred, log_odds
from ...models.matching.psiam_search import window_log_odds
from .peaks import highest_cells
from .pixel_matcher import PixelMatcher
from .sliding_window import slide
from .windows import cut_windows


class PSiamMatcher(PixelMatcher):
    """PSiam as published: a sliding window, patch after patch, in float32. The reference.

    Heat maps hold logarithms of odds, which tell matches apart where their probabilities are both rounded to 1.
    """

    def __init__(self, network: PSiam, sar_range: tuple[float, float]) -> None:
        super().__init__(network.to(memory_format=torch.channels_last), sar_range)  # takes a third less time so
        self.template_side = network.side

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


class RefinedPSiamMatcher(DensePSiamMatcher):
    """The dense search finds the place, the published sliding window measures it: what runs use.

    The dense search alone is off by a few pixels more often, the sliding window alone takes thirteen times as long for
    offsets of up to ±16 px (`benchmarks/psiam_search.py`, benchmarks/README.md). Offsets up to `around` cells from the
    dense peak have the published odds. The others have the dense ones, all raised or lowered by one number, so that the
    highest is the highest published one.
    """

    around = 3

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        heat = super().heat(templates, searches)
        side = heat.shape[-1]
        around = min(self.around, side // 2)
        cells = highest_cells(heat).clamp(around, side - 1 - around)
        half = self.template_side // 2
        near = torch.cat([cut_windows(s, c[None] + half, half + around) for s, c in zip(searches, cells)])
        published = PSiamMatcher.heat(self, templates, near)
        heat += (published.amax((1, 2)) - heat.amax((1, 2)))[:, None, None]
        for of_one, (col, row), there in zip(heat, cells.tolist(), published):
            of_one[row - around : row + around + 1, col - around : col + around + 1] = there
        return heat
