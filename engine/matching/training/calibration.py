"""Make the ORN's probability mean what it says: the share of matches that are right to a pixel."""

import numpy as np
import torch
from torch.nn import functional as F

from ....models.matching.orn import OutlierReductionNet

RIGHT = 1.0
"""Error in pixels up to which a match counts as right."""


def calibrate(orn: OutlierReductionNet, logit: np.ndarray, error: np.ndarray) -> None:
    """Scale and shift the logits of an ORN, in place, to those that say best which matches are right.

    logit, error: what it says of windows that it was not trained on, and how far their matches are off, float64 [N]
    each. Two numbers are fitted by maximum likelihood (J. Platt, "Probabilistic Outputs for Support Vector Machines",
    in Advances in Large Margin Classifiers, 1999), so that no match passes another. Trained on as many good matches as
    bad ones, and on clear ones, an ORN is all too sure of either.
    """
    scale, shift = _fitted(torch.from_numpy(logit), torch.from_numpy(error <= RIGHT).double())
    last = [layer for layer in orn.head if isinstance(layer, torch.nn.Conv2d)][-1]
    with torch.no_grad():
        last.weight.mul_(scale)
        last.bias.mul_(scale).add_(shift)


def _fitted(logit: torch.Tensor, is_right: torch.Tensor) -> tuple[float, float]:
    spread = logit.std()
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = F.binary_cross_entropy_with_logits(line[0] * logit / spread + line[1], is_right)
        value.backward()
        return value

    optimiser.step(loss)
    scale, shift = line.detach()
    return float(scale / spread), float(shift)
