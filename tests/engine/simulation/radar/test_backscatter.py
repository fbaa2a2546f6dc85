"""Backscatter of the covers, against the published formulas."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.simulation.radar.backscatter import FACADE, gamma_nought, water
from sarbridge.engine.simulation.surfaces.surface import Cover

ULABY_DOBSON_C = {  # P1 to P6 of the model, C band
    (Cover.BARE, "HH"): (-24.855, 26.351, 1.146, 0.204, 0.0, 0.0),
    (Cover.BARE, "HV"): (-26.700, 15.055, 1.816, -0.499, 0.0, 0.0),
    (Cover.BARE, "VV"): (-24.951, 28.742, 1.043, -1.681, 0.0, 0.0),
    (Cover.GRASS, "HH"): (-15.750, 17.931, 2.369, -1.502, 4.592, -3.142),
    (Cover.GRASS, "HV"): (-23.109, 13.591, 1.508, -0.757, 4.491, -3.142),
    (Cover.GRASS, "VV"): (-93.606, 99.0, 0.220, -5.509, -2.964, 1.287),
    (Cover.CROP, "HH"): (-87.727, 99.0, 0.322, 10.188, -1.747, 3.143),
    (Cover.CROP, "HV"): (-99.0, 93.293, 0.181, 5.359, 1.948, -3.142),
    (Cover.CROP, "VV"): (-88.593, 99.0, 0.326, 9.574, 1.969, -3.142),
}


def sigma_nought(cover, degrees, polarisation, band="C", wind_speed=5.0):
    degrees = torch.as_tensor(degrees, dtype=torch.float32)
    gamma = gamma_nought(torch.full_like(degrees, cover), degrees.deg2rad(), band, polarisation, wind_speed)
    return gamma * degrees.deg2rad().cos()


@pytest.mark.parametrize(("cover", "polarisation"), ULABY_DOBSON_C)
def test_ulaby_and_dobson(cover, polarisation):
    """Exact to the table's rounding at its angles, within 1 dB from 15° to 60°."""
    p = ULABY_DOBSON_C[cover, polarisation]

    def model(degrees):
        angle = np.radians(degrees)
        return p[0] + p[1] * np.exp(-p[2] * angle) + p[3] * np.cos(p[4] * angle + p[5])

    for degrees, tolerance in (([20, 40, 60], 0.06), (np.arange(15, 61), 1.0)):
        simulated = 10 * np.log10(sigma_nought(cover, degrees, polarisation).numpy())
        assert np.abs(simulated - model(np.array(degrees))).max() < tolerance


def cmod5n(speed, direction, degrees):
    """CMOD5.N as its author writes it (scalar, with the wind's direction): Hersbach 2010, coefficients of its table."""
    c = [0, -0.6878, -0.7957, 0.3380, -0.1728, 0.0, 0.0040, 0.1103, 0.0159, 6.7329, 2.7713, -2.2885, 0.4971, -0.7250]
    c += [0.0450, 0.0066, 0.3222, 0.0120, 22.7, 2.0813, 3.0, 8.3659, -3.3428, 1.3236, 6.2437, 2.3893, 0.3249, 4.1590]
    c += [1.6930]
    x = (degrees - 40) / 25
    a0, a1 = c[1] + c[2] * x + c[3] * x**2 + c[4] * x**3, c[5] + c[6] * x
    s, s0 = (c[7] + c[8] * x) * speed, c[12] + c[13] * x
    a3 = 1 / (1 + math.exp(-max(s, s0)))
    if s < s0:
        a3 *= (s / s0) ** (s0 * (1 - a3))
    b0 = a3 ** (c[9] + c[10] * x + c[11] * x**2) * 10 ** (a0 + a1 * speed)
    b1 = c[15] * speed * (0.5 + x - math.tanh(4 * (x + c[16] + c[17] * speed)))
    b1 = (c[14] * (1 + x) - b1) / (1 + math.exp(0.34 * (speed - c[18])))
    v0, d1, d2 = c[21] + c[22] * x + c[23] * x**2, c[24] + c[25] * x + c[26] * x**2, c[27] + c[28] * x
    y = speed / v0 + 1
    if y < c[19]:
        y = c[19] - (c[19] - 1) / c[20] + (y - 1) ** c[20] / (c[20] * (c[19] - 1) ** (c[20] - 1))
    b2 = (d2 * y - d1) * math.exp(-y)
    return b0 * (1 + b1 * math.cos(direction) + b2 * math.cos(2 * direction)) ** 1.6


@pytest.mark.parametrize("speed", [1.5, 5, 9])
@pytest.mark.parametrize("degrees", [20, 35, 46, 60])
def test_water_is_cmod5n_averaged_over_wind_directions(speed, degrees):
    directions = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    mean = np.mean([cmod5n(speed, direction, degrees) for direction in directions])
    simulated = float(water(torch.tensor(float(degrees)), "VV", speed))
    assert 10 * math.log10(simulated / mean) == pytest.approx(0, abs=0.3)


def test_water_in_the_other_polarisations():
    angle = torch.tensor(40.0)
    ratio = ((1 + 2 * math.tan(math.radians(40)) ** 2) / (1 + 0.6 * math.tan(math.radians(40)) ** 2)) ** 2
    assert float(water(angle, "VV", 6.0) / water(angle, "HH", 6.0)) == pytest.approx(ratio, rel=1e-4)
    assert 10 * math.log10(float(water(angle, "HV", 6.0))) == pytest.approx(0.592 * 6 - 35.6, abs=1e-3)


def test_order_of_the_covers():
    """What any Sentinel-1 image shows at 40°: built and wooded bright, roads and water dark; reciprocity holds."""
    at_40 = {cover: float(sigma_nought(cover, 40.0, "VH")) for cover in [*Cover, FACADE]}
    assert at_40[FACADE] > at_40[Cover.FOREST] > at_40[Cover.CROP] > at_40[Cover.BARE] > at_40[Cover.ROAD]
    assert at_40[Cover.ROAD] > at_40[Cover.WATER]
    assert at_40[Cover.CROP] == float(sigma_nought(Cover.CROP, 40.0, "HV"))
    assert float(sigma_nought(Cover.CROP, 40.0, "VV", "X")) > float(sigma_nought(Cover.CROP, 40.0, "VV"))


def test_l_band_sees_woods_and_towns_and_little_else():
    def in_band(band, cover):
        return float(sigma_nought(cover, 40.0, "HH", band))

    for cover in (Cover.CROP, Cover.BARE, Cover.WATER):
        assert in_band("L", cover) < 0.5 * in_band("C", cover)
    assert in_band("L", Cover.FOREST) / in_band("L", Cover.CROP) > 2 * in_band("C", Cover.FOREST) / in_band(
        "C", Cover.CROP
    )
    assert in_band("L", FACADE) > in_band("C", FACADE)


def test_gamma_stays_finite_at_grazing_angles():
    for polarisation in ("HH", "HV", "VV"):
        angles = torch.linspace(0, math.pi / 2, 1000)
        for cover in [*Cover, FACADE]:
            gamma = gamma_nought(torch.full_like(angles, cover), angles, "C", polarisation, 5.0)
            assert bool((gamma > 0).all() and (gamma < 4).all()), cover
