"""The lesson of CorrASL and its ablations, as published.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6; what differs from it is called "our choice" here.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from ....models.matching.corr_asl import ABLATIONS, CorrASL
from ....models.matching.losses import corr_asl_loss, kronecker_delta
from ...training.lesson import Part, Plan
from ...training.schedules import warm_cosine
from ..matcher import TEMPLATE
from ..pixel_matcher import scale_sar
from ..windows import middle
from .matching_lesson import NETWORK, MatchingLesson
from .published_samples import PublishedSample, PublishedSampler, true_cells

BATCH, RATE, CLIMB = 8, 1e-3, 0.8
"""Samples a step, learning rate, and the share of the steps that `climb`: our choices, for trainings of hours.

Published are 16 samples, a rate of 1e-4 all along, and 50 epochs."""

_TEMPERATURE = 20.0
"""What heat maps are divided by in the climb: the standard deviation of those of an untrained network, sums of
thousands of cosines whose softmax is nothing but some few cells."""


class CorrAslLesson(MatchingLesson):
    """An untrained network as the row `ablation` of table 5 (a key of `ABLATIONS`) has it, on published samples.

    Adam with weight decay 1e-6. value_range: (low, high), what SAR values are scaled by. climb: steps at the beginning
    in which a softmax is taught by cross-entropy at a temperature (our choice), none as published: the gradient of the
    published loss is as small as the probability of the true cell, a few ten-thousandths at first, so that it takes
    epochs to leave that plateau.
    """

    def __init__(
        self,
        sampler: PublishedSampler,
        ablation: str,
        value_range: tuple[float, float],
        validation: Sequence[PublishedSample] = (),
        rate: float = RATE,
        climb: int = 0,
    ):
        super().__init__(sampler, validation)
        choices = ABLATIONS[ablation]
        network = CorrASL(choices.attention, choices.softmax)
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=rate, betas=(0.9, 0.999), weight_decay=1e-6),)
        self._l1_weight, self._value_range = choices.l1_weight, value_range
        self._climb, self._step = climb if choices.softmax else 0, 0

    def begin(self, step: int) -> None:
        self._step = step

    def losses(self, batch: PublishedSample) -> Iterator[Part]:
        heat, delta = self._heat(batch)
        if self._step < self._climb:
            loss = F.cross_entropy(heat.flatten(1) / _TEMPERATURE, delta.flatten(1).argmax(1))
            yield Part(self.optimisers[0], loss, {"cross-entropy": loss})
        else:
            loss = self._published(heat, delta)
            yield Part(self.optimisers[0], loss, {"loss": loss})

    def loss(self, batch: PublishedSample) -> Tensor:
        return self._published(*self._heat(batch))

    def _published(self, heat: Tensor, delta: Tensor) -> Tensor:
        return corr_asl_loss(self.networks[NETWORK].activate(heat), heat, delta, self._l1_weight)

    def _heat(self, batch: PublishedSample) -> tuple[Tensor, Tensor]:
        """Return raw heat maps and their truth, [N, 1, 65, 65] each."""
        with self.precision():
            heat = self.networks[NETWORK](scale_sar(batch.sar, self._value_range), middle(batch.optical, TEMPLATE))
        return heat, kronecker_delta(true_cells(batch.shift), heat.shape[-2:])


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the plan for so many samples: the rate rises over a tenth of them, then falls to nothing (our choice)."""
    return Plan(samples // batch, batch, seed, warm_cosine, clip_norm=1.0, checkpoint_every=50, report_every=25)
