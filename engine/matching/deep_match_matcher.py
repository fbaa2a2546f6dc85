"""Matching with DeepMatch: dot products of codes that are there once for an area.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §5.1.4.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from ...models.matching.deep_match import TEMPLATE, DeepMatch, offset_heat
from .matcher import Matcher
from .pixel_matcher import scale_sar

_MIDDLE = TEMPLATE // 2
"""Row and column of the pixel in the middle of what a code describes; so many pixels lie on each side of it."""

_ROWS = 128
"""Rows of codes that are computed at once: with it the memory for a network's maps does not depend on an area's height.
"""


class DeepMatchMatcher(Matcher):
    """DeepMatch over as many offsets as a run asks for, in float32; codes are kept in half of that.

    `sar_range` is what SAR values are clipped to and scaled by (`scale_sar`). Heat maps hold logarithms of the softmax
    over all offsets that were looked at, so that scores are probabilities among these.

    Templates measure 201 pixels, which is odd, while windows are cut around corners of pixels: they are one pixel wider
    than that, and their last row and column are not looked at. That is so in both images, and offsets are exact.
    Areas have no margin: the codes near the border of a window, which are not known at that of an area, are not used.
    """

    template_side = TEMPLATE + 1

    def __init__(self, network: DeepMatch, sar_range: tuple[float, float]) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.sar_range = sar_range

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        """Return codes [64, H, W] and [64, h, w]: each at the middle of what it describes, 0 where that is cut off."""
        return self._codes(scale_sar(sar, self.sar_range), "sar"), self._codes(optical, "optical")

    def _codes(self, area: Tensor, kind: str) -> Tensor:
        strips = (area[top : top + _ROWS + TEMPLATE - 1] for top in range(0, len(area) - TEMPLATE + 1, _ROWS))
        codes = torch.cat([self.network.codes(strip[None, None], kind)[0].half() for strip in strips], 1)
        return F.pad(codes, (_MIDDLE,) * 4)

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        template = templates[:, :, _MIDDLE, _MIDDLE]
        ends = slice(_MIDDLE, -_MIDDLE - 1)
        heat = offset_heat(template, searches[:, :, ends, ends])
        return heat.flatten(1).log_softmax(1).view_as(heat)

    def score(self, height: Tensor) -> Tensor:
        return height.exp()
