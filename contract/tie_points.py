"""The tie-point table: what the matching pipeline hands to QGIS, to the report and to co-registration."""

import math

FIELDS = (
    "id",
    "sar_x",
    "sar_y",
    "sar_col",
    "sar_row",
    "opt_x",
    "opt_y",
    "opt_col",
    "opt_row",
    "dx_px",
    "dy_px",
    "dx_m",
    "dy_m",
    "length_m",
    "azimuth",
    "score",
    "peak_ratio",
    "sigma_px",
    "residual_m",
    "accepted",
    "reason",
)
"""Fields of a row, in order. A row is a dict with these keys.

`sar_x, sar_y` in the SAR layer's CRS and `opt_x, opt_y` in the optical layer's CRS are map coordinates; `sar_col,
sar_row` and `opt_col, opt_row` are pixel positions in the layer's own raster (corner origin, fractional). `dx_px`
(right) and `dy_px` (down) in working pixels, `dx_m` (true east) and `dy_m` (true north) in metres on the ground are
what must be added to the optical position to land on the SAR position; `length_m` and `azimuth` (degrees clockwise from
true north, 0..360) describe the same vector. `score` is 0..1, `peak_ratio` the highest over the second highest peak,
`sigma_px` the predicted error of each axis in working pixels (39 % of the points are off by less, 86 % by less than
twice as much; corrected by how accepted points scatter around the transform of the outlier test), `residual_m`
the distance from that transform. `accepted` is a bool; `reason` is empty or one of `REASONS`. Unknown numbers are None.
"""

ORIGIN = ("sar_image", "opt_image", "opt_crs")
"""Fields that a layer of tie points has besides: what the two images are called wherever they lie, and the CRS of
`opt_x` and `opt_y` as a code such as EPSG:32633 (the SAR layer's is that of the layer), empty without one."""

REASONS = {
    "low_goodness": "Unpromising place",
    "orn": "Doubtful match",
    "sigma": "Uncertain place",
    "transform": "Disagrees",
    "border": "At the border",
    "nodata": "No data",
    "visibility": "Not jointly visible",
}
"""Why a candidate was rejected, and what people read for it."""

NOT_IN_BOTH = ("border", "nodata", "visibility")
"""Reasons of candidates whose place both images do not show, or not certainly: no method could match them."""

WITHIN_SIGMA = {1.0: 1 - math.exp(-0.5), 2.0: 1 - math.exp(-2.0)}
"""What `sigma_px` means: multiples of it, and the share of the points that are off by less (39 and 86 %), as if both
components of an error were normal and independent (Rayleigh distribution)."""

SMALLEST_SIGMA = 0.05
"""Pixels: no smaller error is predicted of a match, nor believed of a point."""

SIGMA_CLASSES = {
    0.0: "#ffeb18",
    0.23: "#99bc5a",
    0.3: "#43ba97",
    0.4: "#3a8776",
    0.55: "#5d6589",
    0.75: "#5a0a6c",
}
"""The colours of accepted points by the lowest predicted error of each class, in working pixels; where no error is
predicted, by `SCORE_CLASSES`. From 0.2 where images are flat and sharp to 1 on hills."""

SCORE_CLASSES = {
    0.0: "#5a0a6c",
    0.5: "#5d6589",
    0.7: "#3a8776",
    0.8: "#43ba97",
    0.85: "#99bc5a",
    0.9: "#ffeb18",
}
"""The same colours, by the lowest score of each class. Scores are probabilities of a match that is right
to a pixel: of the points that pass the shipped BridgeMatch's threshold (0.77) most lie between 0.8 and 0.9."""

REJECTED_COLOUR, SHIFT_COLOUR = "#262626", "#d6104f"
"""The colours of what was rejected, and of accepted shift vectors."""
