"""The job of the simulator."""

import math
from dataclasses import dataclass, field
from typing import Optional

from .errors import UserError
from .geometry_jobs import OpticalView, SarView
from .landscapes import LANDSCAPES
from .optical_presets import OPTICAL_PRESETS
from .sources import FootprintSource, RasterSource, check_extent, one_of

FROM_SEED = "from the seed"
SAR_PRESETS = {
    "sentinel1_iw_grd": "Sentinel-1 IW, ground range",
    "sentinel1_iw_slc": "Sentinel-1 IW, single-look complex",
    "terrasarx_stripmap": "TerraSAR-X Stripmap",
    "xband_half_metre": "X-band radar of half a metre",
    "terrasarx_spotlight": "TerraSAR-X Spotlight",
    "xband_metre": "X-band radar of one metre",
    "xband_three_metres": "X-band radar of three metres",
    "lband_fine_beam": "L-band radar, fine beam",
}
"""Those of `sar_presets.py`, which needs scipy: what commands and models call them → what they are called in words."""
POLARISATIONS = ("VV", "VH", "HH", "HV")
MAPS = ("sar", "optical", "dem", "dsm", "buildings", "zones", "positions", "truth")
RADAR_IMAGES = ("slc", "ground_range")
OUTPUTS = (*MAPS, *RADAR_IMAGES, "footprints")
LARGEST_SIDE = 4096
"""Pixels of an invented scene, which is made as a whole; scenes of layers are made block by block and have no limit."""

_LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Misplacement:
    """What is wrong with the georeferencing of the optical image, in its pixels; nothing by default.

    `right`, `down`: what must be added to a position in it to land on the SAR position, in the middle. `rotation`:
    degrees by which it is turned clockwise, and `scale`: percent by which it is enlarged, about its middle. `waves`:
    largest shift by a smooth field on top.
    """

    right: float = 0.0
    down: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    waves: float = 0.0

    def __post_init__(self):
        if not all(map(math.isfinite, (self.right, self.down, self.waves))):
            raise UserError(
                "The optical image can be displaced by finite numbers of pixels, got "
                f"{self.right:g}, {self.down:g} and waves of {self.waves:g}."
            )
        if not -45 <= self.rotation <= 45 or not -20 <= self.scale <= 20:
            raise UserError(
                f"The optical image can be turned by up to 45 degrees and scaled by up to 20 percent, got "
                f"{self.rotation:g} and {self.scale:g}."
            )

    def __bool__(self):
        return any((self.right, self.down, self.rotation, self.scale, self.waves))


@dataclass(frozen=True)
class SimulateSceneJob:
    """Simulate what a radar and a camera see of one place (module `engine/simulation/simulate_scene`).

    Without `dsm` the place is invented from `seed`: a `landscape`, `size` pixels of the optical preset wide and high.
    `dsm` holds heights in metres of roofs and trees, `dtm` those of the bare ground; with `footprints`, `dsm` is the
    bare ground and `dtm` is empty. `extent` is (xmin, ymin, xmax, ymax) in `extent_crs` (WKT; that of `dsm` where there
    is one), which an invented place fills; empty for all of the layer. `optical` has a sun. `outputs`: paths by the
    names in `OUTPUTS`, of what is wanted; `footprints` becomes a file as `footprint_lines.py` describes it.
    """

    sar: SarView
    optical: OpticalView
    outputs: dict[str, str]
    sar_preset: str = "sentinel1_iw_grd"
    optical_preset: str = "sentinel2"
    polarisations: tuple[str, ...] = ("VV", "VH")
    seed: int = 0
    size: int = 512
    landscape: str = FROM_SEED
    dsm: Optional[RasterSource] = None
    dtm: Optional[RasterSource] = None
    footprints: Optional[FootprintSource] = None
    extent: tuple[float, ...] = ()
    extent_crs: str = ""
    misplacement: Misplacement = field(default_factory=Misplacement)
    device: str = "auto"

    def __post_init__(self):
        one_of("SAR preset", self.sar_preset, SAR_PRESETS)
        one_of("optical preset", self.optical_preset, OPTICAL_PRESETS)
        one_of("landscape", self.landscape, (FROM_SEED, *LANDSCAPES))
        for name in self.polarisations:
            one_of("polarisation", name, POLARISATIONS)
        for name in self.outputs:
            one_of("output", name, OUTPUTS)
        if not {"sar", "optical"} <= set(self.outputs):
            raise UserError("A simulated scene needs output files for the SAR and the optical image.")
        if not self.polarisations:
            raise UserError("Choose at least one polarisation.")
        check_extent(self.extent)
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise UserError(f"The seed must lie between 0 and {_LARGEST_SEED}, got {self.seed}.")
        if not self.optical.has_sun:
            raise UserError("The camera sees nothing without sun: give its azimuth and its elevation.")
        if self.dsm is None:
            self._check_invented()
        elif self.footprints is not None and self.dtm is not None:
            raise UserError(
                "Footprints stand on the heights of the first elevation layer, which then is the terrain: leave the "
                "terrain model empty, or the footprints."
            )

    @property
    def wants_radar_geometry(self) -> bool:
        """Whether an image in radar geometry is wanted."""
        return bool(set(RADAR_IMAGES) & set(self.outputs))

    def _check_invented(self):
        given = self.dtm or self.footprints
        if given is not None:
            raise UserError(
                f"Layer '{given.name}' needs an elevation layer to go with it: choose one, or leave both empty for an "
                "invented landscape."
            )
        if not self.extent and not 16 <= self.size <= LARGEST_SIDE:
            raise UserError(
                f"An invented scene is 16 to {LARGEST_SIDE} pixels wide, got {self.size}: choose another size, or an "
                "elevation layer, whose scene may have any size."
            )
