"""How strongly each cover scatters back, by local incidence, polarisation and band.

Angles between those of the table are interpolated in dB. Beyond the last one gamma nought stays what it is there: the
published curves end between 60° and 80°, and a slope seen at grazing angles is a small part of any image.
"""

import math

import torch

from ..surfaces.surface import Cover

FACADE = 9
"""Walls of buildings, beside the values of `Cover`; their local incidence is the angle to the wall's own normal."""

_ANGLES = (0, 20, 40, 60)
_CURVES = {
    Cover.BARE: {"HH": (1.7, -7.0, -12.8, -16.7), "HV": (-12.1, -19.2, -23.0, -25.0), "VV": (2.1, -6.7, -12.8, -17.0)},
    Cover.GRASS: {"HH": (3.7, -8.0, -13.8, -14.1), "HV": (-8.8, -15.1, -19.1, -20.3), "VV": (3.9, -7.3, -12.6, -13.6)},
    Cover.CROP: {"HH": (1.1, -7.6, -12.2, -14.5), "HV": (-11.1, -15.6, -17.9, -19.4), "VV": (0.8, -7.6, -11.6, -13.7)},
    Cover.FOREST: {
        "HH": (-6.2, -7.2, -8.5, -10.7),
        "HV": (-12.5, -13.3, -14.5, -16.5),
        "VV": (-6.5, -7.5, -8.8, -11.0),
    },
    Cover.ROAD: {
        "HH": (4.0, -14.0, -21.0, -27.0),
        "HV": (-15.0, -25.0, -30.0, -34.0),
        "VV": (4.0, -13.5, -20.0, -25.0),
    },
    Cover.PAVED: {"HH": (1.0, -8.5, -12.5, -14.5), "HV": (-10.0, -16.5, -19.5, -21.5), "VV": (1.0, -8.5, -12.5, -14.5)},
    Cover.ROOF: {"HH": (2.0, -7.5, -11.0, -13.0), "HV": (-8.0, -15.0, -18.0, -20.0), "VV": (2.0, -7.5, -11.0, -13.0)},
    FACADE: {"HH": (4.0, -1.0, -4.0, -6.0), "HV": (-5.0, -9.0, -11.5, -13.5), "VV": (4.0, -1.5, -4.5, -6.5)},
}
"""Sigma nought in dB at `_ANGLES` (degrees), C band. Bare ground, grass and crops: the curves that Ulaby and Dobson
(1989, Handbook of Radar Scattering Statistics for Terrain) fit to soil and rock, grasses and short vegetation. The rest
is our choice, of the size that Sentinel-1 shows (forest: gamma nought nearly constant)."""

_GAINS = {
    "C": ({}, 0.0),
    "X": ({Cover.BARE: 1.0, Cover.FOREST: 1.0}, 2.0),
    "L": ({Cover.FOREST: -1.0, Cover.ROOF: -1.0, FACADE: 1.0}, -5.0),
}
"""dB that a band returns more than C band, by cover, and from all others: our choice. Shorter waves meet a rougher
world; L band passes through crops and grass, sees woods by their trunks and branches, and towns as bright as ever."""

_L_BAND_WATER = -4.0
"""dB that L band returns less from water than CMOD5.N, a model of C band, says: our choice."""

_DEGREES_PER_ENTRY = 0.25
_LAST_ENTRY = 360


def gamma_nought(
    cover: torch.Tensor, incidence: torch.Tensor, band: str, polarisation: str, wind_speed: float
) -> torch.Tensor:
    """Return gamma nought, linear, in the shape of `cover` and `incidence`.

    cover: values of `Cover`, or `FACADE`; incidence: local, radians, 0 to pi / 2. Gamma nought is the radar
    cross-section per area across the line of sight, sigma nought / cos(incidence). band: "C", "X" or "L".
    polarisation: "HH", "HV", "VH" or "VV". wind_speed: m/s at 10 m height, for water.
    """
    table = _gamma_table(band, polarisation, wind_speed).to(cover.device)
    entry = (incidence * (math.degrees(1) / _DEGREES_PER_ENTRY) + 0.5).long().clamp_(0, _LAST_ENTRY)
    return table.flatten()[entry.add_(cover.long() * table.shape[1])]


def _gamma_table(band, polarisation, wind_speed):
    """Gamma nought [covers, angles], linear; row 0 (no cover) is 0."""
    polarisation = {"VH": "HV"}.get(polarisation, polarisation)  # the two are equal: reciprocity
    angles = torch.arange(_LAST_ENTRY + 1, dtype=torch.float64) * _DEGREES_PER_ENTRY
    seen = angles.clamp_max(_ANGLES[-1])
    table = torch.zeros((FACADE + 1, len(angles)))
    for cover, curves in _CURVES.items():
        gains, elsewhere = _GAINS[band]
        gain = gains.get(cover, elsewhere)
        table[cover] = 10 ** ((_interpolated(seen, curves[polarisation]) + gain) / 10) / seen.deg2rad().cos()
    seen = angles.clamp_max(80)
    table[Cover.WATER] = water(seen, polarisation, wind_speed) / seen.deg2rad().cos()
    if band == "L":
        table[Cover.WATER] *= 10 ** (_L_BAND_WATER / 10)
    return table


def _interpolated(angles, decibels):
    left = (angles / _ANGLES[1]).long().clamp_max(len(_ANGLES) - 2)
    decibels = torch.tensor(decibels, dtype=angles.dtype)
    return torch.lerp(decibels[left], decibels[left + 1], angles / _ANGLES[1] - left)


def water(degrees: torch.Tensor, polarisation: str, wind_speed: float) -> torch.Tensor:
    """Return sigma nought of open water, linear, at incidences in `degrees` (a tensor) and a wind speed in m/s.

    VV: CMOD5.N (Hersbach 2010), its mean over wind directions (the term B0). HH: VV over the polarisation ratio of
    Thompson et al. (1998), alpha = 0.6. HV: 0.592 wind speed - 35.6 dB, whatever the angle (Vachon and Wolfe 2011).
    All three at C band; X band is taken to be alike, our choice. CMOD knows 16° to 66°; beyond, its ends count.
    """
    if polarisation == "HV":
        return torch.full_like(degrees, 10 ** ((0.592 * wind_speed - 35.6) / 10))
    vertical = _cmod5n_mean(degrees.clamp(16, 66), wind_speed)
    if polarisation == "VV":
        return vertical
    slope = degrees.deg2rad().tan() ** 2
    return vertical * ((1 + 0.6 * slope) / (1 + 2 * slope)) ** 2


def _cmod5n_mean(degrees, wind_speed):
    x = (degrees - 40) / 25
    level = -0.6878 - 0.7957 * x + 0.3380 * x**2 - 0.1728 * x**3 + 0.0040 * x * wind_speed
    steepness = 6.7329 + 2.7713 * x - 2.2885 * x**2
    speed = (0.1103 + 0.0159 * x) * wind_speed
    turn = 0.4971 - 0.7250 * x
    at_turn = turn.sigmoid()
    # Below the turn a power law that meets the sigmoid with the same slope.
    calm = at_turn * (speed / turn.clamp_min(1e-6)).clamp_min(1e-9) ** (turn * (1 - at_turn))
    return torch.where(speed < turn, calm, speed.sigmoid()) ** steepness * 10**level
