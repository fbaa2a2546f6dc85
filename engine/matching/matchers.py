"""The matching methods behind one interface: describe an area once, then correlate templates cut from it."""

from ...models.matching.bridge_match import HALO, LATTICE, LocalContrast
from ...models.matching.corr_asl import place_in_search_window
from ...models.matching.correlation import normalised_correlation
from ..compute.device import reduced_precision
from ..inference.area_network import AreaNetwork
from ..reporting import NullReporter
from .classical import mutual_information_heat, ncc_heat

TEMPLATE = 128
"""Side in pixels of every template."""


class NccMatcher:
    """Normalised cross-correlation of the grey values themselves."""

    margin = 0
    """Pixels at the border of an area that its description cannot be trusted in."""

    smallest_reach = 0
    """Search windows are at least so many pixels larger than templates on each side, whatever offsets are asked for."""

    @classmethod
    def reach(cls, max_shift):
        """Return how many pixels larger than templates search windows are on each side, for offsets of ±max_shift."""
        return max(max_shift, cls.smallest_reach)

    def describe(self, sar, optical):
        """Turn grey areas, float [H, W] each, into feature maps [C, H, W] that templates and windows are cut from."""
        return sar[None], optical[None]

    def heat(self, templates, searches):
        """Correlate templates [N, C, h, w] with search windows [N, C, h+2m, w+2m]: heat maps [N, 2m+1, 2m+1]."""
        return ncc_heat(templates[:, 0], searches[:, 0])

    def score(self, height):
        """Turn the heights of peaks [N] into scores in 0..1."""
        return height.clamp(0, 1)


class MutualInformationMatcher(NccMatcher):
    """Mutual information of the grey values."""

    def heat(self, templates, searches):
        return mutual_information_heat(templates[:, 0], searches[:, 0])

    def score(self, height):
        # Linfoot's informational coefficient of correlation: what |r| would be for Gaussian images.
        return (1 - (-2 * height.clamp_min(0)).exp()).sqrt()


class CorrAslMatcher(NccMatcher):
    """The published network, patch by patch, in float32: its features change with the size of what it is shown.

    `sar_range` is what SAR values are clipped to and scaled by.
    """

    smallest_reach = 64  # search windows of 256 pixels, as in training (thesis §4.6)

    def __init__(self, network, sar_range):
        self.network = network
        self.low, self.high = sar_range

    def describe(self, sar, optical):
        return ((sar - self.low) / (self.high - self.low)).clamp(0, 1)[None], optical[None]

    def heat(self, templates, searches):
        raw = self.network(searches, templates)
        size, window = templates.shape[-2:], searches.shape[-2:]
        whole = place_in_search_window(raw, size, window)[:, 0]
        rows, cols = (side // 2 for side in size)
        return whole[:, rows : rows + window[0] - size[0] + 1, cols : cols + window[1] - size[1] + 1]


class BridgeMatcher(NccMatcher):
    """BridgeMatch: features once per area, on the device, in the precision that is fast there.

    Bf16 moves nine offsets in ten by less than 0.02 px (0.002 in the median): rounding averages out over a template.
    Only where a heat map has two tops of one height, or a flat one, may the other of them win.
    """

    margin = HALO

    def __init__(self, network, device, reporter=None):
        self.network = network
        self.device = device
        self._streams = [
            AreaNetwork(stream, device, reporter or NullReporter(), step=LATTICE, height=LATTICE, halo=HALO)
            for stream in (network.sar, network.optical)
        ]

    def describe(self, sar, optical):
        with reduced_precision(self.device):
            return tuple(stream(area[None, None])[0] for stream, area in zip(self._streams, (sar, optical)))

    def heat(self, templates, searches):
        return normalised_correlation(templates, searches)


def goodness_image(images):
    """Return grey images [N, 1, H, W] as the goodness networks see them: their local contrast, in 0..1."""
    return LocalContrast()(images) / 6 + 0.5
