"""Matching with CorrASL as published: patch by patch.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.6, sections 2.2 and 3.1 of the paper there.
"""

from torch import Tensor

from ...models.matching.corr_asl import CorrASL, place_in_search_window
from .matcher import Matcher


class CorrAslMatcher(Matcher):
    """The published network, patch by patch, in float32: its features change with the size of what it is shown.

    `sar_range` is what SAR values are clipped to and scaled by (`scale_sar`).
    """

    smallest_reach = 64  # search windows of 256 pixels, as in training (Hughes 2020, §4.6, section 3.1)

    def __init__(self, network: CorrASL, sar_range: tuple[float, float]) -> None:
        self.network = network
        self.sar_range = sar_range

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return scale_sar(sar, self.sar_range)[None], optical[None]

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        raw = self.network(searches, templates)
        size, window = templates.shape[-2:], searches.shape[-2:]
        whole = place_in_search_window(raw, size, window)[:, 0]
        rows, cols = (side // 2 for side in size)
        return whole[:, rows : rows + window[0] - size[0] + 1, cols : cols + window[1] - size[1] + 1]

    def score(self, height: Tensor) -> Tensor:
        # Heights are sums of thousands of cosines: without an ORN nearly every match has the score 1.
        return height.clamp(0, 1)


def scale_sar(sar: Tensor, value_range: tuple[float, float]) -> Tensor:
    """Scale SAR values, in the unit of `value_range` (low, high), to 0..1 as CorrASL expects; what lies outside is cut.

    Published is dB, clipped to the 3-sigma range of the training set (Hughes 2020, §4.6, section 3.1).
    """
    low, high = value_range
    return ((sar - low) / (high - low)).clamp(0, 1)
