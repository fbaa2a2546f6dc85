"""BridgeClear: the project's own network for detected images, of which only the intensity is left.

Ground range products, mosaics and quick looks have no phase that could be split as MERLIN splits it. The same U-Net
learns from simulated radars instead, whose reflectivity is known: one to eight looks, correlated as their products are.
"""

from torch import Tensor, nn

from .levels import as_plane, from_plane
from .speckle_unet import SpeckleUNet


class BridgeClear(nn.Module):
    """Intensity [N, 1, H, W] -> reflectivity in dB [N, 1, H, W]; H and W are multiples of the stride.

    The intensity is linear, in units in which the scene's median is 1: that level is 0 dB. levels, width: of the
    `SpeckleUNet`. Our design.
    """

    def __init__(self, levels: int, width: int) -> None:
        super().__init__()
        self.unet = SpeckleUNet(levels, width)

    def forward(self, intensity: Tensor) -> Tensor:
        return self.estimate(intensity)

    def estimate(self, seen: Tensor) -> Tensor:
        """Return the reflectivity in dB [N, 1, H, W] that an intensity suggests."""
        return from_plane(self.unet(as_plane(seen)))
