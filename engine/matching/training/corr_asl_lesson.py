"""The lesson of CorrASL and its ablations, as published.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6; what differs from it is called "our choice" here.
"""

from collections.abc import Iterator
from pathlib import Path

import torch

from ....models.matching.corr_asl import ABLATIONS, CorrASL
from ....models.matching.losses import corr_asl_loss, kronecker_delta
from ...reporting import Reporter
from ...training.lesson import Lesson, Part, Plan
from ...training.loop import train
from ...training.pair import Pair, Sets
from ..corr_asl_matcher import scale_sar
from ..matcher import TEMPLATE
from ..windows import middle
from .published_samples import PublishedSample, PublishedSampler, true_cells

BATCH = 16


class CorrAslLesson(Lesson):
    """An untrained network as the row `ablation` of table 5 (a key of `ABLATIONS`) has it, on published samples.

    Adam 1e-4 with weight decay 1e-6, at a constant rate. value_range: (low, high), what SAR values are scaled by.
    """

    def __init__(self, sampler: PublishedSampler, ablation: str, value_range: tuple[float, float]):
        choices = ABLATIONS[ablation]
        network = CorrASL(choices.attention, choices.softmax)
        self.networks = {"match": network}
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.999), weight_decay=1e-6),)
        self._sampler, self._l1_weight, self._value_range = sampler, choices.l1_weight, value_range

    def draw(self, step: int, count: int, generator: torch.Generator) -> PublishedSample:
        return self._sampler.draw(count, generator)

    def losses(self, batch: PublishedSample) -> Iterator[Part]:
        network = self.networks["match"]
        with self.precision():
            heat = network(scale_sar(batch.sar, self._value_range), middle(batch.optical, TEMPLATE))
        delta = kronecker_delta(true_cells(batch.shift), heat.shape[-2:])
        loss = corr_asl_loss(network.activate(heat), heat, delta, self._l1_weight)
        yield Part(self.optimisers[0], loss, {"loss": loss})


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
    return train(lesson, plan, checkpoint, device, reporter).networks["match"]


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the published plan for so many samples: nothing is clipped, the rate is constant."""
    return Plan(samples // batch, batch, seed, checkpoint_every=100, report_every=25)
