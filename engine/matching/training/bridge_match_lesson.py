"""The lesson of BridgeMatch: cross-entropy over offsets at planted, sub-pixel truths."""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Callable, Optional

import torch
from torch.nn import functional as F

from ....models.matching.bridge_match import BridgeMatch
from ....models.matching.correlation import normalised_correlation
from ...reporting import Reporter
from ...training.lesson import Part, Plan
from ...training.loop import train
from ...training.pair import Pair, Sets
from ...training.schedules import cosine
from ..matcher import TEMPLATE
from ..windows import middle
from .augmentation import MatchSample, MatchSampler
from .matching_lesson import NETWORK, MatchingLesson, within_one

SAR_SIDE, OPTICAL_SIDE = 208, 144
"""Pixels a side of the patches: search window and template, each with a rim of its features' context."""

MAX_SHIFT = 32


class BridgeMatchLesson(MatchingLesson):
    """BridgeMatch, from random weights or from those of an earlier round, on patches that a sampler draws.

    AdamW, learning rate `rate`.
    """

    def __init__(
        self,
        sampler: MatchSampler,
        start_from: Optional[BridgeMatch],
        rate: float,
        validation: Sequence[MatchSample] = (),
    ):
        super().__init__(sampler, validation)
        if start_from is None:
            network = BridgeMatch()
            torch.nn.init.constant_(network.log_temperature, math.log(0.5))
        else:
            network = deepcopy(start_from).requires_grad_(True)  # what a training gave has no gradients
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4),)

    def loss(self, batch: MatchSample) -> torch.Tensor:
        return sample_loss(self.networks[NETWORK], batch, self.precision)[0]

    def losses(self, batch: MatchSample) -> Iterator[Part]:
        loss, right = sample_loss(self.networks[NETWORK], batch, self.precision)
        yield Part(self.optimisers[0], loss, {"loss": loss, "within 1 px": right})


def train_bridge_match(
    sets: Sets[Pair],
    plan: Plan,
    checkpoint: Path,
    device: torch.device,
    reporter: Reporter,
    start_from: Optional[BridgeMatch] = None,
    rate: float = 2e-3,
) -> BridgeMatch:
    """Return a BridgeMatch trained on `sets` at a learning `rate`, from nothing or from an earlier round's network."""
    torch.manual_seed(plan.seed)  # random weights
    sampler = MatchSampler(sets, SAR_SIDE, OPTICAL_SIDE, MAX_SHIFT)
    return train(BridgeMatchLesson(sampler, start_from, rate), plan, checkpoint, device, reporter).networks[NETWORK]


def plan_of(samples: int, seed: int = 1, batch: int = 16) -> Plan:
    """Return the plan of the shipped models' rounds: warm-up, then cosine to zero; an average over the last steps."""
    return Plan(samples // batch, batch, seed, cosine(warm_up=100), clip_norm=1.0, average=0.998)


def sample_loss(
    network: BridgeMatch, sample: MatchSample, precision: Callable[[], AbstractContextManager] = nullcontext
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of a batch and the share of its 128 px templates matched within one pixel.

    Besides the whole template, its four quarters are matched: that asks for features that tell places apart on less
    ground. `precision` is the context in which features are computed.
    """
    with precision():
        sar, optical = network.sar(sample.sar), network.optical(sample.optical)
    template = middle(optical, TEMPLATE).float()
    search = middle(sar, TEMPLATE + 2 * MAX_SHIFT).float()
    heat = normalised_correlation(template, search)
    losses = [gaussian_offset_loss(heat, sample.shift, network, TEMPLATE)]

    half = TEMPLATE // 2
    quarters = template.unfold(2, half, half).unfold(3, half, half)
    windows = search.unfold(2, half + 2 * MAX_SHIFT, half).unfold(3, half + 2 * MAX_SHIFT, half)
    quarter_heat = normalised_correlation(_as_batch(quarters), _as_batch(windows))
    centres = [(x, y) for y in (-half / 2, half / 2) for x in (-half / 2, half / 2)]
    centres = torch.tensor(centres, device=heat.device)
    truths = torch.einsum("nij,kj->nki", sample.linear, centres) + sample.shift[:, None] - centres
    losses.append(gaussian_offset_loss(quarter_heat, truths.flatten(0, 1), network, half))

    return sum(losses) / 2, within_one(heat, sample.shift)


def gaussian_offset_loss(
    heat: torch.Tensor, true_offset: torch.Tensor, network: BridgeMatch, template_side: int
) -> torch.Tensor:
    """Cross-entropy of heat maps [N, 2m+1, 2m+1] against the true offsets [N, 2] (x, y); those beyond it are ignored.

    The label is a Gaussian of 0.7 px around the sub-pixel truth: the training tiles are aligned to about half a pixel.
    """
    side = heat.shape[-1]
    reach = (side - 1) // 2
    inside = (true_offset.abs() <= reach).all(1)
    steps = torch.arange(side, dtype=torch.float32, device=heat.device) - reach
    x = torch.exp(-(((steps - true_offset[inside, :1]) / 0.7) ** 2) / 2)
    y = torch.exp(-(((steps - true_offset[inside, 1:]) / 0.7) ** 2) / 2)
    label = (y[:, :, None] * x[:, None, :]).flatten(1)
    label = label / label.sum(1, keepdim=True)
    logits = network.logits(heat[inside], template_side).flatten(1)
    return F.cross_entropy(logits, label, reduction="sum") / inside.sum().clamp_min(1)


def _as_batch(patches):
    """[N, C, rows, cols, h, w] -> [N * rows * cols, C, h, w]."""
    return patches.permute(0, 2, 3, 1, 4, 5).flatten(0, 2)
