"""Matching on the orientations of gradients, without a model: both images share them better than grey values.

Everything it is made of was published more than twenty years ago, so that patents on it, if there were any, have run
out, and we know of none: angles doubled so that an edge and its inverse are the same (G. H. Granlund, "In Search of a
General Picture Processing Operator", Computer Graphics and Image Processing 8, 1978), such fields averaged over a
neighbourhood (the structure tensor: J. Bigün and G. H. Granlund, "Optimal Orientation Detection of Linear Symmetry",
ICCV 1987), and images registered by correlating them in the Fourier domain, squared for images of two modalities
(A. J. Fitch, A. Kadyrov, W. J. Christmas and J. Kittler, "Orientation Correlation", BMVC 2002). Weights and widths are
our choice.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from ...models.matching.correlation import normalised_correlation
from .matcher import Matcher

_SIGMA = 0.6
"""Pixels, of the Gaussian whose slopes are the gradients: the best of 0.6 to 1.5 on the validation list."""

_REACH = int(4 * _SIGMA)
"""Pixels on each side of one that its gradient depends on."""

_ROUNDING = 1e-6
"""Of the largest value, per pixel: slopes that single precision cannot tell from those of a constant area."""


class OrientationMatcher(Matcher):
    """Doubled-angle orientation fields, correlated in the Fourier domain.

    An edge and its inverse have opposite gradients but the same doubled angle, so that contrast reversals do no harm.
    Gain and offset of the values change nothing.
    """

    margin = _REACH + 1

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return _orientations(sar), _orientations(optical)

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        return normalised_correlation(templates, searches)

    def score(self, height: Tensor) -> Tensor:
        return height.clamp(0, 1)


def _orientations(image: Tensor) -> Tensor:
    """Image [H, W] -> [2, H, W]: cosine and sine of twice the gradient's angle, weighted by the root of its length.

    They are means over 3 x 3 pixels, and 0 where the image is constant.
    """
    x = torch.arange(-_REACH, _REACH + 1, dtype=image.dtype, device=image.device)
    smooth = torch.exp(-(x**2) / (2 * _SIGMA**2))
    smooth /= smooth.sum()
    slope = x * smooth / (x**2 * smooth).sum()
    image = image - image.mean()  # what rounding makes of a constant grows with its value
    dx, dy = _separable(image, smooth, slope), _separable(image, slope, smooth)
    length = torch.hypot(dx, dy)
    is_flat = length <= _ROUNDING * image.abs().max()
    doubled = torch.stack((dx * dx - dy * dy, 2 * dx * dy)) / torch.where(is_flat, 1.0, length) ** 2
    weight = torch.where(is_flat, 0.0, length / length.mean()).sqrt()
    return F.avg_pool2d((doubled * weight)[None], 3, stride=1, padding=1)[0]


def _separable(image: Tensor, down: Tensor, right: Tensor) -> Tensor:
    padded = F.pad(image[None, None], (_REACH,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, down[None, None, :, None]), right[None, None, None, :])[0, 0]
