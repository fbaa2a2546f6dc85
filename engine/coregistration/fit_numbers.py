"""What a fitted transform comes to in numbers: how well it fits, what it does to the image, how sure it is."""

import math
from typing import Optional, Union

import numpy as np

from ..rasters.grid import Grid
from ..rasters.ground import ground_vectors
from ..tie_points.transforms import Transform, root_mean_square
from ..tie_points.uncertainty import CONFIDENCE, largest_error, possible_errors
from .image_pixels import linear, places_all_over, to_pixels

Numbers = dict[str, Union[str, float, None]]


def fit_numbers(backward: Transform, image: Grid) -> Numbers:
    """Return the numbers of `coregister.run` for a transform from fixed to moving positions on the image's map."""
    return {
        "transform": backward.kind,
        **_accuracy(backward, image),
        **_movement(backward, image),
        **_movement_of_middle(backward, image),
        **_bound(backward, image),
    }


def left_out_on_ground(backward: Transform, image: Grid) -> np.ndarray:
    """Return leave-one-out errors [m, 2] in metres on the ground, east and north."""
    belongs = backward.control_destination
    return ground_vectors(image.crs, belongs - backward.leave_one_out, belongs)


def summary(numbers: Numbers) -> str:
    """Return what the log says of the `fit_numbers`."""
    left_out = "not defined, each point is needed"
    if numbers["loo_m"] is not None:
        left_out = f"{numbers['loo_m']:.3g} m ({numbers['loo_px']:.3g} px)"
    said = (
        f"Transform '{numbers['transform']}' from {numbers['point_count']} tie points: RMSE {numbers['rmse_m']:.3g} m "
        f"({numbers['rmse_px']:.3g} pixels of the corrected image), leave-one-out error {left_out}, mean shift "
        f"{numbers['shift_x_m']:.3f} m east, {numbers['shift_y_m']:.3f} m north."
    )
    if numbers["middle_x_m"] is not None:
        said += (
            f" The middle of the image moves {numbers['middle_x_m']:.3f} m east, {numbers['middle_y_m']:.3f} m north"
            f" ({numbers['middle_x_px']:.2f} px right, {numbers['middle_y_px']:.2f} down)"
        )
        if numbers["transform"] == "affine":
            said += f"; it turns by {numbers['rotation_deg']:.4f}° anticlockwise, its scale is {numbers['scale']:.6f}"
        said += "."
    if numbers["bound_m"] is not None:
        said += (
            f" At {CONFIDENCE:.0%} confidence, as far as the points' scatter tells, the transform is nowhere in the "
            f"image off by more than {numbers['bound_px']:.2g} px ({numbers['bound_m']:.3g} m)."
        )
    return said


def _accuracy(backward, image):
    residuals, left_out = backward.residuals, backward.leave_one_out
    return {
        "point_count": len(backward.source),
        "rmse_m": root_mean_square(ground_vectors(image.crs, backward.destination - residuals, backward.destination)),
        "loo_m": _finite(root_mean_square(left_out_on_ground(backward, image))),
        "rmse_px": root_mean_square(residuals @ to_pixels(image)),
        "loo_px": _finite(root_mean_square(left_out @ to_pixels(image))),
    }


def _finite(value: float) -> Optional[float]:
    return value if math.isfinite(value) else None


def _movement(backward, image):
    shift = ground_vectors(image.crs, backward.destination, backward.source).mean(axis=0)
    movement = {"shift_x_m": float(shift[0]), "shift_y_m": float(shift[1]), "rotation_deg": None, "scale": None}
    if backward.kind in ("shift", "affine"):
        to_ground = image.pixel_sides().T @ np.linalg.inv(linear(image.transform))
        matrix = to_ground @ linear(~backward.affine) @ np.linalg.inv(to_ground)
        angle = math.atan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1])
        movement.update(rotation_deg=math.degrees(angle), scale=math.sqrt(abs(np.linalg.det(matrix))))
    return movement


def _movement_of_middle(backward, image):
    middle = np.array([image.to_map(image.width / 2, image.height / 2)])
    moved = backward.inverse(middle)
    metres, pixels = ground_vectors(image.crs, middle, moved), (moved - middle) @ to_pixels(image)
    keys = ("middle_x_m", "middle_y_m", "middle_x_px", "middle_y_px")
    return {key: _finite(float(value)) for key, value in zip(keys, np.append(metres, pixels))}


def _bound(backward, image):
    places = backward.inverse(places_all_over(image))
    errors = possible_errors(backward, places) if np.isfinite(places).all() else None
    if errors is None:
        return {"bound_m": None, "bound_px": None}
    pixels = errors @ to_pixels(image)
    return {"bound_m": largest_error(pixels @ image.pixel_sides()), "bound_px": largest_error(pixels)}
