"""What the filters share: images of any calibration, and the estimate of Lee."""

import torch
from torch import Tensor, nn

from ...rasters.radiometry import FAINTEST_POWER


class PowerFilter(nn.Module):
    """Linear power [N, C, H, W], float32, positive or 0, of any range -> the same without speckle, band by band.

    A pixel depends on those up to `reach` away; beyond the edges, on the last pixels repeated. Always computed in
    float32, as variances are small differences of large numbers.
    """

    reach: int

    def forward(self, power: Tensor) -> Tensor:
        bands = power.float().reshape(-1, 1, *power.shape[-2:])
        # Squares must neither overflow nor vanish. A power of two rounds nothing, so that tiles agree.
        scale = bands.amax((-2, -1), keepdim=True).clamp_min(FAINTEST_POWER).log2().floor().exp2()
        with torch.autocast(power.device.type, enabled=False):
            return (self._filter(bands / scale) * scale).reshape(power.shape)

    def _filter(self, power: Tensor) -> Tensor:
        """Return power [N, 1, H, W], of which the largest is below 2, without speckle."""
        raise NotImplementedError


def least_squares(power: Tensor, mean: Tensor, mean_square: Tensor, noise_variance: float) -> Tensor:
    """Return the linear estimate of least mean square error, from statistics of the pixels around each pixel.

    After J. S. Lee, "Digital image enhancement and noise filtering by use of local statistics", IEEE TPAMI 2 (2), 1980:
    the local mean where speckle (of mean 1 and `noise_variance`) explains the variance, and the pixel itself where it
    explains next to nothing of it.
    """
    variance = (mean_square - mean.square()).clamp_min(0)
    of_scene = ((variance - noise_variance * mean.square()) / (1 + noise_variance)).clamp_min(0)
    share = torch.where(of_scene > 0, of_scene / variance, 0)
    return mean + share * (power - mean)
