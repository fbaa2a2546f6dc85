"""The job of co-registration, and its choices: what commands and models call them → what they are called in words."""

import math
from dataclasses import dataclass
from typing import Optional

from .errors import UserError
from .sources import RasterSource, one_of

TRANSFORMS = {
    "auto": "automatic, by the leave-one-out error",
    "shift": "shift only",
    "affine": "affine transform",
    "polynomial2": "polynomial of second order",
    "tps": "thin plate spline",
}
MOVES = {"optical": "the optical image", "sar": "the SAR image"}
RESAMPLINGS = {"nearest": "nearest neighbour", "bilinear": "bilinear", "cubic": "cubic", "lanczos": "Lanczos"}
COMPRESSIONS = {"none": "none", "lzw": "LZW", "deflate": "Deflate", "zstd": "Zstandard"}
CORRECTED_FROM = "SARBRIDGE_CORRECTED_FROM"
"""What a corrected image's metadata call the name of the image that it was made of."""


@dataclass(frozen=True)
class CoregisterJob:
    """Lay one image over the other with tie points (module `engine/coregistration/coregister`).

    `moving` is the image that is corrected. `points` are rows (moving_x, moving_y, fixed_x, fixed_y): the moving
    position in the moving layer's CRS, the fixed position in the fixed layer's CRS; `point_ids` name them for the user,
    one for each; `point_sigmas` are the errors to be expected of them, all in one unit, by which they weigh in the fit,
    empty where all weigh alike; `matched_pixel` is the side, in metres, of the pixels in which they were found, 0 when
    unknown. `target` fixes the output grid when given (the other image's grid), else the moving image's own. `output`
    ends in .tif or .vrt; `image_name` is what its metadata call the moving image (`CORRECTED_FROM`). Raises ValueError
    when there are not as many ids, or errors, as points, or when an error is not above 0.
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
    image_name: str = ""
    matched_pixel: float = 0.0
    point_sigmas: tuple[float, ...] = ()

    def __post_init__(self):
        one_of("transform", self.transform, TRANSFORMS)
        one_of("resampling", self.resampling, RESAMPLINGS)
        one_of("compression", self.compression, COMPRESSIONS)
        if len(self.point_ids) != len(self.points):
            raise ValueError(f"{len(self.points)} points, but {len(self.point_ids)} ids")
        if self.point_sigmas and len(self.point_sigmas) != len(self.points):
            raise ValueError(f"{len(self.points)} points, but {len(self.point_sigmas)} errors")
        if not all(0 < sigma < math.inf for sigma in self.point_sigmas):
            raise ValueError("errors of points must be above 0")
        if not self.output:
            raise UserError("Co-registration needs an output file.")
