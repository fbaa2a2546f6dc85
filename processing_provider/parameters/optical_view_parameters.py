"""How a camera looks and where the sun stands: shared parameters, and the `OpticalView` they make."""

from ...contract.geometry_jobs import LARGEST_OFF_NADIR, LOWEST_SUN, OpticalView

OFF_NADIR, VIEW_AZIMUTH, SUN_AZIMUTH, SUN_ELEVATION = "OFF_NADIR", "VIEW_AZIMUTH", "SUN_AZIMUTH", "SUN_ELEVATION"


def add_optical_view_parameters(algorithm, off_nadir, view_azimuth, sun=(None, None)):
    """Add the parameters of an optical view, with their defaults in degrees, to an algorithm.

    sun: (azimuth, elevation); without them the sun is optional, and its shade counts only where both are given.
    """
    is_optional = None in sun
    algorithm.add_angle(
        OFF_NADIR,
        "Off-nadir angle of the optical image (degrees)",
        "Angle between the line of sight and the vertical, measured at the ground: buildings lean away from the camera"
        " and hide what is behind them. 0 looks straight down.",
        default=off_nadir,
        bounds=(0, LARGEST_OFF_NADIR),
    )
    algorithm.add_angle(
        VIEW_AZIMUTH,
        "View azimuth of the optical image (degrees)",
        "Direction from the ground towards the camera, clockwise from true north. Some products call it satellite"
        " azimuth; others give the opposite direction.",
        default=view_azimuth,
        bounds=(-360, 360),
    )
    algorithm.add_angle(
        SUN_AZIMUTH,
        "Sun azimuth (degrees)",
        "Direction from the ground towards the sun, clockwise from true north."
        + (" Empty: shade does not count." if is_optional else ""),
        default=sun[0],
        bounds=(-360, 360),
    )
    algorithm.add_angle(
        SUN_ELEVATION,
        "Sun elevation (degrees)",
        f"Angle of the sun above the horizon, at least {LOWEST_SUN:g}."
        + (" Given together with its azimuth; then places in the shade are uncertain." if is_optional else ""),
        default=sun[1],
        # Without a sun there is none to bound: `OpticalView` says better what is wrong with one below the horizon.
        bounds=(None, None) if is_optional else (LOWEST_SUN, 90),
    )


def optical_view(algorithm, parameters, context):
    """Return the `OpticalView` of an algorithm; raises `UserError` for angles that no view has."""
    azimuth, off_nadir, sun_azimuth, sun_elevation = (
        algorithm.angle(parameters, key, context) for key in (VIEW_AZIMUTH, OFF_NADIR, SUN_AZIMUTH, SUN_ELEVATION)
    )
    return OpticalView(azimuth % 360, off_nadir, None if sun_azimuth is None else sun_azimuth % 360, sun_elevation)
