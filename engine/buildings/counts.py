"""How often a claim and the truth agree, and the ratios that follow: of pixels and of buildings alike."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

import numpy as np


class Counts(NamedTuple):
    """Outcomes, of pixels or of buildings; those of several images add up (`pooled`).

    Every ratio is 0..1, and None where it has no meaning: precision where nothing is claimed, recall where nothing is
    true, all but accuracy where both are empty. Of buildings nothing is a true negative, and accuracy says nothing.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int = 0

    @property
    def precision(self) -> Optional[float]:
        """Share of what is claimed that is true."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Optional[float]:
        """Share of what is true that is claimed."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> Optional[float]:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    @property
    def iou(self) -> Optional[float]:
        """Intersection over union (Jaccard 1901)."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives + self.false_negatives)

    @property
    def accuracy(self) -> Optional[float]:
        """Share of all that is claimed rightly."""
        return _ratio(self.true_positives + self.true_negatives, sum(self))


def pixel_counts(predicted: np.ndarray, reference: np.ndarray, known: Optional[np.ndarray] = None) -> Counts:
    """Return the `Counts` of two masks, bool arrays of one shape; `known` (bool): pixels that count, all without."""
    known = np.True_ if known is None else known
    return Counts(
        *(
            int(np.count_nonzero(each & known))
            for each in (
                predicted & reference,
                predicted & ~reference,
                ~predicted & reference,
                ~(predicted | reference),
            )
        )
    )


def pooled(counts: Iterable[Counts]) -> Counts:
    """Return the `Counts` of all images, tiles or windows together."""
    return Counts(*(sum(each) for each in zip(Counts(0, 0, 0, 0), *counts)))


def iou_interval(
    counts: Sequence[Counts], confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> Optional[tuple[float, float]]:
    """Return (low, high) between which the pooled IoU of `counts`, one each of independent tiles, lies.

    It is the percentile interval of the bootstrap (Efron 1979): tiles are drawn with replacement, as many as there are,
    and pooled, `draws` times. None where no tile has a building in the claim or the truth.
    """
    tiles = np.array([each for each in counts if each.iou is not None], float).reshape(-1, 4)
    if not len(tiles):
        return None
    generator = np.random.default_rng(seed)
    sums = generator.multinomial(len(tiles), np.full(len(tiles), 1 / len(tiles)), draws) @ tiles
    low, high = np.quantile(sums[:, 0] / sums[:, :3].sum(1), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _ratio(part: int, whole: int) -> Optional[float]:
    return part / whole if whole else None
