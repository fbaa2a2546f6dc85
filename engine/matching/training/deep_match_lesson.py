"""The lesson of DeepMatch: which of 441 offsets is the template's?

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §5.1.4. How N. Merkle et al. taught it is not told there. Our choice: Adam, and patches
wider than one template, from which many templates are cut, each with a search window of its own. Their codes are
there anyway, and a step learns more of them than of one.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ....models.matching.deep_match import MAX_SHIFT, SEARCH, DeepMatch, offset_heat, offset_loss
from ...training.lesson import Part, Plan
from ...training.pair import Pair, Sets
from ..pixel_matcher import scale_sar
from .matching_lesson import NETWORK, MatchingLesson, within_one
from .published_samples import PublishedSample, PublishedSampler

BATCH, RATE = 8, 3e-4

_APART = 4
"""Pixels between the templates of a patch: 6 x 6 of them."""


def deep_match_sampler(sets: Sets[Pair]) -> PublishedSampler:
    """Return what draws SAR patches of 241 pixels and optical ones of 221, up to 10 pixels off their middle."""
    return PublishedSampler(sets, SEARCH + 2 * MAX_SHIFT, SEARCH, MAX_SHIFT)


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
        return offset_loss(*self._heat(batch))

    def losses(self, batch: PublishedSample) -> Iterator[Part]:
        heat, shift = self._heat(batch)
        loss = offset_loss(heat, shift)
        yield Part(self.optimisers[0], loss, {"loss": loss, "within 1 px": within_one(heat, shift)})

    def _heat(self, batch: PublishedSample) -> tuple[Tensor, Tensor]:
        """Return the heat maps [36 N, 21, 21] of all templates and their true offsets [36 N, 2]."""
        network, offsets = self.networks[NETWORK], 2 * MAX_SHIFT + 1
        with self.precision():
            sar = network.codes(scale_sar(batch.sar, self._value_range), "sar")
            optical = network.codes(batch.optical, "optical")
        templates = optical[:, :, ::_APART, ::_APART].permute(0, 2, 3, 1)
        windows = sar.unfold(2, offsets, _APART).unfold(3, offsets, _APART).permute(0, 2, 3, 1, 4, 5)
        heat = offset_heat(templates.flatten(0, 2), windows.flatten(0, 2))
        return heat, batch.shift.repeat_interleave(len(heat) // len(batch.shift), 0)


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return a plan for so many samples: nothing is clipped, the rate is constant."""
    return Plan(samples // batch, batch, seed, checkpoint_every=100, report_every=25)
