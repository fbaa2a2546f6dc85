"""The table of what can be taught: method -> its network, its lesson, and how long steps are."""

from typing import Any, Callable, NamedTuple, Optional

from torch import nn

from ....models import folded_unet
from ....models.translation import sardinet
from ....models.translation.bridge_view import BridgeView
from ....models.translation.cycle_gan import CycleGAN
from ....models.translation.pix2pix import Pix2Pix
from ....models.translation.sardinet import SARDINet
from ...inference.tiling import blended_tiles, exact_tiles
from ...training.schedules import Schedule, constant, level_then_linear, warm_cosine
from .bridge_view_lesson import BridgeViewLesson
from .cycle_gan_lesson import CycleGanLesson
from .pix2pix_lesson import Pix2PixLesson
from .sardinet_lesson import SardinetLesson
from .translation_lesson import TranslationLesson

_MOST_LEVELS = 8
"""Of the U-Net of pix2pix, for patches of 256 pixels."""


class Shapes(NamedTuple):
    """What a network is made for: SAR bands, optical bands, whether heights come with them, and the side of patches."""

    sar_bands: int
    bands: int
    with_heights: bool
    side: int


class Curriculum(NamedTuple):
    """How a method is taught.

    arguments: of the network's constructor, for `Shapes`. tiling: on the card, for the side of patches. rate, batch and
    schedule are those of the publications; clip_norm and average as `Plan` has them.
    """

    network: type[nn.Module]
    lesson: type[TranslationLesson]
    arguments: Callable[[Shapes], dict[str, Any]]
    tiling: Callable[[int], dict[str, int]]
    rate: float
    batch: int
    schedule: Schedule = constant
    clip_norm: float = float("inf")
    average: Optional[float] = None


def _sardinet(fusion: str) -> Curriculum:
    return Curriculum(
        SARDINet,
        SardinetLesson,
        lambda shapes: {"sar_bands": shapes.sar_bands, "bands": shapes.bands, "fusion": fusion},
        lambda side: exact_tiles(512, sardinet.REACH, sardinet.STRIDE),
        rate=1e-5,
        batch=24,
    )


def _levels(side: int) -> int:
    """Return how often a U-Net halves patches: until one pixel is left, or as long as the side is even."""
    levels = 0
    while levels < _MOST_LEVELS and side % 2 ** (levels + 1) == 0:
        levels += 1
    return levels


def _adversarial(shapes: Shapes) -> dict[str, Any]:
    return {"sar_bands": shapes.sar_bands, "bands": shapes.bands, "with_dem": shapes.with_heights}


def _blended(side: int) -> dict[str, int]:
    return blended_tiles(side, 4)


CURRICULA = {
    "bridgeview": Curriculum(
        BridgeView,
        BridgeViewLesson,
        lambda shapes: {"bands": shapes.bands, "with_dem": shapes.with_heights},
        lambda side: exact_tiles(1024, folded_unet.REACH, folded_unet.STRIDE),
        rate=1.5e-3,
        batch=12,
        schedule=warm_cosine,
        clip_norm=1.0,
        average=0.999,
    ),
    "sardinet": _sardinet("none"),
    "sardinet_late": _sardinet("late"),
    "sardinet_early": _sardinet("early"),
    "sardinet_intermediate": _sardinet("intermediate"),
    "pix2pix": Curriculum(
        Pix2Pix,
        Pix2PixLesson,
        lambda shapes: {**_adversarial(shapes), "levels": _levels(shapes.side)},
        _blended,
        rate=2e-4,
        batch=1,
        schedule=level_then_linear(),
    ),
    "cyclegan": Curriculum(
        CycleGAN,
        CycleGanLesson,
        _adversarial,
        _blended,
        rate=2e-4,
        batch=1,
        schedule=level_then_linear(),
    ),
}
"""By the identifiers of `contract.training_jobs.TRANSLATORS`."""
