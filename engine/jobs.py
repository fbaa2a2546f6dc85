"""Jobs: what crosses the pipe from QGIS to the engine. Standard library only, both sides import it."""

import math
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Optional, get_args, get_type_hints

from .errors import UserError
from .geometry.jobs import JointVisibilityJob, SarDistortionsJob
from .simulation.jobs import SimulateSceneJob
from .sources import RasterSource, check_extent, one_of

SAR_UNITS = ("auto", "complex", "power", "amplitude", "db", "display")
LEARNED_METHODS = ("bridgematch", "corrasl")
"""Methods that need the networks of a model file."""
METHODS = (*LEARNED_METHODS, "ncc", "mi")
CANDIDATES = ("goodness_min", "goodness_max", "grid", "corners")
OUTLIER_TESTS = ("none", "shift", "affine")
TRANSFORMS = ("shift", "affine", "polynomial2", "tps")
MOVES = ("optical", "sar")
RESAMPLINGS = ("nearest", "bilinear", "cubic", "lanczos")
COMPRESSIONS = ("none", "lzw", "deflate", "zstd")


@dataclass(frozen=True)
class MatchTiePointsJob:
    """Find tie points between a SAR and an optical raster (module `engine/matching/match_tie_points`).

    `extent` is (xmin, ymin, xmax, ymax) in `extent_crs` (WKT), or empty for the whole overlap. `max_shift` and
    `spacing` are in working pixels, `pixel_size` in metres (0: the coarser of the two images). Thresholds below 0 mean:
    the operating point on the model's card. `visibility` is a joint map (`JointVisibilityJob`): only places that
    it calls jointly visible are matched. `gcp_points` and `report` are output paths, empty when not wanted.
    `batch_size` 0 leaves the choice to the engine.
    """

    sar: RasterSource
    optical: RasterSource
    model: str = ""
    method: str = "bridgematch"
    sar_unit: str = "auto"
    extent: tuple[float, ...] = ()
    extent_crs: str = ""
    pixel_size: float = 0.0
    max_shift: int = 32
    candidates: str = "goodness_min"
    spacing: int = 64
    orn_threshold: float = -1.0
    goodness_threshold: float = -1.0
    outlier_test: str = "affine"
    keep_rejected: bool = False
    gcp_points: str = ""
    report: str = ""
    visibility: Optional[RasterSource] = None
    device: str = "auto"
    batch_size: int = 0

    def __post_init__(self):
        one_of("method", self.method, METHODS)
        one_of("SAR unit", self.sar_unit, SAR_UNITS)
        one_of("candidates", self.candidates, CANDIDATES)
        one_of("transform of the outlier test", self.outlier_test, OUTLIER_TESTS)
        if not 4 <= self.max_shift <= 256:
            raise UserError(f"The largest shift must lie between 4 and 256 working pixels, got {self.max_shift}.")
        if not 8 <= self.spacing <= 1024:
            raise UserError(f"The spacing of the points must lie between 8 and 1024 pixels, got {self.spacing}.")
        if self.pixel_size < 0 or not math.isfinite(self.pixel_size):
            raise UserError(f"The pixel size must be positive (or 0 for automatic), got {self.pixel_size}.")
        check_extent(self.extent)
        if self.method in LEARNED_METHODS and not self.model:
            raise UserError(f"The method '{self.method}' needs a model: choose one, or the method ncc or mi.")


@dataclass(frozen=True)
class CoregisterJob:
    """Lay one image over the other with tie points (module `engine/coregistration`).

    `moving` is the image that is corrected. `points` are rows (moving_x, moving_y, fixed_x, fixed_y): the moving
    position in the moving layer's CRS, the fixed position in the fixed layer's CRS; `point_ids` name them for the user,
    one for each; `matched_pixel` is the side, in metres, of the pixels in which they were found, 0 when unknown.
    `target` fixes the output grid when given (the other image's grid), else the moving image's own. `output` ends in
    .tif or .vrt. Raises ValueError when there are not as many ids as points.
    """

    moving: RasterSource
    points: tuple[tuple[float, float, float, float], ...]
    point_ids: tuple[str, ...]
    fixed_crs: str
    output: str
    transform: str = "affine"
    resampling: str = "bilinear"
    compression: str = "deflate"
    target: Optional[RasterSource] = None
    report: str = ""
    matched_pixel: float = 0.0

    def __post_init__(self):
        one_of("transform", self.transform, TRANSFORMS)
        one_of("resampling", self.resampling, RESAMPLINGS)
        one_of("compression", self.compression, COMPRESSIONS)
        if len(self.point_ids) != len(self.points):
            raise ValueError(f"{len(self.points)} points, but {len(self.point_ids)} ids")
        if not self.output:
            raise UserError("Co-registration needs an output file.")


@dataclass(frozen=True)
class CheckEngineJob:
    """Report the engine's versions and devices and run a trial tile (module `engine/check`)."""

    device: str = "auto"
    model: str = ""


_TASKS = {
    "match_tie_points": MatchTiePointsJob,
    "coregister": CoregisterJob,
    "check_engine": CheckEngineJob,
    "sar_distortions": SarDistortionsJob,
    "joint_visibility": JointVisibilityJob,
    "simulate_scene": SimulateSceneJob,
}


def to_json(job):
    """Return the job as a JSON-able dict that names its task."""
    task = next(name for name, kind in _TASKS.items() if isinstance(job, kind))
    return {"task": task, **asdict(job)}


def from_json(message):
    """Return the job that `to_json` wrote; raises `UserError` when its values are not allowed."""
    fields_of_job = {key: value for key, value in message.items() if key != "task"}
    return _build(_TASKS[message["task"]], fields_of_job)


def _build(kind, values):
    hints = get_type_hints(kind)
    built = {}
    for field in fields(kind):
        if field.name in values:
            built[field.name] = _convert(hints[field.name], values[field.name])
    return kind(**built)


def _convert(hint, value):
    if value is None:
        return None
    dataclasses_in_hint = [kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)]
    if dataclasses_in_hint:
        return _build(dataclasses_in_hint[0], value)
    return _as_tuple(value)


def _as_tuple(value):
    if isinstance(value, (list, tuple)):
        return tuple(_as_tuple(item) for item in value)
    return value
