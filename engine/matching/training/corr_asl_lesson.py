"""The lesson of CorrASL and its ablations, as published.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6; what differs from it is called "our choice" here.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ....models.matching.corr_asl import ABLATIONS, CorrASL
from ....models.matching.losses import corr_asl_loss, kronecker_delta
from ...reporting import Reporter
from ...training.lesson import Plan
from ...training.loop import train
from ...training.pair import Pair, Sets
from ..corr_asl_matcher import scale_sar
from ..matcher import TEMPLATE
from ..windows import middle
from .matching_lesson import NETWORK, MatchingLesson
from .published_samples import PublishedSample, PublishedSampler, true_cells

BATCH, RATE = 16, 1e-4


class CorrAslLesson(MatchingLesson):
    """An untrained network as the row `ablation` of table 5 (a key of `ABLATIONS`) has it, on published samples.

    Adam 1e-4 with weight decay 1e-6, at a constant rate. value_range: (low, high), what SAR values are scaled by.
    """

    def __init__(
        self,
        sampler: PublishedSampler,
        ablation: str,
        value_range: tuple[float, float],
        validation: Sequence[PublishedSample] = (),
        rate: float = RATE,
    ):
        super().__init__(sampler, validation)
        choices = ABLATIONS[ablation]
        network = CorrASL(choices.attention, choices.softmax)
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=rate, betas=(0.9, 0.999), weight_decay=1e-6),)
        self._l1_weight, self._value_range = choices.l1_weight, value_range

    def loss(self, batch: PublishedSample) -> Tensor:
        network = self.networks[NETWORK]
        with self.precision():
            heat = network(scale_sar(batch.sar, self._value_range), middle(batch.optical, TEMPLATE))
        delta = kronecker_delta(true_cells(batch.shift), heat.shape[-2:])
        return corr_asl_loss(network.activate(heat), heat, delta, self._l1_weight)


def train_corr_asl(
    sets: Sets[Pair],
    plan: Plan,
    checkpoint: Path,
    device: torch.device,
    reporter: Reporter,
    ablation: str,
    value_range: tuple[float, float],
) -> CorrASL:
    """Return an ablation trained on `sets`."""
    torch.manual_seed(plan.seed)  # random weights
    lesson = CorrAslLesson(PublishedSampler(sets), ablation, value_range)
    return train(lesson, plan, checkpoint, device, reporter).networks[NETWORK]


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the published plan for so many samples: nothing is clipped, the rate is constant."""
    return Plan(samples // batch, batch, seed, checkpoint_every=100, report_every=25)
