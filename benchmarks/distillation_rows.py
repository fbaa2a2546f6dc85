"""What the tables of `building_distillation.py` have in their rows and columns: how students learn, and which networks.

The rows are those of R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge
distillation as pretext task for semantic segmentation", CVPRW 2024, Table 2, and a few beside them.
"""

from collections.abc import Iterator
from functools import partial
from typing import Callable, NamedTuple, Optional

from ..contract.building_training_jobs import LAYERS
from ..engine.buildings.training.hfd_lesson import HfdLesson
from ..engine.buildings.training.optimisers import own
from ..engine.buildings.training.reconstruction_lesson import CHOICES, ReconstructionLesson
from ..engine.buildings.training.samples import Samples
from ..engine.buildings.training.segmentation_lesson import SegmentationLesson
from ..engine.training.lesson import Lesson
from ..models.buildings.segmenter import Segmenter

OPTIMISER = own(1e-3)
"""Of all networks and lessons, so that these are compared and not optimisers. SGD as published is meant for hundreds of
epochs, from weights that know ImageNet."""

Taught = Callable[[Segmenter, Optional[Segmenter], Samples, int], Lesson]
"""(a network that knows nothing, what learnt before, samples, steps) -> a lesson."""


def _footprints(new: Segmenter, before: Optional[Segmenter], samples: Samples, steps: int, **options: str) -> Lesson:
    return SegmentationLesson(before or new, samples, [], OPTIMISER, **options)


def _reconstruction(new: Segmenter, teacher: Segmenter, samples: Samples, steps: int, layers: str) -> Lesson:
    return ReconstructionLesson(new, teacher, samples, [], OPTIMISER, steps, layers)


def _heterogeneous(new: Segmenter, teacher: Segmenter, samples: Samples, steps: int) -> Lesson:
    return HfdLesson(new, teacher, samples, [], OPTIMISER)


class Row(NamedTuple):
    """How a network learns, and from what.

    after: the row whose network it begins with, or has for a teacher. labelled: percent of the scenes that are learnt
    from. share: of the steps of a network that learns alone.
    """

    taught: Taught
    after: Optional[str] = None
    labelled: int = 100
    share: float = 0.5


_CALLED = {layers: words.partition(":")[0] for layers, words in LAYERS.items()}
OPTICAL, SAR, INT, HFD = "Optical", "SAR", _CALLED["int"], "HFD"
FINE_TUNED = f"{INT}+Ft-A"


def _table_2() -> Iterator[tuple[str, Row]]:
    yield OPTICAL, Row(_footprints, share=1.0)
    yield SAR, Row(_footprints, share=1.0)
    for layers in CHOICES:
        name = _CALLED[layers]
        yield name, Row(partial(_reconstruction, layers=layers), after=OPTICAL)
        for part, learns in (("Ft-D", "decoder"), ("Ft-A", "all")):
            yield f"{name}+{part}", Row(partial(_footprints, learns=learns), after=name)


TABLE_2 = dict(_table_2())
"""In its order. Half of the steps are reconstruction, as published; fine-tuned for the other half, a student has seen
as many radar images as the network that learnt from them alone."""

FEW = (20, 5, 1)
"""Percent of the radar images of which footprints are known in the rows of `FEW_LABELS`."""


def with_few(name: str, percent: int) -> str:
    """Return what a row is called in which so many percent of the radar images are labelled."""
    return name if percent == 100 else f"{name} {percent} %"


FEW_LABELS = {
    with_few(name, percent): TABLE_2[name]._replace(labelled=percent) for name in (SAR, FINE_TUNED) for percent in FEW
}
ROWS = {**TABLE_2, HFD: Row(_heterogeneous, after=OPTICAL, share=1.0), **FEW_LABELS}
"""HFD: from footprints and the teacher at once, as HFD-Net learns."""

BEGUN_WITH = {row.after for row in ROWS.values()}


class Contestant(NamedTuple):
    """A column: the rows that a network learns, and with which seeds."""

    rows: tuple[str, ...] = (OPTICAL, SAR, INT, FINE_TUNED)
    seeds: tuple[int, ...] = (1,)


_IN_FULL = Contestant((*TABLE_2, *FEW_LABELS), (1, 2))
CONTESTANTS = {
    "unet_mobilenet_v2": _IN_FULL,
    "bridgebuild": _IN_FULL,
    "hfd_net": Contestant((OPTICAL, SAR, INT, FINE_TUNED, HFD)),
    "pspnet": Contestant(),
    "deeplab_resnet50": Contestant(),
    "deeplab_xception": Contestant(),
    "unet_efficientnet_b4": Contestant(),
    "unet_vgg19": Contestant(),
    "unet_xception": Contestant(),
    "segnet_vgg16": Contestant(),
    "segnet_vgg19": Contestant(),
}
"""By the identifiers of `CURRICULA`; light ones first. BridgeBuild sees the four bands where users' images give it one
band, the angle and the look."""
