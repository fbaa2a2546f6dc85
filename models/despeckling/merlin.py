"""MERLIN: a single-look complex image in, its reflectivity out, learnt from nothing but such images.

E. Dalsasso, C. Rambour, N. Trouvé and N. Thome, "MERLIN-Seg: self-supervised despeckling for label-efficient semantic
segmentation", CVIU 2024, section 3.1. Real and imaginary part of a pixel are independent, each with half the
reflectivity as its variance: the network is shown one of them, and judged by the other (`losses.merlin_loss`).
"""

from torch import Tensor, nn

from .levels import as_plane, from_plane, mean_power
from .speckle_unet import PUBLISHED_WIDTH, SpeckleUNet


class Merlin(nn.Module):
    """Real and imaginary part [N, 2, H, W] -> reflectivity in dB [N, 1, H, W]; H and W are multiples of the stride.

    The parts are linear, in units in which the scene's median power is 1: that level is 0 dB. Each part gives an
    estimate of its own; the result is the mean of the two powers. levels, width: of the `SpeckleUNet`.
    """

    def __init__(self, levels: int = 5, width: int = PUBLISHED_WIDTH) -> None:
        super().__init__()
        self.unet = SpeckleUNet(levels, width)

    def forward(self, parts: Tensor) -> Tensor:
        real, imaginary = parts.square().split(1, 1)
        return mean_power(self.estimate(real), self.estimate(imaginary))

    def estimate(self, seen: Tensor) -> Tensor:
        """Return the reflectivity in dB [N, 1, H, W] that one part, squared, suggests."""
        return from_plane(self.unet(as_plane(2 * seen)))
