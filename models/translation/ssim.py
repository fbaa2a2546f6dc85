"""Structural similarity, as a measure and as a loss.

Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image Quality Assessment: From Error Visibility to Structural
Similarity", IEEE Transactions on Image Processing 13 (4), 2004, section III-B: Gaussian windows of 11 pixels and 1.5
pixels standard deviation, constants (0.01)² and (0.03)² for a range of 1.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

RADIUS = 5
_SIGMA, _OF_MEANS, _OF_DEVIATIONS = 1.5, 0.01**2, 0.03**2


def ssim_map(image: Tensor, other: Tensor) -> Tensor:
    """Return the similarity of two images [N, C, H, W] in 0..1 at each pixel, -1..1, as [N, C, H, W].

    Beyond the images they are taken to go on as their mirror image. Raises ValueError when they differ in shape.
    """
    if image.shape != other.shape:
        raise ValueError(f"Images of {tuple(image.shape)} and {tuple(other.shape)} cannot be compared.")
    image, other = image.double(), other.double()  # variances are small differences of large numbers
    moments = torch.cat([image, other, image.square(), other.square(), image * other], 1)
    mean, of_other, square, of_other_square, product = _blurred(moments).chunk(5, 1)
    variances = square - mean.square() + of_other_square - of_other.square()
    covariance = product - mean * of_other
    brightness = (2 * mean * of_other + _OF_MEANS) / (mean.square() + of_other.square() + _OF_MEANS)
    return (brightness * (2 * covariance + _OF_DEVIATIONS) / (variances + _OF_DEVIATIONS)).to(torch.float32)


def _blurred(images: Tensor) -> Tensor:
    """Sums of shifted images: convolutions of each channel by itself take four times as long in double precision."""
    offsets = torch.arange(-RADIUS, RADIUS + 1, dtype=images.dtype)
    kernel = torch.exp(-offsets.square() / (2 * _SIGMA**2))
    weights = (kernel / kernel.sum()).tolist()
    height, width = images.shape[-2:]
    padded = F.pad(images, [RADIUS] * 4, mode="reflect")
    rows = padded[..., :height, :] * weights[0]
    for place, weight in enumerate(weights[1:], 1):
        rows.add_(padded[..., place : place + height, :], alpha=weight)
    blurred = rows[..., :width] * weights[0]
    for place, weight in enumerate(weights[1:], 1):
        blurred.add_(rows[..., place : place + width], alpha=weight)
    return blurred
