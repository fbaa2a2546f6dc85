"""The lesson of what predicts how far off a match is, on the matches of a trained matcher, and its calibration."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ....contract.tie_points import WITHIN_SIGMA
from ....models.matching.match_error_net import MatchErrorNet
from ...reporting import Reporter
from ...training.lesson import Lesson, Part, Plan
from ...training.loop import train
from ...training.schedules import cosine

_SMALLEST_ERROR = 0.02
"""Pixels: no truth is known any better."""

_BATCH, _STEPS = 64, 1500


class ErrorSample(NamedTuple):
    """Heat [N, 1, 33, 33] around peaks, and how far off these are, pixels [N]."""

    heat: Tensor
    error: Tensor


class MatchErrorLesson(Lesson):
    """A `MatchErrorNet` learns two quantiles of the errors of matches at once: heat [N, 33, 33], error [N] in pixels.

    The pinball loss of quantiles (R. Koenker and G. Bassett, "Regression Quantiles", Econometrica 46, 1978), on
    logarithms: there wild errors weigh no more than others.
    """

    def __init__(self, heat: Tensor, error: Tensor) -> None:
        network = MatchErrorNet()
        self.networks = {"match_error": network}
        self.optimisers = (torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4),)
        self._heat, self._error = heat, error

    def draw(self, step: int, count: int, generator: torch.Generator) -> ErrorSample:
        index = torch.randint(len(self._heat), (count,), generator=generator)
        heat = self._heat[index].float()[:, None]
        for dim in (2, 3):
            flipped = torch.rand((count, 1, 1, 1), generator=generator) < 0.5
            heat = torch.where(flipped, heat.flip(dim), heat)
        return ErrorSample(heat, self._error[index].float())

    def losses(self, batch: ErrorSample) -> Iterator[Part]:
        log_error = batch.error.clamp_min(_SMALLEST_ERROR).log()
        log_sigma = self.networks["match_error"].log_sigma(batch.heat)
        loss = quantile_loss(log_error, log_sigma)
        yield Part(self.optimisers[0], loss, {"loss": loss})


def quantile_loss(log_error: Tensor, log_sigma: Tensor) -> Tensor:
    """Return the mean pinball loss of predicted sigmas against errors, both [N] and logarithms, over `WITHIN_SIGMA`."""
    parts = []
    for multiple, share in WITHIN_SIGMA.items():
        above = log_error - log_sigma - math.log(multiple)
        parts.append(torch.maximum(share * above, (share - 1) * above).mean())
    return sum(parts)


def train_match_error(
    heat: Tensor, error: Tensor, checkpoint: Path, device: torch.device, reporter: Reporter, seed: int = 6
) -> MatchErrorNet:
    """Return a `MatchErrorNet` taught on matches: heat [N, 33, 33] around their peaks, their errors [N] in pixels."""
    torch.manual_seed(seed)  # random weights
    plan = Plan(_STEPS, _BATCH, seed, cosine(warm_up=100), clip_norm=5.0)
    return train(MatchErrorLesson(heat, error), plan, checkpoint, device, reporter).networks["match_error"]


def calibrate_errors(network: MatchErrorNet, sigma: np.ndarray, error: np.ndarray) -> None:
    """Scale and shift the logarithms of a network's sigmas, in place, to those that fit errors best.

    sigma, error: what it says of matches that it was not trained on, and how far they are off, [N] in pixels. Two
    numbers are fitted to the loss of the lesson.
    """
    log_sigma = torch.from_numpy(np.log(sigma))
    log_error = torch.from_numpy(np.log(np.maximum(error, _SMALLEST_ERROR)))
    line = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([line], lr=0.01)
    for _ in range(1000):
        optimiser.zero_grad()
        quantile_loss(log_error, line[0] * log_sigma + line[1]).backward()
        optimiser.step()
    scale, shift = line.detach()
    last = network.head[-1]
    with torch.no_grad():
        last.weight.mul_(scale)
        last.bias.mul_(scale).add_(shift)


def shares_within(sigma: np.ndarray, error: np.ndarray) -> dict[float, float]:
    """Return {multiple of sigma: percent of the errors below it}; 39 and 86 where sigmas are right."""
    return {multiple: 100 * float((error <= multiple * sigma).mean()) for multiple in WITHIN_SIGMA}
