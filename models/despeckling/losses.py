"""Losses of despeckling: how likely a measurement is, given the reflectivity that a network gives."""

from torch import Tensor

from .levels import NEPERS


def merlin_loss(reflectivity: Tensor, unseen: Tensor) -> Tensor:
    """Return ½ log R + b² / R of each pixel: minus the log-likelihood of the part that the network did not see.

    E. Dalsasso, C. Rambour, N. Trouvé and N. Thome, "MERLIN-Seg: self-supervised despeckling for label-efficient
    semantic segmentation", CVIU 2024, section 3.1, equation 2, for a part b ~ N(0, R / 2). reflectivity: R in dB, any
    shape; unseen: b², linear, of the same shape. Its expectation is least where R is twice the mean of b². Where that
    mean itself is known, as of simulated scenes, it may take the place of b²: the loss then is its own expectation.
    """
    nepers = NEPERS * reflectivity
    return 0.5 * nepers + unseen * (-nepers).exp()
