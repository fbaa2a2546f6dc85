"""PSiam with traditional hard negative mining: what the network took for matches is shown again.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.4, section 3.5 of the paper there, after K. K. Sung and T. Poggio, 1998.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from ....models.matching.psiam import PSiam, log_odds
from ...compute.device import on_device
from ...training.epochs import shown
from ...training.lesson import Part
from .labelled_patches import LabelledPatches
from .negatives import orientations, paired, random_partners
from .patch_cells import PatchPool
from .psiam_lesson import BATCH, RATE, PSiamLesson

MINED = "mined"
"""What it calls, among its networks, what it keeps beside PSiam."""


class MinedBatch(NamedTuple):
    """Numbers of patches of the pool [N], and how they are turned [N]: their negatives are not known yet."""

    numbers: Tensor
    turns: Tensor


class HardMiningLesson(PSiamLesson):
    """PSiam on all patches of a pool, each once an epoch with its own SAR patch and once with one of another place.

    Those are random in the first epoch. After each, the pairs that the network called matches in its course (log-odds
    above 0: our choice, where the paper says "with a high probability") stay; the others get new random ones. Batches
    are drawn before it is known which, so that only numbers are drawn; partners and scores are buffers among the
    networks, so that a training that was cut off goes on with them. batch: that of the plan; seed: of the order and of
    random partners.
    """

    def __init__(
        self,
        pool: PatchPool,
        network: PSiam,
        value_range: tuple[float, float],
        validation: Sequence[LabelledPatches] = (),
        rate: float = RATE,
        batch: int = BATCH,
        seed: int = 1,
    ) -> None:
        super().__init__(pool, network, value_range, validation, rate)
        self._pool, self._places, self._seed = pool, batch // 2, seed
        self._mined = _Mined(len(pool))
        self.networks[MINED] = self._mined

    def begin(self, step: int) -> None:
        """Have the negatives ready of the epoch that a step is in, where it is the first in it."""
        epoch, before = (max(0, at) * self._places // len(self._pool) for at in (step, step - 1))
        if step == 0 or epoch > before:
            self._mined.renew(random_partners(len(self._pool), self._seed, epoch), keep=step > 0)

    def draw(self, step: int, count: int, generator: Generator) -> MinedBatch:
        first = step * self._places
        numbers = [shown(number, len(self._pool), self._seed) for number in range(first, first + self._places)]
        return MinedBatch(torch.tensor(numbers), orientations(self._places, generator))

    def losses(self, batch: MinedBatch) -> Iterator[Part]:
        device, places = batch.numbers.device, len(batch.numbers)
        numbers, partners = batch.numbers.cpu(), self._mined.partners[batch.numbers].cpu()
        patches = paired(self._pool, numbers, self._pool.sar(partners), batch.turns.cpu())
        patches = on_device(patches, device)
        logits = self.logits(patches)
        self._mined.scores[batch.numbers] = log_odds(logits.detach())[places:]
        yield self.part(logits, patches.matches)


class _Mined(nn.Module):
    """For each patch the number of the SAR patch that is its negative, and what the network last said of both."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("partners", torch.zeros(count, dtype=torch.long))
        self.register_buffer("scores", torch.zeros(count))

    def renew(self, partners: Tensor, keep: bool) -> None:
        """Take new partners, but keep those that were called matches."""
        partners = partners.to(self.partners.device)
        self.partners.copy_(torch.where(self.scores > 0, self.partners, partners) if keep else partners)
        self.scores.zero_()
