"""What the simulated radars are: resolution, sampling, looks, noise, angles."""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

from scipy.optimize import brentq


@dataclass(frozen=True)
class Sampling:
    """One axis of a focused image.

    `resolution`: width of the impulse response at half its power, metres. `spacing`: from pixel to pixel, metres.
    `hamming`: coefficient of the window that the processor lays over the spectrum to hold the side lobes down: 1 for
    none, 0.54 for the Hamming window itself.
    """

    resolution: float
    spacing: float
    hamming: float = 0.75

    @property
    def bandwidth(self) -> float:
        """Cycles per metre that the spectrum is wide; a well-sampled image has less than 1 / spacing."""
        return _width_times_bandwidth(self.hamming) / self.resolution

    def window(self, frequency: float) -> float:
        """Return the amplitude (1 in the middle, 0 outside the band) at a `frequency` in cycles per metre."""
        inside = abs(frequency) <= self.bandwidth / 2
        return inside * (self.hamming + (1 - self.hamming) * cos(2 * pi * frequency / self.bandwidth))


@lru_cache
def _width_times_bandwidth(hamming):
    """Half-power width of the impulse response, times the width of the window that it is the transform of."""

    def response(place):  # in units of 1 / bandwidth; 1 at place 0
        shifted = _sinc(place - 1) + _sinc(place + 1)
        return _sinc(place) + (1 - hamming) / (2 * hamming) * shifted

    return 2 * brentq(lambda place: response(place) ** 2 - 0.5, 0, 1)


def _sinc(place):
    return sin(pi * place) / (pi * place) if place else 1.0


@dataclass(frozen=True)
class SarPreset:
    """A radar and one of its products.

    band: "C", "X" or "L". range, azimuth: `Sampling`; in ground range where `detected` (a product of intensities), else
    in slant range (a single-look complex product). looks: equivalent number of looks. noise_floor: noise-equivalent
    sigma nought, dB. calibration: standard deviation of the gain from image to image, dB. incidence: nearest and
    farthest angle, degrees. polarisations: that it may deliver.
    """

    band: str
    range: Sampling
    azimuth: Sampling
    detected: bool
    looks: float
    noise_floor: float
    calibration: float
    incidence: tuple[float, float]
    polarisations: tuple[str, ...]

    def slant(self, incidence: float) -> Sampling:
        """Return the `Sampling` in slant range at an `incidence` in radians."""
        if not self.detected:
            return self.range
        return Sampling(self.range.resolution * sin(incidence), self.range.spacing * sin(incidence), self.range.hamming)


SENTINEL1_IW_GRD = SarPreset(
    "C", Sampling(20, 10), Sampling(22, 10), True, 4.4, -24, 0.33, (29, 46), ("VV", "VH", "HH", "HV")
)
"""Resolution, spacing and looks: Sentinel-1 Product Definition (S1-RS-MDA-52-7440), IW GRD high resolution; accuracy
1 dB (three standard deviations). The noise floor is specified as -22 dB at worst; -24 is our choice."""

SENTINEL1_IW_SLC = SarPreset(
    "C", Sampling(3.1, 2.3), Sampling(22, 14.1), False, 1, -24, 0.33, (29, 46), ("VV", "VH", "HH", "HV")
)
"""The same document, IW SLC: 2.7 to 3.5 m by 22 m, the middle swath; spacing 2.3 by 14.1 m."""

TERRASARX_STRIPMAP = SarPreset(
    "X", Sampling(1.2, 0.91, 0.6), Sampling(3.3, 2.0, 0.6), False, 1, -22, 0.3, (20, 45), ("HH", "VV", "HV", "VH")
)
"""TerraSAR-X Basic Product Specification (TX-GS-DD-3302), stripmap of one polarisation: 150 MHz, Hamming 0.6, full
performance range 20° to 45°, radiometric accuracy 0.6 dB (two standard deviations)."""

XBAND_HALF_METRE = SarPreset(
    "X", Sampling(0.5, 0.35), Sampling(0.5, 0.35), True, 1, -22, 0.3, (25, 60), ("HH", "VV", "HV", "VH")
)
"""As the airborne radar of SpaceNet 6 (Shermeyer et al. 2020: X band, four polarisations, 0.5 m) and the spotlights of
the small satellites; spacing, noise floor and accuracy are our choice."""

TERRASARX_SPOTLIGHT = SarPreset(
    "X", Sampling(0.6, 0.455, 0.6), Sampling(1.1, 0.87, 0.6), False, 1, -22, 0.3, (20, 55), ("HH", "VV")
)
"""The same specification as for stripmap, high-resolution spotlight of one polarisation at 300 MHz: 0.6 m in slant
range, 1.1 m in azimuth, full performance range 20° to 55°; azimuth spacing is our choice."""

XBAND_METRE = SarPreset("X", Sampling(1.0, 0.7), Sampling(1.0, 0.7), True, 1, -20, 0.5, (20, 60), ("HH", "VV"))
"""As the spotlight and sliding spotlight products of the small satellites (Capella, ICEYE, Umbra); all our choice."""

XBAND_THREE_METRES = SarPreset("X", Sampling(3.0, 2.2), Sampling(3.0, 2.2), True, 1.5, -20, 0.5, (20, 60), ("HH", "VV"))
"""As their stripmap products; all our choice."""

LBAND_FINE_BEAM = SarPreset(
    "L", Sampling(18, 12.5), Sampling(15, 12.5), True, 4, -26, 0.3, (30, 43), ("HH", "HV", "VV", "VH")
)
"""As the geocoded fine-beam products of ALOS and ALOS-2, with pixels of 12.5 m and four looks; all our choice."""

SAR_PRESETS = {
    "sentinel1_iw_grd": SENTINEL1_IW_GRD,
    "sentinel1_iw_slc": SENTINEL1_IW_SLC,
    "terrasarx_stripmap": TERRASARX_STRIPMAP,
    "terrasarx_spotlight": TERRASARX_SPOTLIGHT,
    "xband_half_metre": XBAND_HALF_METRE,
    "xband_metre": XBAND_METRE,
    "xband_three_metres": XBAND_THREE_METRES,
    "lband_fine_beam": LBAND_FINE_BEAM,
}
