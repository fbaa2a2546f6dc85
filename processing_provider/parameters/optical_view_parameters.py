"""How a camera looks and where the sun stands: shared parameters, and the `OpticalView` they make."""

from typing import Any, Optional

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext

from ...contract.geometry_jobs import LARGEST_OFF_NADIR, LOWEST_SUN, OpticalView
from ..algorithm import SarbridgeAlgorithm
from .number import add_number, number

OFF_NADIR, VIEW_AZIMUTH, SUN_AZIMUTH, SUN_ELEVATION = "OFF_NADIR", "VIEW_AZIMUTH", "SUN_AZIMUTH", "SUN_ELEVATION"


def add_optical_view_parameters(
    algorithm: SarbridgeAlgorithm,
    off_nadir: float,
    view_azimuth: float,
    sun: tuple[Optional[float], Optional[float]] = (None, None),
) -> None:
    """Add the parameters of an optical view, with their defaults in degrees, to an algorithm.

    sun: (azimuth, elevation); without them the sun is optional, and its shade counts only where both are given.
    """
    is_optional = None in sun
    add_number(
        algorithm,
        OFF_NADIR,
        "Off-nadir angle of the optical image (degrees)",
        "Angle between the line of sight and the vertical, measured at the ground: buildings lean away from the camera"
        " and hide what is behind them. 0 looks straight down.",
        default=off_nadir,
        bounds=(0, LARGEST_OFF_NADIR),
    )
    add_number(
        algorithm,
        VIEW_AZIMUTH,
        "View azimuth of the optical image (degrees)",
        "Direction from the ground towards the camera, clockwise from true north. Some products call it satellite"
        " azimuth; others give the opposite direction.",
        default=view_azimuth,
        bounds=(-360, 360),
    )
    add_number(
        algorithm,
        SUN_AZIMUTH,
        "Sun azimuth (degrees" + ("; required if its elevation is given)" if is_optional else ")"),
        "Direction from the ground towards the sun, clockwise from true north."
        + (" Empty: shade does not count." if is_optional else ""),
        default=sun[0],
        bounds=(-360, 360),
    )
    add_number(
        algorithm,
        SUN_ELEVATION,
        "Sun elevation (degrees" + ("; required if its azimuth is given)" if is_optional else ")"),
        f"Angle of the sun above the horizon, at least {LOWEST_SUN:g}."
        + (" Given together with its azimuth; then places in the shade are uncertain." if is_optional else ""),
        default=sun[1],
        # Without a sun there is none to bound: `OpticalView` says better what is wrong with one below the horizon.
        bounds=(None, None) if is_optional else (LOWEST_SUN, 90),
    )


def optical_view(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> OpticalView:
    """Return the `OpticalView` of an algorithm; raises `UserError` for angles that no view has."""
    azimuth, off_nadir, sun_azimuth, sun_elevation = (
        number(algorithm, parameters, key, context) for key in (VIEW_AZIMUTH, OFF_NADIR, SUN_AZIMUTH, SUN_ELEVATION)
    )
    return OpticalView(azimuth % 360, off_nadir, None if sun_azimuth is None else sun_azimuth % 360, sun_elevation)
