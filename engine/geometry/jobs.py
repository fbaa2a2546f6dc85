"""The geometry jobs, and how sensors look at the ground. Standard library only, both sides import it."""

from dataclasses import dataclass
from typing import Optional

from ..errors import UserError
from ..sources import RasterSource, one_of

LOOK_SIDES = ("right", "left")
STEEPEST_INCIDENCE, FLATTEST_INCIDENCE = 5.0, 85.0
"""Degrees; beyond, a look is nadir or grazing, and layover or shadow have no bounds."""


def look_azimuth(heading, look_side):
    """Return degrees clockwise from true north, from the sensor towards the ground, of a flight direction and side."""
    one_of("look side", look_side, LOOK_SIDES)
    return (heading + (90 if look_side == "right" else 270)) % 360


@dataclass(frozen=True)
class SarView:
    """How a radar looks: `look_azimuth` in degrees clockwise from true north, from the sensor towards the ground.

    Incidence in degrees from the ellipsoid normal at the ground: from `near` at the edge of the surface model that is
    nearest to the sensor to `far` at the opposite edge (equal: one value everywhere), or a raster of degrees.
    """

    look_azimuth: float
    near: float
    far: float
    incidence: Optional[RasterSource] = None

    def __post_init__(self):
        if not 0 <= self.look_azimuth < 360:
            raise UserError(f"The look azimuth must lie between 0 and 360 degrees, got {self.look_azimuth:g}.")
        for name, angle in (("near", self.near), ("far", self.far)):
            if not STEEPEST_INCIDENCE <= angle <= FLATTEST_INCIDENCE:
                raise UserError(
                    f"The incidence angle ({name}) must lie between {STEEPEST_INCIDENCE:g} and {FLATTEST_INCIDENCE:g} "
                    f"degrees, got {angle:g}: give the angle to the vertical at the ground."
                )
        if self.far < self.near:
            raise UserError(
                f"The incidence angle grows away from the sensor: the far one ({self.far:g}) must not be smaller than "
                f"the near one ({self.near:g})."
            )


@dataclass(frozen=True)
class SarDistortionsJob:
    """Zones of foreshortening, layover and shadow (module `engine/geometry/sar_distortions`).

    `dem` holds heights in metres. `foreshortening` is the share of its ground range that a slope facing the sensor must
    lose to count, in percent. `output` (mask), `incidence` (local incidence angle, degrees) and `layover_count` are
    output paths (.tif), the last two empty when not wanted.
    """

    dem: RasterSource
    view: SarView
    output: str
    foreshortening: float = 50.0
    incidence: str = ""
    layover_count: str = ""
    device: str = "auto"

    def __post_init__(self):
        if not 0 <= self.foreshortening < 100:
            raise UserError(f"The foreshortening must lie between 0 and 100 percent, got {self.foreshortening:g}.")
        if not self.output:
            raise UserError("The zones need an output file.")
