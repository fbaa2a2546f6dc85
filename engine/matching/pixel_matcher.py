"""What matchers share whose networks are shown pixels: SAR values scaled to 0..1, and grey optical ones."""

from torch import Tensor, nn

from .matcher import Matcher


class PixelMatcher(Matcher):
    """A network that looks at templates and search windows themselves, each time anew.

    `sar_range` is what SAR values are clipped to and scaled by (`scale_sar`).
    """

    def __init__(self, network: nn.Module, sar_range: tuple[float, float]) -> None:
        self.network, self.sar_range = network, sar_range

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return scale_sar(sar, self.sar_range)[None], optical[None]


def scale_sar(sar: Tensor, value_range: tuple[float, float]) -> Tensor:
    """Scale SAR values, in the unit of `value_range` (low, high), to 0..1 as networks expect; what lies outside is cut.

    Published is dB, clipped to the 3-sigma range of the training set (L. H. Hughes, "Deep Learning for Matching
    High-Resolution SAR and Optical Imagery", dissertation, Technische Universität München, 2020, §4.6, section 3.1 of
    the paper there).
    """
    low, high = value_range
    return ((sar - low) / (high - low)).clamp(0, 1)
