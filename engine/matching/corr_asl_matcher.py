"""Matching with CorrASL as published: patch by patch.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.6, sections 2.2 and 3.1 of the paper there.
"""

from torch import Tensor

from ...models.matching.corr_asl import place_in_search_window
from .pixel_matcher import PixelMatcher


class CorrAslMatcher(PixelMatcher):
    """The published network, patch by patch, in float32: its features change with the size of what it is shown."""

    smallest_reach = 64  # search windows of 256 pixels, as in training (Hughes 2020, §4.6, section 3.1)

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        raw = self.network(searches, templates)
        size, window = templates.shape[-2:], searches.shape[-2:]
        whole = place_in_search_window(raw, size, window)[:, 0]
        rows, cols = (side // 2 for side in size)
        return whole[:, rows : rows + window[0] - size[0] + 1, cols : cols + window[1] - size[1] + 1]

    def score(self, height: Tensor) -> Tensor:
        # Heights are sums of thousands of cosines: without an ORN nearly every match has the score 1.
        return height.clamp(0, 1)
