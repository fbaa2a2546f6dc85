"""The jobs of despeckling, and their choices: what commands call them → what they are in words."""

from dataclasses import dataclass

from .errors import UserError
from .matching_jobs import SAR_UNITS
from .sources import RasterSource, check_extent, check_tiles, one_of
from .training_jobs import USUAL_EPOCHS, check_patches, check_training

COMPLEX_UNITS = {**SAR_UNITS, "parts": "real and imaginary part in two bands"}
"""What the numbers in a SAR layer may be."""

DESPECKLERS = {
    "model": "a trained model, MERLIN or BridgeClear",
    "refined_lee": "refined Lee filter",
    "lee_sigma": "improved Lee sigma filter",
    "boxcar": "mean of 7 × 7 pixels",
}
"""By the names of the table in `engine/despeckling/classical.py`, but for the first."""

OUTPUT_UNITS = {"db": "decibels", "power": "linear power (intensity)", "amplitude": "amplitude"}


@dataclass(frozen=True)
class DespeckleJob:
    """Take the speckle out of a SAR raster (module `engine/despeckling/despeckle`).

    Each band of `sar` is an image by itself, of one polarisation or date; with the unit "parts" two bands are one
    image. It may lie in radar geometry: the result has its pixels and whatever it says of its place. `model` is a file,
    for the method "model" and else empty. `output_unit` is that of the result, but of a rendering, which stays one.
    `extent` is (xmin, ymin, xmax, ymax) in the CRS of `sar`, or empty for all of it. `output` and `ratio` (.tif) and
    `report` (.html) are output paths, all but the first empty when not wanted. `tile` is the side of the tiles in
    pixels, 0 for that on the model's card.
    """

    sar: RasterSource
    output: str
    method: str = "model"
    model: str = ""
    sar_unit: str = "auto"
    output_unit: str = "db"
    extent: tuple[float, ...] = ()
    ratio: str = ""
    report: str = ""
    tile: int = 0
    batch_size: int = 0
    device: str = "auto"

    def __post_init__(self):
        one_of("method", self.method, DESPECKLERS)
        one_of("SAR unit", self.sar_unit, COMPLEX_UNITS)
        one_of("output unit", self.output_unit, OUTPUT_UNITS)
        check_extent(self.extent)
        check_tiles(self.tile, self.batch_size)
        if self.method == "model" and not self.model:
            raise UserError("Despeckling by a model needs one: choose one of the list, or a model file.")
        if not self.output:
            raise UserError("The despeckled image needs an output file.")
        if self.sar_unit == "parts" and len(self.sar.bands) != 2:
            raise UserError(
                f"Real and imaginary part are two bands, and {len(self.sar.bands)} of layer '{self.sar.name}' are "
                "chosen: choose the two, first the real one."
            )


@dataclass(frozen=True)
class TrainDespecklerJob:
    """Teach MERLIN what complex layers show (module `engine/despeckling/train_despeckler`); there are no labels.

    Each band of `layers` is an image by itself. Patches have `patch` pixels a side and begin every half side; about
    `validation_share` of them, in blocks of their own that `seed` decides on, are for validation. `start` is a model
    file whose weights are learnt from, empty for none. The rest is as for `TrainTranslatorJob`.
    """

    layers: tuple[RasterSource, ...]
    name: str
    output: str
    checkpoint: str
    start: str = ""
    patch: int = 256
    validation_share: float = 0.2
    epochs: int = USUAL_EPOCHS
    minutes: float = 0.0
    batch_size: int = 0
    rate: float = 0.0
    seed: int = 1
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        check_training(self)
        check_patches(self.patch, self.validation_share)
        if not self.layers:
            raise UserError("A despeckler learns from complex layers: choose one or more.")
