"""The lesson of DeepMatch: which of 441 offsets is the template's?

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §5.1.4. How N. Merkle et al. taught it is not told there: Adam with the rate and the
batches that are published for CorrASL, on whose data it was trained there, is our choice.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ....models.matching.deep_match import MAX_SHIFT, SEARCH, TEMPLATE, DeepMatch, offset_heat, offset_loss
from ...training.lesson import Part, Plan
from ...training.pair import Pair, Sets
from ..pixel_matcher import scale_sar
from .matching_lesson import NETWORK, MatchingLesson, within_one
from .published_samples import PublishedSample, PublishedSampler

BATCH, RATE = 16, 1e-4


def deep_match_sampler(sets: Sets[Pair]) -> PublishedSampler:
    """Return what draws SAR windows of 221 pixels and optical templates of 201, up to 10 pixels off their middle."""
    return PublishedSampler(sets, SEARCH, TEMPLATE, MAX_SHIFT)


class DeepMatchLesson(MatchingLesson):
    """An untrained network on the samples of a `deep_match_sampler`.

    value_range: (low, high), what SAR values are scaled by.
    """

    def __init__(
        self,
        sampler: PublishedSampler,
        value_range: tuple[float, float],
        validation: Sequence[PublishedSample] = (),
        rate: float = RATE,
    ):
        super().__init__(sampler, validation)
        network = DeepMatch()
        self.networks = {NETWORK: network}
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=rate),)
        self._value_range = value_range

    def loss(self, batch: PublishedSample) -> Tensor:
        return offset_loss(self._heat(batch), batch.shift)

    def losses(self, batch: PublishedSample) -> Iterator[Part]:
        heat = self._heat(batch)
        loss = offset_loss(heat, batch.shift)
        yield Part(self.optimisers[0], loss, {"loss": loss, "within 1 px": within_one(heat, batch.shift)})

    def _heat(self, batch: PublishedSample) -> Tensor:
        network = self.networks[NETWORK]
        with self.precision():
            search = network.codes(scale_sar(batch.sar, self._value_range))
            template = network.codes(batch.optical)
        return offset_heat(template[:, :, 0, 0], search)


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return a plan for so many samples: nothing is clipped, the rate is constant."""
    return Plan(samples // batch, batch, seed, checkpoint_every=100, report_every=25)
