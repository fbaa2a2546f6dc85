"""Losses and label rules of the published networks: CorrASL, goodness, ORN, SSNet and the VAE-GAN.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6 (equations 3 to 6 and sections 3.2 and 3.3 of the paper there), §4.5 and §4.4.
Goodness networks and ORN are trained with binary cross-entropy, which torch has.
"""

from typing import Callable, Optional

import torch
from torch import Tensor

GOOD, BAD, UNUSED = 1, 0, -1
"""Labels of a sample."""


def kronecker_delta(cells: Tensor, shape: tuple[int, int]) -> Tensor:
    """Truth of a heat map: cells [N, 2] (row, column; integers) and its shape (h, w) -> [N, 1, h, w], 1 there, else 0.

    The cell of a template whose upper left corner lies at pixel p of the search window is p / 2. Raises IndexError
    for cells outside the map.
    """
    rows, cols = cells.unbind(1)
    if (cells < 0).any():
        raise IndexError("A true cell lies outside the heat map.")
    delta = torch.zeros(len(cells), 1, *shape, device=cells.device)
    delta[torch.arange(len(cells), device=cells.device), 0, rows, cols] = 1
    return delta


def weighted_mse(activated: Tensor, delta: Tensor) -> Tensor:
    """Matching loss of each sample (Hughes 2020, §4.6, equations 3 and 4): [N, 1, h, w] twice -> [N].

    The one cell that is 1 weighs as much as all the others together.
    """
    ones = delta.sum((1, 2, 3), keepdim=True)
    zeros = delta[0].numel() - ones
    weights = torch.where(delta > 0, zeros / ones, 1.0)
    return (weights * (delta - activated).square()).mean((1, 2, 3))


def corr_asl_loss(activated: Tensor, heat: Tensor, delta: Tensor, l1_weight: float = 1e-7) -> Tensor:
    """Loss of a batch: mean matching loss of activated heat maps, plus L1 of the raw ones.

    Hughes 2020, §4.6, equation 5. activated (`CorrASL.activate`), heat (raw), delta: [N, 1, h, w]. The L1 norm is the
    sum over the batch, as in the authors' code, where the weight 1e-7 goes with batches of 16; 0 switches it off.
    """
    return weighted_mse(activated, delta).mean() + l1_weight * heat.abs().sum()


def contrastive_loss(codes: Tensor, others: Tensor, matches: Tensor, margin: float) -> Tensor:
    """Loss of pairs of codes [N, C] of length 1 (Hughes 2020, §4.5, equation 4), the mean; a scalar.

    matches [N]: 1 where a pair corresponds, else 0. Those that do shall be near each other, the others a squared
    distance of at least `margin` apart; squared distances reach from 0 to 4.
    """
    squared = (codes - others).square().sum(1)
    return torch.where(matches > 0, squared, (margin - squared).clamp_min(0)).mean()


def gradient_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, shares: Tensor) -> Tensor:
    """Mean of (|gradient of the critic| - 1)² between real and made images [N, C, H, W]; a scalar.

    Hughes 2020, §4.4, equation 6, after I. Gulrajani et al., "Improved Training of Wasserstein GANs", NIPS 2017.
    shares [N], in 0..1: where the critic is looked at, 0 at the made image, 1 at the real one.
    """
    between = torch.lerp(made.detach(), real, shares[:, None, None, None]).requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()


def divergence_from_unit_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of normal distributions [N, C] from N(0, 1), the mean over N; a scalar."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean()


def goodness_labels(matching_loss: Tensor, error: Tensor) -> Tensor:
    """Label patch pairs for the goodness networks (Hughes 2020, §4.6, equation 6).

    matching_loss: `weighted_mse` [N] of the trained matcher; error: distance of its matches from the truth, pixels [N].
    Returns `GOOD`, `BAD` or `UNUSED` for each [N]. The logarithm is the natural one (authors' code).
    """
    clarity = -matching_loss.log()
    return _labels(good=(clarity >= 1.2) & (error <= 1), bad=(clarity <= 1) | (error >= 2.5))


def orn_labels(error: Tensor) -> Tensor:
    """Label heat maps for the ORN: distance of the match from the truth in pixels [N] -> label [N].

    Hughes 2020, §4.6, section 3.3.
    """
    return _labels(good=error <= 1, bad=error >= 2.5)


def balanced(labels: Tensor, generator: Optional[torch.Generator] = None) -> Tensor:
    """Return the indices of all good samples and of at most as many bad ones, drawn at random; sorted.

    Hughes 2020, §4.6, section 3.2.
    """
    good = (labels == GOOD).nonzero()[:, 0]
    bad = (labels == BAD).nonzero()[:, 0]
    drawn = bad[torch.randperm(len(bad), generator=generator)[: len(good)]]
    return torch.cat([good, drawn]).sort().values


def _labels(good: Tensor, bad: Tensor) -> Tensor:
    labels = torch.full(good.shape, UNUSED, device=good.device)
    labels[bad] = BAD
    labels[good] = GOOD
    return labels
