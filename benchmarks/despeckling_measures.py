"""What was taken off despeckled images, and how smooth they are, beside the images before."""

from collections.abc import Callable
from typing import NamedTuple, Optional

import numpy as np

from ..engine.despeckling.homogeneous_blocks import equivalent_looks, homogeneous_blocks
from ..engine.despeckling.looks import estimate_speckle
from ..engine.despeckling.ratio import RatioStatistics


class Smoothness(NamedTuple):
    """What was taken off images: mean, variance and structure of the ratio as in `engine.despeckling.ratio.Ratio`.

    looks: equivalent number on the median of the most homogeneous blocks; None where none is homogeneous.
    """

    looks: Optional[float]
    mean: float
    variance: float
    structure: float


def smoothness_of(before: np.ndarray, looks: float, blocks: int) -> Callable[[np.ndarray], Smoothness]:
    """Return what measures the `Smoothness` of despeckled power [n, h, w] beside power `before` of so many `looks`.

    blocks: how many of the most homogeneous ones of all images, which are chosen `before` and once for all.
    """
    speckle = estimate_speckle(before)
    chosen = homogeneous_blocks(before, speckle, blocks) if speckle else ()

    def measure(power: np.ndarray) -> Smoothness:
        statistics = RatioStatistics(looks)
        with np.errstate(divide="ignore", invalid="ignore"):  # what is 0 has no ratio
            ratios = before / power
        for ratio in ratios:
            statistics.add(ratio)
        found = statistics.result()
        median = float(np.median(equivalent_looks(power, chosen))) if len(chosen) else None
        return Smoothness(median, found.mean, found.variance, found.structure)

    return measure
