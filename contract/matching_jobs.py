"""The job of matching, and its choices: what commands and models call them → what they are called in words."""

import math
from dataclasses import dataclass
from typing import Optional

from .errors import UserError
from .sources import RasterSource, check_extent, one_of

SAR_UNITS = {
    "auto": "automatic, told by the values",
    "complex": "complex values",
    "power": "linear power",
    "amplitude": "amplitude",
    "db": "decibels",
    "display": "8-bit picture, stretched for display",
}
METHODS = {
    "bridgematch": "BridgeMatch, the plugin's own network",
    "corrasl": "CorrASL, the network of Hughes 2020",
    "psiam": "PSiam, the pseudo-siamese network of Hughes 2018",
    "deepmatch": "DeepMatch, after Merkle 2017",
    "ssnet": "SSNet, the semi-supervised network of Hughes 2019",
    "orientation": "orientations of gradients",
    "ncc": "normalised cross-correlation",
    "mi": "mutual information",
}
"""By the names of the table in `engine/matching/methods.py`."""
LEARNED_METHODS = {
    "bridgematch": "BridgeMatch",
    "corrasl": "CorrASL",
    "psiam": "PSiam",
    "deepmatch": "DeepMatch",
    "ssnet": "SSNet",
}
"""Methods that need a model file → the network that it must hold, by the name on its card."""
CANDIDATES = {
    "goodness_min": "where both images promise a match",
    "goodness_max": "where one of the images promises a match",
    "grid": "on a regular grid",
    "corners": "at corners in the optical image",
}
CANDIDATES_BY_GOODNESS = ("goodness_min", "goodness_max")
"""Candidates that the goodness networks of a model file choose."""
GOODNESS_NETWORKS = "goodness.sar", "goodness.optical"
"""What cards call these."""
LARGEST_SHIFT = 4096
"""Working pixels by which images may be off at most."""
OUTLIER_TESTS = {"none": "no test", "shift": "one shift", "affine": "one affine transform"}


@dataclass(frozen=True)
class MatchTiePointsJob:
    """Find tie points between a SAR and an optical raster (module `engine/matching/match_tie_points`).

    `extent` is (xmin, ymin, xmax, ymax) in `extent_crs` (WKT), or empty for the whole overlap. `max_shift` and
    `spacing` are in working pixels, `pixel_size` in metres (0: the coarser of the two images). Thresholds below 0 mean:
    the operating point on the model's card; that of the ORN is not used where the model predicts errors
    (`largest_sigma`, in working pixels). `visibility` is a joint map (`JointVisibilityJob`): only places that
    it calls jointly visible are matched. `area` is a raster: what it does not call 1 is no candidate.
    `gcp_points` and `report` are output paths, empty when not wanted. `batch_size` 0 leaves the choice to the engine.
    `refuse_chance`: a run whose points agree no better than by chance is refused, instead of a warning.
    """

    sar: RasterSource
    optical: RasterSource
    model: str = ""
    method: str = "bridgematch"
    sar_unit: str = "auto"
    extent: tuple[float, ...] = ()
    extent_crs: str = ""
    pixel_size: float = 0.0
    max_shift: int = 128
    candidates: str = "grid"
    spacing: int = 64
    orn_threshold: float = -1.0
    goodness_threshold: float = -1.0
    largest_sigma: float = -1.0
    outlier_test: str = "affine"
    keep_rejected: bool = False
    gcp_points: str = ""
    report: str = ""
    visibility: Optional[RasterSource] = None
    area: Optional[RasterSource] = None
    device: str = "auto"
    batch_size: int = 0
    refuse_chance: bool = False

    def __post_init__(self):
        one_of("method", self.method, METHODS)
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        one_of("candidates", self.candidates, CANDIDATES)
        one_of("transform of the outlier test", self.outlier_test, OUTLIER_TESTS)
        if not 4 <= self.max_shift <= LARGEST_SHIFT:
            raise UserError(
                f"The largest shift must lie between 4 and {LARGEST_SHIFT} working pixels, got {self.max_shift}."
            )
        if not 8 <= self.spacing <= 1024:
            raise UserError(f"The spacing of the points must lie between 8 and 1024 pixels, got {self.spacing}.")
        if self.pixel_size < 0 or not math.isfinite(self.pixel_size):
            raise UserError(f"The pixel size must be positive (or 0 for automatic), got {self.pixel_size}.")
        check_extent(self.extent)
        if self.method in LEARNED_METHODS and not self.model:
            others = " or ".join(words for name, words in METHODS.items() if name not in LEARNED_METHODS)
            raise UserError(
                f"The method {METHODS[self.method]} needs a model that holds it: give a model file, as Train matcher "
                f"writes it, or choose the method {others}."
            )
