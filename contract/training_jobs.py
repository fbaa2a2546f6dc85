"""The jobs that learn from aligned layers, and their choices: what commands call them → what they are in words."""

from dataclasses import dataclass
from typing import Optional, Protocol

from .errors import UserError
from .matching_jobs import SAR_UNITS
from .sources import RasterSource, check_polarisations, one_of

TRANSLATORS = {
    "bridgeview": "BridgeView, with heights where they are given",
    "sardinet": "SARDINet",
    "sardinet_late": "SARDINet-L, late fusion of heights",
    "sardinet_early": "SARDINet-E, early fusion of heights",
    "sardinet_intermediate": "SARDINet-I, intermediate fusion of heights",
    "pix2pix": "pix2pix, with heights where they are given",
    "cyclegan": "CycleGAN, with heights where they are given",
}
NEED_HEIGHTS = ("sardinet_late", "sardinet_early", "sardinet_intermediate")
WITHOUT_HEIGHTS = ("sardinet",)

USUAL_EPOCHS = 50
"""How often a training shows each patch where nobody says how often."""

PATCH_STEP, SMALLEST_PATCH, LARGEST_PATCH = 32, 64, 1024
"""Pixels; patches are multiples of the step, the stride of the networks."""


def check_patches(side: int, validation_share: float) -> None:
    """Raise `UserError` unless patches have a side that networks take, and a part of them is for validation."""
    if side % PATCH_STEP or not SMALLEST_PATCH <= side <= LARGEST_PATCH:
        raise UserError(
            f"The patch size must be a multiple of {PATCH_STEP} from {SMALLEST_PATCH} to {LARGEST_PATCH} pixels; "
            f"got {side}."
        )
    if not 0 < validation_share < 1:
        raise UserError("The share of validation lies between 0 and 1.")


class Training(Protocol):
    """What jobs have in common that teach a model: what becomes of it, and how long it learns in which steps."""

    name: str
    output: str
    checkpoint: str
    epochs: int
    minutes: float
    batch_size: int
    rate: float


def check_training(job: Training) -> None:
    """Raise `UserError` unless a job has an output, a name that lists can show, and a length and steps that can be."""
    if not job.output or not job.checkpoint:
        raise UserError("The model needs an output file.")
    if not job.name.strip() or not job.name.isprintable() or set(job.name) & set("<>"):
        raise UserError("The model needs a name: a line of plain text, without < and >.")
    if job.epochs < 1 or job.minutes < 0 or job.batch_size < 0 or not 0 <= job.rate < 1:
        raise UserError("A training has one epoch or more, a batch of one sample or more, and a rate below 1.")


@dataclass(frozen=True)
class AlignedLayers:
    """Layers of one place that lie on each other, and which patches of them are taken.

    `polarisations` are those of the bands of `sar`, in their order, "" where one is not known. `dem` holds heights in
    metres; `area` is a raster that is 1 where patches may lie. Patches have `patch` pixels of the SAR layer a side and
    begin every half side; at most the share `most_cloud` of their pixels is white. About `validation_share` of them, in
    blocks of their own that `seed` decides on, are for validation.
    """

    sar: RasterSource
    optical: RasterSource
    polarisations: tuple[str, ...] = ("",)
    sar_unit: str = "auto"
    dem: Optional[RasterSource] = None
    area: Optional[RasterSource] = None
    patch: int = 256
    most_cloud: float = 0.1
    validation_share: float = 0.2
    seed: int = 1

    def __post_init__(self):
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        check_polarisations(self.sar, self.polarisations)
        check_patches(self.patch, self.validation_share)
        if not 0 <= self.most_cloud <= 1:
            raise UserError("The share of clouds lies between 0 and 1.")


@dataclass(frozen=True)
class BuildPatchesJob:
    """Write the patches of aligned layers as a data set (module `engine/translation/build_patches`) into a folder,
    which appears when it is complete."""

    layers: AlignedLayers
    folder: str


@dataclass(frozen=True)
class TrainTranslatorJob:
    """Teach a translator what aligned layers show (module `engine/translation/train_translator`).

    `layers` are those of one place or of several, all with the same bands. `name` is what lists of models call it;
    `output` (.safetensors) and `report` (.html, empty when not wanted) are output paths. `checkpoint` is written on the
    way; where it exists the training goes on from it, and it is not needed when the model is there. It lasts as many
    `epochs`, each of which shows every training patch once, or about as many `minutes` where these are not 0. 0 as
    `batch_size` and `rate` leaves them to the method.
    """

    layers: tuple[AlignedLayers, ...]
    name: str
    output: str
    checkpoint: str
    method: str = "bridgeview"
    epochs: int = USUAL_EPOCHS
    minutes: float = 0.0
    batch_size: int = 0
    rate: float = 0.0
    seed: int = 1
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        one_of("method", self.method, TRANSLATORS)
        check_training(self)
        self._check_heights()
        for other in self.layers[1:]:
            _check_alike(self.layers[0], other)

    @property
    def called(self) -> str:
        """What the method is called, without what its words say of heights."""
        return TRANSLATORS[self.method].partition(",")[0]

    def _check_heights(self):
        dem = self.layers[0].dem
        if self.method in NEED_HEIGHTS and dem is None:
            raise UserError(
                f"{self.called} learns from heights: choose an elevation layer, or SARDINet, which does without."
            )
        if self.method in WITHOUT_HEIGHTS and dem is not None:
            raise UserError(
                f"{self.called} takes no heights, so that layer '{dem.name}' would not be used: leave it out, or choose"
                " a fusion of SARDINet, pix2pix or CycleGAN."
            )


def _check_alike(one: AlignedLayers, other: AlignedLayers) -> None:
    """Raise `UserError` where two places do not show the same bands."""
    both = [tuple(each or "not known" for each in place.polarisations) for place in (one, other)]
    if both[0] != both[1]:
        shown = " and those of ".join(
            f"layer '{place.sar.name}' are {', '.join(names)}" for place, names in zip((one, other), both)
        )
        raise UserError(f"The polarisations of {shown}: one model takes the same ones of all places.")
    if len(one.optical.bands) != len(other.optical.bands):
        raise UserError(
            f"Layers '{one.optical.name}' and '{other.optical.name}' are read with {len(one.optical.bands)} and "
            f"{len(other.optical.bands)} bands: one model gives the same ones of all places."
        )
    if (one.dem is None) != (other.dem is None):
        known, unknown = (one, other) if one.dem else (other, one)
        raise UserError(
            f"There are heights for layer '{known.sar.name}' and none for layer '{unknown.sar.name}': give an elevation"
            " layer for every place, or for none."
        )
