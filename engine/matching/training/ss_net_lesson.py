"""The lesson of SSNet, as published: reconstruction of all patches, contrast of labelled ones, a critic of all codes.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.2 and §4.5; what differs from it is called "our choice" here.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ....models.matching.losses import contrastive_loss
from ....models.matching.ss_net import Critic, Decoder, Encoder, SSNet, descriptors, prior
from ...training.lesson import Part, Plan
from ...training.only_judging import only_judging
from ...training.schedules import one_cycle
from ..pixel_matcher import scale_sar
from .labelled_patches import LabelledPatches
from .matching_lesson import NETWORK, MatchingLesson
from .ss_net_samples import SsNetPatches, SsNetSampler, varied

BATCH, RATE = 32, 5e-4
EPOCHS = 100

CRITIC_STEPS = 5
"""Steps of the critic to one of the autoencoders."""

_LOWEST_RATE = 5e-5
_CLIP = 0.1
_MARGIN = 1.0
"""Of squared distances of codes, 0 to 4; the paper does not tell its own (our choice: a cosine of one half)."""


class SsNetBatch(NamedTuple):
    """Patches of a step: `CRITIC_STEPS` batches of any places in one, and those that the autoencoders learn from."""

    judged: SsNetPatches
    learnt: SsNetPatches


class SsNetLesson(MatchingLesson):
    """An untrained SSNet, its decoders and its critic, on a sampler's patches.

    Batches of labelled and unlabelled patches take turns where there are both. Autoencoders: Adam (0.9, 0.99) with
    weight decay 1e-4, at a rate that the plan moves; critic: SGD at 4e-3 with momentum 0.9 and weight decay 3e-4,
    weights clipped to ±0.1 after each of its five steps. Losses have equal weights; each is a mean, the reconstruction
    loss over pixels (our choice, where the paper has sums). Scored by the contrastive loss of validation patches.
    value_range: (low, high), what SAR values are scaled by.
    """

    def __init__(
        self,
        sampler: SsNetSampler,
        value_range: tuple[float, float],
        validation: Sequence[LabelledPatches] = (),
        rate: float = RATE,
    ) -> None:
        self._value_range = value_range
        super().__init__(sampler, [self._scaled(SsNetPatches(*batch)) for batch in validation])
        self._match, self._critic = SSNet(), Critic()
        self._decoders = {"sar": Decoder(), "optical": Decoder()}
        self.networks = {NETWORK: self._match, "critic": self._critic}
        self.networks |= {f"decoder.{name}": decoder for name, decoder in self._decoders.items()}
        learning = chain(self._match.parameters(), *(decoder.parameters() for decoder in self._decoders.values()))
        self.optimisers = (
            torch.optim.Adam(learning, lr=rate, betas=(0.9, 0.99), weight_decay=1e-4),
            torch.optim.SGD(self._critic.parameters(), lr=4e-3, momentum=0.9, weight_decay=3e-4),
        )

    def draw(self, step: int, count: int, generator: Generator) -> SsNetBatch:
        judged = self._sampler.any(CRITIC_STEPS * count, generator)
        learnt = self._sampler.unlabelled(count, generator) if step % 2 else None
        if learnt is None:
            learnt = SsNetPatches(*self._sampler.draw(count, generator))
        return SsNetBatch(*(varied(self._scaled(patches), generator) for patches in (judged, learnt)))

    def losses(self, batch: SsNetBatch) -> Iterator[Part]:
        """Yield the parts of the critic, then that of the autoencoders."""
        of_autoencoders, of_critic = self.optimisers
        for sar, optical in zip(batch.judged.sar.chunk(CRITIC_STEPS), batch.judged.optical.chunk(CRITIC_STEPS)):
            with torch.no_grad(), self.precision():
                codes = self._match.sar(sar).float(), self._match.optical(optical).float()
            judged = sum(self._critic(each).mean() for each in codes)
            loss = judged - 2 * self._critic(prior(codes[0])).mean()
            yield Part(of_critic, loss, {"critic": loss}, is_scheduled=False)
            with torch.no_grad():
                for weight in self._critic.parameters():
                    weight.clamp_(-_CLIP, _CLIP)
        loss, figures = self._autoencoders(batch.learnt)
        yield Part(of_autoencoders, loss, figures)

    def loss(self, batch: SsNetPatches) -> Tensor:
        with self.precision():
            codes = self._match.sar(batch.sar), self._match.optical(batch.optical)
        return contrastive_loss(descriptors(codes[0]), descriptors(codes[1]), batch.matches, _MARGIN)

    def _autoencoders(self, patches: SsNetPatches) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of encoders and decoders (equations 5 and 8), and what it is made of."""
        sar, of_sar = self._through(self._match.sar, self._decoders["sar"], patches.sar)
        optical, of_optical = self._through(self._match.optical, self._decoders["optical"], patches.optical)
        with only_judging(self._critic):
            fooled = self._critic(sar).mean() + self._critic(optical).mean()
        figures = {"reconstruction": of_sar + of_optical, "prior": -fooled}
        if patches.matches is not None:
            figures["match"] = contrastive_loss(descriptors(sar), descriptors(optical), patches.matches, _MARGIN)
        return sum(figures.values()), figures

    def _through(self, encoder: Encoder, decoder: Decoder, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Return the codes of patches, and how badly these are reconstructed."""
        with self.precision():
            codes = encoder(patches)
            again = decoder(codes)
        return codes.float(), F.mse_loss(again.float(), encoder.standardised(patches))

    def _scaled(self, patches: SsNetPatches) -> SsNetPatches:
        return patches._replace(sar=scale_sar(patches.sar, self._value_range))


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the published plan for so many samples of the autoencoders: one cycle of rates, 5e-5 to 5e-4 and back."""
    return Plan(samples // batch, batch, seed, one_cycle(_LOWEST_RATE / RATE), checkpoint_every=100, report_every=25)
