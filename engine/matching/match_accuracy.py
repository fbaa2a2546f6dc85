"""What a matching report says of the accuracy of the transform that its points agree on."""

import math
from typing import Any, NamedTuple, Optional

from ...contract.report_page import number, paragraph, section, table
from ..rasters.grid import Grid
from ..rasters.ground import ground_vectors
from ..tie_points.transforms import Transform, root_mean_square


class LeaveOneOut(NamedTuple):
    """Root mean square of distances, None where it is not defined."""

    metres: Optional[float]
    pixels: Optional[float]


def leave_one_out_error(transform: Optional[Transform], grid: Grid) -> LeaveOneOut:
    """Return the leave-one-out error, not defined where the points do not suffice for one."""
    if transform is None or not math.isfinite(transform.leave_one_out_rmse):
        return LeaveOneOut(None, None)
    belongs = transform.control_destination
    on_ground = ground_vectors(grid.crs, belongs - transform.leave_one_out, belongs)
    return LeaveOneOut(root_mean_square(on_ground), transform.leave_one_out_rmse / grid.step)


def numbers_section(numbers: dict[str, Any], transform: Optional[Transform], grid: Grid) -> str:
    """Return the section of the declared numbers and the transform, nothing without one."""
    if transform is None:
        return ""
    rows = [
        (label, number(numbers[key], digits=3), number(numbers[f"{key}_PX"], digits=3))
        for label, key in (
            ("Mean shift: m to the east, px to the right", "MEAN_SHIFT_X"),
            ("Mean shift: m to the north, px down", "MEAN_SHIFT_Y"),
            ("Standard deviation east, right", "STD_X"),
            ("Standard deviation north, down", "STD_Y"),
            ("RMSE: distances from the transform", "RMSE"),
        )
    ]
    left_out = leave_one_out_error(transform, grid)
    rows.append(
        (
            "Leave-one-out error: distance of each point from the transform of all the others",
            number(left_out.metres, digits=3),
            number(left_out.pixels, digits=3),
        )
    )
    accuracy = table(("Accepted points", "metres", "working pixels"), rows, numeric=(1, 2))
    return section("Numbers", accuracy, paragraph(_in_words(transform)))


def _in_words(transform: Transform) -> str:
    affine = transform.affine
    words = f"The transform fitted to the accepted points is: {transform.kind}, from optical to SAR."
    if transform.kind == "affine":
        angle = math.degrees(math.atan2(affine.d - affine.b, affine.a + affine.e))
        words += f" It turns by {number(angle, digits=3)}° (anticlockwise) and scales by {affine.determinant**0.5:.5f}."
    return words
