"""The geometry jobs, and how sensors look at the ground."""

import math
from dataclasses import dataclass
from typing import Optional

from .errors import UserError
from .sources import RasterSource, check_extent, one_of

LOOK_SIDES = {"right": "to the right", "left": "to the left"}
"""What commands and models call them → what they are called in words."""
STEEPEST_INCIDENCE, FLATTEST_INCIDENCE = 5.0, 85.0
"""Degrees; beyond, a look is nadir or grazing, and layover or shadow have no bounds."""
LARGEST_OFF_NADIR = 60.0
LOWEST_SUN = 5.0
"""Degrees above the horizon; below, shade has no bounds."""


def look_azimuth(heading: float, look_side: str) -> float:
    """Return degrees clockwise from true north, from the sensor towards the ground, of a flight direction and side."""
    one_of("look side", look_side, LOOK_SIDES)
    return (heading + (90 if look_side == "right" else 270)) % 360


@dataclass(frozen=True)
class LineOfSight:
    """How something looks or shines onto the ground, in a plane that stands upright on it.

    `look_azimuth` in degrees clockwise from true north, from above towards the ground. Incidence in degrees from the
    ellipsoid normal at the ground: from `near` at the edge of the area that is passed first to `far` at the opposite
    edge (equal: one value everywhere), or a raster of degrees, which wins.
    """

    look_azimuth: float
    near: float
    far: float
    incidence: Optional[RasterSource] = None

    def reach(self, relief: float, steepest: float, flattest: float) -> tuple[float, float]:
        """Return metres before and behind a place within which all that concerns it lies: what shades it.

        relief: largest difference of heights, metres; steepest, flattest: bounds of the incidence, degrees.
        """
        return relief * math.tan(math.radians(flattest)), 0.0


@dataclass(frozen=True)
class SarView(LineOfSight):
    """How a radar looks: a line of sight from the sensor, along which echoes are told apart by their distance."""

    def reach(self, relief: float, steepest: float, flattest: float) -> tuple[float, float]:
        """Return metres before and behind a place: what shades it, and what lies over it in the image."""
        shades, _ = super().reach(relief, steepest, flattest)
        lies_over = relief / math.tan(math.radians(steepest))
        return max(shades, lies_over), lies_over

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
class OpticalView:
    """How a camera looks: `azimuth` in degrees clockwise from true north, from the ground towards the satellite.

    `off_nadir`: angle to the vertical, measured at the ground, degrees; 0 looks straight down. `sun_azimuth`, likewise
    from the ground towards the sun, and `sun_elevation` above the horizon, degrees; both None where shade is no matter.
    """

    azimuth: float
    off_nadir: float
    sun_azimuth: Optional[float] = None
    sun_elevation: Optional[float] = None

    def __post_init__(self):
        if not 0 <= self.azimuth < 360:
            raise UserError(f"The view azimuth must lie between 0 and 360 degrees, got {self.azimuth:g}.")
        if not 0 <= self.off_nadir <= LARGEST_OFF_NADIR:
            raise UserError(
                f"The off-nadir angle must lie between 0 and {LARGEST_OFF_NADIR:g} degrees, got {self.off_nadir:g}: "
                "give the angle to the vertical at the ground."
            )
        if (self.sun_azimuth is None) != (self.sun_elevation is None):
            raise UserError("The sun has an azimuth and an elevation: give both, or leave both empty.")
        if not self.has_sun:
            return
        if not 0 <= self.sun_azimuth < 360:
            raise UserError(f"The sun azimuth must lie between 0 and 360 degrees, got {self.sun_azimuth:g}.")
        if self.sun_elevation <= 0:
            raise UserError(
                f"The sun is below the horizon (elevation {self.sun_elevation:g} degrees): give the elevation at the "
                "time of the optical image, or leave both angles of the sun empty."
            )
        if not LOWEST_SUN <= self.sun_elevation <= 90:
            raise UserError(
                f"The sun elevation must lie between {LOWEST_SUN:g} and 90 degrees, got {self.sun_elevation:g}."
            )

    @property
    def line_of_sight(self) -> LineOfSight:
        """The `LineOfSight` of the camera, which points the other way than its azimuth."""
        return LineOfSight((self.azimuth + 180) % 360, self.off_nadir, self.off_nadir)

    @property
    def has_sun(self) -> bool:
        """Whether the shade of the sun counts."""
        return self.sun_azimuth is not None

    @property
    def sunlight(self) -> LineOfSight:
        """The `LineOfSight` of the sun."""
        zenith_angle = 90 - self.sun_elevation
        return LineOfSight((self.sun_azimuth + 180) % 360, zenith_angle, zenith_angle)


@dataclass(frozen=True)
class JointVisibilityJob:
    """What radar and camera both see of a surface (module `engine/geometry/joint_visibility`).

    `dsm` (surface) and `dtm` (bare ground, optional) hold heights in metres; `footprints` (optional) is a raster that
    is 1 in buildings, 0 elsewhere. `area` (optional) is one on the grid of `dsm`: there is no result where it is 0.
    `extent` is (xmin, ymin, xmax, ymax) in the CRS of `dsm`, or empty for all of it.
    `output` (joint map), `sar_map` and `optical_map` (.tif), `cells` (.csv) and `report` (.html) are output paths, all
    but the first empty when not wanted.
    """

    dsm: RasterSource
    sar: SarView
    optical: OpticalView
    output: str
    dtm: Optional[RasterSource] = None
    footprints: Optional[RasterSource] = None
    extent: tuple[float, ...] = ()
    area: Optional[RasterSource] = None
    sar_map: str = ""
    optical_map: str = ""
    cells: str = ""
    report: str = ""
    device: str = "auto"

    def __post_init__(self):
        check_extent(self.extent)
        if not self.output:
            raise UserError("Joint visibility needs an output file.")


@dataclass(frozen=True)
class SarDistortionsJob:
    """Zones of foreshortening, layover and shadow (module `engine/geometry/sar_distortions`).

    `dem` holds heights in metres. `extent` is (xmin, ymin, xmax, ymax) in its CRS, or empty for all of it; `area`
    (optional) is a raster on its grid: there is no result where it is 0.
    `foreshortening` is the share of its ground range that a slope facing the sensor must lose to count, in percent.
    `output` (mask), `incidence` (local incidence angle, degrees) and `layover_count` are output paths (.tif), the last
    two empty when not wanted.
    """

    dem: RasterSource
    view: SarView
    output: str
    extent: tuple[float, ...] = ()
    area: Optional[RasterSource] = None
    foreshortening: float = 50.0
    incidence: str = ""
    layover_count: str = ""
    device: str = "auto"

    def __post_init__(self):
        check_extent(self.extent)
        if not 0 <= self.foreshortening < 100:
            raise UserError(f"The foreshortening must lie between 0 and 100 percent, got {self.foreshortening:g}.")
        if not self.output:
            raise UserError("The zones need an output file.")
