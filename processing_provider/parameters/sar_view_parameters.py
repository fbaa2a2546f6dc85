"""How the radar looks: the parameters that all algorithms of SAR geometry share, and the `SarView` that they make."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext

from ...contract.buildings_jobs import FLATTEST_LOOK, STEEPEST_LOOK
from ...contract.errors import UserError
from ...contract.geometry_jobs import FLATTEST_INCIDENCE, LOOK_SIDES, STEEPEST_INCIDENCE, SarView, look_azimuth
from ..algorithm import SarbridgeAlgorithm
from ..inputs.export import Export
from ..inputs.implausible_layers import check_angles
from ..inputs.layers import RasterInput
from .choice import add_choice
from .layers import add_band, add_raster, raster_layer
from .number import add_number, number

HEADING, LOOK_SIDE, LOOK_AZIMUTH = "HEADING", "LOOK_SIDE", "LOOK_AZIMUTH"
INCIDENCE_ANGLE, INCIDENCE_ANGLE_FAR = "INCIDENCE_ANGLE", "INCIDENCE_ANGLE_FAR"
INCIDENCE = "INCIDENCE"
INCIDENCE_LAYER, INCIDENCE_BAND = "INCIDENCE_LAYER", "INCIDENCE_BAND"

_INCIDENCE_BOUNDS = STEEPEST_INCIDENCE, FLATTEST_INCIDENCE


def add_sar_view_parameters(algorithm: SarbridgeAlgorithm, required: str = "required") -> None:
    """Add the parameters of a radar's view, whose incidence may change across the area, to an algorithm.

    required: what labels say of the direction, such as when it is needed.
    """
    add_look_parameters(algorithm, required=required)
    _add_swath_parameters(algorithm)


def add_look_parameters(
    algorithm: SarbridgeAlgorithm, heading: Optional[float] = None, required: str = "required"
) -> None:
    """Add the parameters of a look at one incidence; without a default `heading` the direction must be given."""
    remark = "" if heading is not None else f"; {required} unless a look azimuth is given"
    add_direction_parameters(algorithm, remark, heading)
    add_number(
        algorithm,
        INCIDENCE_ANGLE,
        "Incidence angle (degrees)",
        "Angle between the line of sight and the vertical at the ground (not at the satellite, where it is smaller)."
        " One value for the whole area, unless another is given for its far edge.",
        default=38.0,
        bounds=_INCIDENCE_BOUNDS,
    )


def add_direction_parameters(algorithm: SarbridgeAlgorithm, remark: str = "", heading: Optional[float] = None) -> None:
    """Add the parameters of the direction of a look; the remark, from a semicolon on, is for the heading's label."""
    add_number(
        algorithm,
        HEADING,
        f"Flight direction (heading, degrees{remark})",
        "Direction in which the sensor flies, clockwise from true north; for Sentinel-1 about 348 on ascending and 192"
        " on descending orbits at middle latitudes. Products call it heading or platform heading.",
        default=heading,
        bounds=(-360, 360),
    )
    add_choice(
        algorithm,
        LOOK_SIDE,
        "Look side",
        LOOK_SIDES,
        "On which side of the flight direction the sensor looks. Sentinel-1 and most others look to the right.",
    )
    add_number(
        algorithm,
        LOOK_AZIMUTH,
        "Look azimuth (degrees; instead of the flight direction)",
        "Direction from the sensor towards the ground, clockwise from true north; it wins over heading and look side"
        " and can be given instead of them.",
        bounds=(-360, 360),
        advanced=True,
    )


def add_known_incidence(algorithm: SarbridgeAlgorithm) -> None:
    """Add an incidence angle that may be left out, for networks that are told it where it is known."""
    add_number(
        algorithm,
        INCIDENCE,
        "Incidence angle (degrees; optional)",
        "Angle between the line of sight and the vertical at the ground, which decides how far buildings are"
        " displaced. Empty: not known.",
        bounds=(STEEPEST_LOOK, FLATTEST_LOOK),
    )


def _add_swath_parameters(algorithm):
    add_number(
        algorithm,
        INCIDENCE_ANGLE_FAR,
        "Incidence angle at the far edge (degrees)",
        "The incidence angle where the area is farthest from the sensor. In between, the tangent grows evenly with the"
        " distance: right to 0.2 degrees across 250 km of a satellite image. Empty: the same angle everywhere.",
        bounds=_INCIDENCE_BOUNDS,
        advanced=True,
    )
    add_raster(
        algorithm,
        INCIDENCE_LAYER,
        "Incidence angle layer",
        "A raster of incidence angles from the ellipsoid, in degrees, as products bring along; it wins over the"
        " angles above. Of any CRS and pixel size; where it has no data there is no result.",
        optional=True,
        advanced=True,
    )
    add_band(
        algorithm,
        INCIDENCE_BAND,
        "Band of the angles",
        "The band of the incidence angle layer that holds the angles.",
        INCIDENCE_LAYER,
        advanced=True,
    )


class SarViewInput:
    """The parameters as taken on the main thread: `layer` of incidence angles, None without one.

    `described` is the `SarView` as known before the layer is exported.

    Raises `UserError` for angles that no side-looking radar has, for a layer that holds none, and when nothing tells
    the direction of the look.
    """

    def __init__(self, algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext):
        near = algorithm.parameterAsDouble(parameters, INCIDENCE_ANGLE, context)
        layer = raster_layer(algorithm, parameters, INCIDENCE_LAYER, context)
        if layer:
            check_angles(layer)
        self.layer = layer and RasterInput(layer, [algorithm.parameterAsInt(parameters, INCIDENCE_BAND, context) or 1])
        incidence = self.layer and self.layer.described
        far = number(algorithm, parameters, INCIDENCE_ANGLE_FAR, context)
        azimuth = _look_azimuth(algorithm, parameters, context)
        self.described = SarView(azimuth, near, near if far is None else far, incidence)

    def view(self, export: Export) -> SarView:
        """Return the `SarView` that the engine can use."""
        return replace(self.described, incidence=self.layer and self.layer.source(export))


def look(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> SarView:
    """Return the `SarView` of an algorithm with the parameters of `add_look_parameters`; raises as `SarViewInput`."""
    incidence = algorithm.parameterAsDouble(parameters, INCIDENCE_ANGLE, context)
    return SarView(_look_azimuth(algorithm, parameters, context), incidence, incidence)


def look_direction(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Optional[float]:
    """Return the look azimuth, 0..360 degrees, by the parameters of `add_direction_parameters`; None without any."""
    azimuth = number(algorithm, parameters, LOOK_AZIMUTH, context)
    if azimuth is not None:
        return azimuth % 360
    heading = number(algorithm, parameters, HEADING, context)
    if heading is None:
        return None
    return look_azimuth(heading, algorithm.parameterAsString(parameters, LOOK_SIDE, context))


def _look_azimuth(algorithm, parameters, context):
    azimuth = look_direction(algorithm, parameters, context)
    if azimuth is None:
        raise UserError(
            f"Nothing says where the radar looks: give its flight direction ({HEADING}) or its look azimuth"
            f" ({LOOK_AZIMUTH})."
        )
    return azimuth
