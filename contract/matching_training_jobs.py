"""The job that teaches a matcher, and its choices: what commands call them → what they are in words."""

from dataclasses import dataclass
from pathlib import Path

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

CORNERS, GENERATED = "corners", "generated"
NEGATIVES = {
    CORNERS: "a corner of the larger SAR patch around the place, as published with the matching of Hughes 2020",
    "random": "patches of other places, at random",
    "nearest": "the patches of other places that correlate best with the right ones",
    "hard": "patches of other places, kept while the network in training takes them for matches",
    GENERATED: "patches that a VAE-GAN makes of the right ones, and random ones",
}
"""Which SAR patches PSiam learns to tell from the right ones."""
CHOOSES_NEGATIVES = "psiam"
"""The method that they can be chosen for."""

_NO_SINGLE_PATCHES = {
    "psiam": "learns from right and wrong patches in turn",
    "deepmatch": "tells patches by how they differ from others",
}
"""Methods that cannot learn from one patch a step, and why."""

LEARNS_WITHOUT_LABELS = "ssnet"
"""The method that learns from places, too, of which it is not told which patches correspond."""


@dataclass(frozen=True)
class TrainMatcherJob:
    """Teach a matcher what aligned layers show (module `engine/matching/train_matcher`).

    `layers` are those of one place or of several, without heights, and of one unit; patches show one band of the SAR
    layers at a time. Whether layers lie on each other is measured first by the matcher that ships: where they do not,
    `realign` has each patch moved by what it finds, and leaves out patches of which it is not sure. `start` is a model
    file whose weights are learnt from, empty for none. `negatives` are those of PSiam; of "generated" ones, a VAE-GAN
    is taught first, with a checkpoint of its own (`vae_gan_checkpoint`). `labelled` is the share, up to 1, of the
    training ground of which SSNet is told which patches correspond. The rest is as for `TrainTranslatorJob`.
    """

    layers: tuple[AlignedLayers, ...]
    name: str
    output: str
    checkpoint: str
    method: str = "bridgematch"
    start: str = ""
    realign: bool = False
    negatives: str = CORNERS
    labelled: float = 1.0
    epochs: int = USUAL_EPOCHS
    minutes: float = 0.0
    batch_size: int = 0
    rate: float = 0.0
    seed: int = 1
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        one_of("method", self.method, MATCHERS)
        one_of("negatives", self.negatives, NEGATIVES)
        check_training(self)
        for layers in self.layers:
            if layers.patch != MATCHER_PATCH:
                raise UserError(f"Matchers learn from patches of {MATCHER_PATCH} pixels; got {layers.patch}.")
        if not 0 < self.labelled <= 1:
            raise UserError(f"The share of labelled patches is more than 0 and at most 1; got {self.labelled:g}.")
        if self.labelled < 1 and self.method != LEARNS_WITHOUT_LABELS:
            raise UserError(
                f"Only {_called(LEARNS_WITHOUT_LABELS)} learns from patches without labels, and {self.called} needs all"
                f" of them: choose {_called(LEARNS_WITHOUT_LABELS)}, or label 100 % of the patches."
            )
        if self.batch_size == 1 and self.method in _NO_SINGLE_PATCHES:
            raise UserError(f"{self.called} {_NO_SINGLE_PATCHES[self.method]}: choose a batch size of 2 or more.")
        if self.negatives != CORNERS and self.method != CHOOSES_NEGATIVES:
            raise UserError(
                f"Negatives '{self.negatives}' are for {_called(CHOOSES_NEGATIVES)} only, and {self.called} learns in "
                f"its own way: choose {_called(CHOOSES_NEGATIVES)}, or leave the negatives at '{CORNERS}'."
            )

    @property
    def labelled_percent(self) -> str:
        """The share of labelled patches in words."""
        return f"{100 * self.labelled:g} %"

    @property
    def called(self) -> str:
        """What the method is called, without what its words say besides."""
        return _called(self.method)

    @property
    def vae_gan_checkpoint(self) -> str:
        """What the VAE-GAN of generated negatives keeps, beside the checkpoint of the matcher."""
        path = Path(self.checkpoint)
        return str(path.with_name(f"{path.stem}.vae_gan{path.suffix}"))


def _called(method: str) -> str:
    return MATCHERS[method].partition(",")[0]
