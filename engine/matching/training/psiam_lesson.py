"""The lesson of PSiam, as published.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.2 (sections II-B, II-C and IV-A of the paper there); what differs from it is called
"our choice" here.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ....models.matching.psiam import PSiam, log_odds
from ...training.lesson import Part, Plan
from ..pixel_matcher import scale_sar
from .labelled_patches import LabelledPatches
from .matching_lesson import NETWORK, MatchingLesson, Sampler

BATCH, RATE = 64, 9e-4

L2 = 0.001
"""Weight of the sum of squares of the streams' convolution kernels in the loss."""


class PSiamLesson(MatchingLesson):
    """PSiam, untrained or from an earlier training, on `LabelledPatches` of its own side, wherever they come from.

    Adam at a constant rate. value_range: (low, high), what SAR values are scaled by. The published rate is for networks
    that begin at random weights; hard negatives follow at 5e-5, or 8e-6 where they refine (Hughes 2020, §4.4, sections
    3.3 and 3.4 of the paper there).
    """

    def __init__(
        self,
        sampler: Sampler,
        network: PSiam,
        value_range: tuple[float, float],
        validation: Sequence[LabelledPatches] = (),
        rate: float = RATE,
    ):
        super().__init__(sampler, validation)
        self.networks = {NETWORK: network.requires_grad_(True)}  # what a training gave has no gradients
        kernels = [
            layer.weight
            for stream in (network.sar, network.optical)
            for layer in stream
            if isinstance(layer, nn.Conv2d)
        ]
        chosen = set(map(id, kernels))
        others = [parameter for parameter in network.parameters() if id(parameter) not in chosen]
        # Adam adds decay x weight to the gradient: that of the penalty is twice its weight. So figures are without it.
        groups = [{"params": kernels, "weight_decay": 2 * L2}, {"params": others}]
        self.optimisers = (torch.optim.Adam(groups, lr=rate, betas=(0.9, 0.999)),)
        self._value_range = value_range

    def loss(self, batch: LabelledPatches) -> Tensor:
        """Return the cross-entropy of a batch (§4.2, equation 1, with the sign it lacks)."""
        return F.cross_entropy(self.logits(batch), batch.matches.long())

    def losses(self, batch: LabelledPatches) -> Iterator[Part]:
        yield self.part(self.logits(batch), batch.matches)

    def logits(self, batch: LabelledPatches) -> Tensor:
        """Return what the network says of a batch, [N, 2]."""
        with self.precision():
            return self.networks[NETWORK](scale_sar(batch.sar, self._value_range), batch.optical).float()

    def part(self, logits: Tensor, matches: Tensor) -> Part:
        """Return the part of a step that `logits` make, with the share of the batch that is called right."""
        loss = F.cross_entropy(logits, matches.long())
        right = (log_odds(logits.detach()) > 0).eq(matches).float().mean()
        return Part(self.optimisers[0], loss, {"loss": loss, "right": right})


def plan_of(samples: int, seed: int = 1, batch: int = BATCH) -> Plan:
    """Return the published plan for so many samples, positive and negative: the rate is constant."""
    return Plan(samples // batch, batch, seed, checkpoint_every=100, report_every=25)
