"""PSiam on the patches of a pool, by what its positives are paired with: one home for trainings that differ in it.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.1 (table 3.1) and §4.4.
"""

from collections.abc import Sequence
from typing import Optional

from ....models.matching.psiam import PSiam
from .hard_mining_lesson import HardMiningLesson
from .labelled_patches import LabelledPatches
from .negatives import INCLUSIONS, Negatives, PoolSampler, nearest_negatives, random_negatives
from .patch_cells import PatchPool
from .psiam_lesson import PSiamLesson

STRATEGIES = {
    "random": ("random",),
    "nearest": ("nearest",),
    "hard": ("hard",),
    "generated": INCLUSIONS["from_scratch_concatenated"].negatives,
}
"""The four of table 3.1, and what positives are paired with in each, as often as there are names; generated negatives
are included as proposed."""


class PooledPSiam:
    """Lessons of PSiam on a pool, the same samples in each; kinds of negatives are made when they are first asked for.

    value_range: (low, high), what SAR values are scaled by. batch, seed: those of the plans. generated: negatives that
    a taught VAE-GAN made, where they are asked for.
    """

    def __init__(
        self,
        pool: PatchPool,
        value_range: tuple[float, float],
        batch: int,
        seed: int,
        generated: Optional[Negatives] = None,
    ) -> None:
        self._pool, self._value_range, self._batch, self._seed = pool, value_range, batch, seed
        self._made = {} if generated is None else {"generated": generated}

    def lesson(
        self, kinds: Sequence[str], network: PSiam, validation: Sequence[LabelledPatches], rate: float
    ) -> PSiamLesson:
        """Return the lesson of a network with `kinds` of negatives, one of `STRATEGIES` or of `INCLUSIONS`."""
        given = network, self._value_range, validation, rate
        if "hard" in kinds:
            return HardMiningLesson(self._pool, *given, self._batch, self._seed)
        return PSiamLesson(PoolSampler(self._pool, [self._negatives(kind) for kind in kinds]), *given)

    def _negatives(self, kind):
        if kind not in self._made:
            random = kind == "random"
            self._made[kind] = random_negatives(self._pool, self._seed) if random else nearest_negatives(self._pool)
        return self._made[kind]
