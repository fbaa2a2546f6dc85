"""Contrast for translated images, whose colours are means of what is possible.

After the study of fusing SAR images with elevation models (DEM-assisted SARDINet, section 4) the image is convolved
with the Laplacian filter, or its spectrum is divided by that of a Gaussian of 9 × 9 pixels with a standard deviation of
29, which is Wiener's filter without noise. The spectrum has zeros: what cannot be told from noise stays as it is.
"""

from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_SIDE, _DEVIATION = 9, 29.0
_NOISE = 0.25
"""Share of noise in the power of the image: no wave is turned around, and none grows by more than 1.63 times."""

_WIENER_REACH = 32
"""Pixels; what the filter takes from further away is less than a thousandth of what it takes."""

_PERIOD = 512
"""Pixels after which the filter that is computed repeats itself, many times its reach."""


class Enhancement(nn.Module):
    """Images [N, C, H, W] convolved with a square filter of odd side whose weights sum to one, within 0..1.

    It depends on `reach` pixels in each direction; at the edges of the images, on their last pixels repeated.
    """

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.reach = weights.shape[-1] // 2
        self.register_buffer("weights", weights.float())

    def forward(self, images: Tensor) -> Tensor:
        wide = F.pad(images.float(), [self.reach] * 4, mode="replicate")
        spectrum = torch.fft.rfft2(self.weights, wide.shape[-2:])
        convolved = torch.fft.irfft2(torch.fft.rfft2(wide) * spectrum, wide.shape[-2:])
        # Of a period of the convolution the first 2 · reach pixels are those that wrap around.
        return convolved[..., 2 * self.reach :, 2 * self.reach :].clamp(0, 1)


def enhancement(name: str) -> Optional[Enhancement]:
    """Return the `Enhancement` of a name in `translation_jobs.ENHANCEMENTS`; None for 'none'."""
    if name == "none":
        return None
    return Enhancement(_laplacian() if name == "laplacian" else _wiener())


def _laplacian():
    """The image minus its Laplacian."""
    return torch.tensor([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]])


def _wiener():
    """From an image to what comes nearest to it when blurred by the Gaussian, and is like it where that hides all.

    The minimum of |h * x - y|² + noise · |x - y|², cut off where next to nothing is left.
    """
    offsets = torch.arange(_SIDE, dtype=torch.float64) - _SIDE // 2
    profile = torch.exp(-(offsets**2) / (2 * _DEVIATION**2))
    gaussian = profile[:, None] * profile / profile.sum() ** 2
    around_origin = torch.zeros(_PERIOD, _PERIOD, dtype=torch.float64)
    around_origin[:_SIDE, :_SIDE] = gaussian
    spectrum = torch.fft.fft2(around_origin.roll((-(_SIDE // 2),) * 2, (0, 1))).real
    weights = torch.fft.ifft2((spectrum + _NOISE) / (spectrum**2 + _NOISE)).real
    weights = weights.roll((_WIENER_REACH,) * 2, (0, 1))[: 2 * _WIENER_REACH + 1, : 2 * _WIENER_REACH + 1]
    return weights / weights.sum()
