"""What the tables of `merlin_seg.py` have in their rows: the network, how many labels, the weight of despeckling."""

from collections.abc import Sequence
from functools import partial
from typing import Callable, NamedTuple, Optional

from torch import nn

from ..engine.despeckling.training.merlin_seg_lesson import (
    NETWORK,
    IntensityLesson,
    LabelledParts,
    MerlinSegLesson,
    Sampler,
    SegmentingLesson,
)
from ..models.buildings.deeplab_v3 import DeepLabV3
from ..models.despeckling.merlin_seg import IntensitySegmenter, MerlinSeg, segmenting_unet
from ..models.despeckling.speckle_unet import OWN_WIDTH

LEVELS = 5
LABELS = (100, 20, 5, 1)
"""Percent of the patches that are labelled."""

WEIGHT = 0.5
"""Of despeckling, as published."""

Made = Callable[[Optional[SegmentingLesson], Sampler, Sequence[LabelledParts], float], SegmentingLesson]
"""(the lesson before, samples, validation patches, negatives for each positive) -> a lesson."""


class Row(NamedTuple):
    """How a network learns. labelled: percent of the patches. sees_all: those without labels, too. after: the row whose
    network it begins with. passes: times over the patches that it sees, instead of the budget's steps. labelled_crops:
    as of `Crops`."""

    lesson: Made
    labelled: int
    sees_all: bool
    seeds: tuple[int, ...] = (1,)
    after: Optional[str] = None
    passes: Optional[int] = None
    labelled_crops: float = 0.0


def _merlin_seg(before, sampler, validation, negatives, weight=WEIGHT, join="mean") -> SegmentingLesson:
    return MerlinSegLesson(MerlinSeg(LEVELS, OWN_WIDTH, join), sampler, validation, negatives, weight)


def _head_alone(before, sampler, validation, negatives) -> SegmentingLesson:
    """The sequential variant of table 5: what despeckles is frozen, and the head learns from labels."""
    network = before.networks[NETWORK]
    network.unet.requires_grad_(False)
    return MerlinSegLesson(network.train(), sampler, validation, negatives, 0.0)


def _baseline(before, sampler, validation, negatives, network: Callable[[], nn.Module]) -> SegmentingLesson:
    return IntensityLesson(IntensitySegmenter(network()), sampler, validation, negatives)


def with_few(name: str, percent: int) -> str:
    """Return what a row is called in which so many percent of the patches are labelled."""
    return f"{name}, {percent} %"


_SEEDS = 1, 2, 3
DEEPLAB = "DeepLabV3-50"
FEW = {
    "U-Net": Row(partial(_baseline, network=partial(segmenting_unet, LEVELS, OWN_WIDTH)), 100, False, _SEEDS),
    "MERLIN-Seg": Row(_merlin_seg, 100, True, _SEEDS),
}
"""The rows of Table 1 that have all shares of labels."""

_DEEPLAB = Row(partial(_baseline, network=partial(DeepLabV3, 50)), 100, False)

JOINED = {
    f"{called}, λ = 0, 100 %": Row(partial(_merlin_seg, weight=0.0, join=join), 100, False)
    for join, called in (("one_part", "one part"), ("concatenated", "concatenated"), ("mean", "mean"))
}
DESPECKLING = {
    f"λ = {weight:g}, 1 %": Row(partial(_merlin_seg, weight=weight), 1, weight > 0)
    for weight in (0, 0.1, 0.2, 0.7, 0.9)
}
OFTEN = "half of the crops labelled, 1 %"
PASSES = 100
"""Times over its patches that each network was taught, as published: with few labels the baselines had few steps."""

AS_PUBLISHED = with_few("U-Net", 1) + f", {PASSES} passes"
_DESPECKLED, SEQUENTIAL = "despeckled alone", "sequential, 1 %"

ROWS = {
    **{with_few(name, percent): FEW[name]._replace(labelled=percent) for percent in (1, 100, 5, 20) for name in FEW},
    AS_PUBLISHED: FEW["U-Net"]._replace(labelled=1, passes=PASSES),
    **DESPECKLING,
    OFTEN: FEW["MERLIN-Seg"]._replace(labelled=1, labelled_crops=0.5),
    **{with_few(DEEPLAB, percent): _DEEPLAB._replace(labelled=percent) for percent in (1, 100)},
    **JOINED,
    _DESPECKLED: Row(partial(_merlin_seg, weight=1.0), 1, True),
    SEQUENTIAL: Row(_head_alone, 1, False, after=_DESPECKLED),
}
