"""What translators are trained with, beside the mean absolute and squared error."""

from torch import Tensor
from torch.nn import functional as F

_OF_MEANS, _OF_DEVIATIONS = 0.01**2, 0.03**2


def block_dissimilarity(image: Tensor, other: Tensor, side: int = 8) -> Tensor:
    """Return one minus the structural similarity of two images [N, C, H, W] in 0..1, the mean over blocks; scalar.

    As `ssim.ssim_map`, with even blocks of `side` pixels that overlap by half instead of a Gaussian window at every
    pixel: a tenth of the time. Our choice.
    """
    mean, of_other = _blocks(image, side), _blocks(other, side)
    variances = _blocks(image.square(), side) - mean.square() + _blocks(other.square(), side) - of_other.square()
    covariance = _blocks(image * other, side) - mean * of_other
    brightness = (2 * mean * of_other + _OF_MEANS) / (mean.square() + of_other.square() + _OF_MEANS)
    structure = (2 * covariance + _OF_DEVIATIONS) / (variances + _OF_DEVIATIONS)
    return 1 - (brightness * structure).mean()


def laplace_loss(error: Tensor, scale: Tensor) -> Tensor:
    """Return the negative log-likelihood of absolute errors [N, C, H, W] under Laplace `scale` [N, 1, H, W]; scalar.

    A. Kendall and Y. Gal, "What Uncertainties Do We Need in Bayesian Deep Learning for Computer Vision?", NeurIPS 2017,
    section 2.2, with one scale for all bands of a pixel. Errors in 0..1, scales above 0.
    """
    return (error.mean(1, keepdim=True) / scale + scale.log()).mean()


def _blocks(image: Tensor, side: int) -> Tensor:
    return F.avg_pool2d(image, side, side // 2)
