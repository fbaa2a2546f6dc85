"""The job that teaches a matcher, and its choices: what commands call them → what they are in words."""

from dataclasses import dataclass

from .errors import UserError
from .matching_jobs import LEARNED_METHODS, METHODS
from .sources import one_of
from .training_jobs import USUAL_EPOCHS, AlignedLayers, check_training

MATCHERS = {name: METHODS[name] for name in LEARNED_METHODS}
"""What can be taught."""

MATCHER_PATCH = 256
"""Pixels a side of the patches: the SAR search window of Hughes 2020, §4.6."""

LARGEST_REALIGNMENT = 16
"""Pixels by which patches are moved at most, where they are re-aligned."""


@dataclass(frozen=True)
class TrainMatcherJob:
    """Teach a matcher what aligned layers show (module `engine/matching/train_matcher`).

    `layers` are those of one place or of several, without heights, and of one unit; patches show one band of the SAR
    layers at a time. Whether layers lie on each other is measured first by the matcher that ships: where they do not,
    `realign` has each patch moved by what it finds, and leaves out patches of which it is not sure. `start` is a model
    file whose weights are learnt from, empty for none. The rest is as for `TrainTranslatorJob`.
    """

    layers: tuple[AlignedLayers, ...]
    name: str
    output: str
    checkpoint: str
    method: str = "bridgematch"
    start: str = ""
    realign: bool = False
    epochs: int = USUAL_EPOCHS
    minutes: float = 0.0
    batch_size: int = 0
    rate: float = 0.0
    seed: int = 1
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        one_of("method", self.method, MATCHERS)
        check_training(self)
        for layers in self.layers:
            if layers.patch != MATCHER_PATCH:
                raise UserError(f"Matchers learn from patches of {MATCHER_PATCH} pixels; got {layers.patch}.")

    @property
    def called(self) -> str:
        """What the method is called, without what its words say besides."""
        return MATCHERS[self.method].partition(",")[0]
