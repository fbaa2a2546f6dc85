"""Spectra brought to the middle: where they lay, and that nothing else changes."""

import dataclasses

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.engine.despeckling.centred_reader import CentredReader
from sarbridge.engine.despeckling.survey import survey
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_SLC, TERRASARX_STRIPMAP
from sarbridge.tests.engine.despeckling.simulated_slc import (
    HEIGHT,
    PADDED,
    WIDTH,
    bursts,
    shifted,
    simulated,
    surveyed,
    with_gaps,
)
from sarbridge.tests.engine.rasters.test_grid_reader import grid_over, write

CASES = {
    "Doppler": lambda: shifted(simulated(), 0.12, -0.31),
    "two bands": lambda: shifted(np.concatenate([simulated(), simulated(seed=1)]), down=0.2),
    "drift": lambda: shifted(simulated(), np.linspace(0, 0.1, WIDTH), np.linspace(-0.2, 0.2, HEIGHT)),
    "padded": lambda: shifted(simulated(PADDED), -0.2, 0.15),
    "burst": lambda: shifted(simulated(), down=np.linspace(-1.6, 1.6, HEIGHT)),
    "two bursts": lambda: with_gaps(shifted(simulated(), 0.05, bursts(HEIGHT))),
    "bursts across": lambda: shifted(simulated(height=WIDTH, width=HEIGHT), bursts(HEIGHT)),
    "stripmap": lambda: shifted(simulated(TERRASARX_STRIPMAP), 0.03),
}


@pytest.mark.parametrize("case", CASES)
def test_centring_makes_the_parts_independent(tmp_path, case):
    found = surveyed(tmp_path, CASES[case]())
    assert found.before.correlation > 2 * found.before.chance
    assert found.after.correlation < max(0.05, found.after.chance) and not found.centring.is_identity
    assert not found.doubts("slc")
    assert "was off centre" in found.found("slc")


def test_centres_are_those_of_the_spectrum(tmp_path):
    found = surveyed(tmp_path, shifted(simulated(), 0.12, np.linspace(-0.2, 0.2, HEIGHT))).centring
    np.testing.assert_allclose(found.across.frequencies, 0.12, atol=0.005)
    error = found.down.frequencies - np.linspace(-0.2, 0.2, HEIGHT)[1:]
    assert np.sqrt((error**2).mean()) < 0.02


@pytest.mark.parametrize("preset", [SENTINEL1_IW_SLC, TERRASARX_STRIPMAP, PADDED])
def test_a_centred_image_is_left_as_it_is(tmp_path, preset):
    samples = simulated(preset)
    source, grid = write(tmp_path / "slc.tif", samples), grid_over(WIDTH, HEIGHT)
    found = survey(source, grid)
    assert found.centring.is_identity and found.after is found.before and not found.doubts("slc")
    assert found.before.correlation < max(0.03, found.before.chance)
    with CentredReader(source, grid, found.centring) as reader:
        values, _ = reader.read_bands(Window(0, 0, WIDTH, HEIGHT))
    np.testing.assert_array_equal(values[0] + 1j * values[1], samples[0])


def test_windows_agree_and_power_is_kept(tmp_path):
    samples = with_gaps(shifted(simulated(), 0.05, bursts(HEIGHT)))
    source, grid = write(tmp_path / "slc.tif", samples), grid_over(WIDTH, HEIGHT)
    found = survey(source, grid).centring
    with CentredReader(source, grid, found) as reader:
        whole, valid = reader.read_bands(Window(0, 0, WIDTH, HEIGHT))
        for window in (Window(0, 0, 50, 33), Window(101, 230, 7, 91), Window(300, 17, 60, 1)):
            part, _ = reader.read_bands(window)
            expected = whole[:, window.row :, window.col :][:, : window.height, : window.width]
            np.testing.assert_array_equal(part, expected)
    assert np.array_equal(valid, samples[0] != 0) and not np.array_equal(whole[0], samples[0].real)
    np.testing.assert_allclose(whole[0] ** 2 + whole[1] ** 2, np.abs(samples[0]) ** 2, rtol=1e-5)


def test_mirrored_pixels_have_the_phase_of_those_within(tmp_path):
    samples = shifted(simulated(), 0.12, -0.31)
    source, grid = write(tmp_path / "slc.tif", samples), grid_over(WIDTH, HEIGHT)
    with CentredReader(source, grid, survey(source, grid).centring) as reader:
        whole, _ = reader.read_bands(Window(0, 0, WIDTH, HEIGHT))
        mirrored, known = reader.read_mirrored(Window(-20, -30, WIDTH + 40, HEIGHT + 60))
    np.testing.assert_array_equal(mirrored, np.pad(whole, ((0, 0), (30, 30), (20, 20)), mode="reflect"))
    assert known.sum() == WIDTH * HEIGHT


def test_around_a_part_of_an_image_the_phase_goes_on(tmp_path):
    source = write(tmp_path / "slc.tif", shifted(simulated(), 0.12, -0.31))
    grid = grid_over(WIDTH, HEIGHT)
    part = dataclasses.replace(grid, transform=grid.transform * Affine.translation(100, 90), width=200, height=300)
    found = survey(source, part).centring
    with CentredReader(source, part, found) as reader, ComplexReader(source, part) as as_it_is:
        whole, _ = reader.read_bands(Window(-100, -90, WIDTH, HEIGHT))
        raw, _ = as_it_is.read_bands(Window(-100, -90, WIDTH, HEIGHT))
    turn = (whole[0] + 1j * whole[1]) * (raw[0] - 1j * raw[1])
    for axis, frequency in ((1, -0.12), (0, 0.31)):
        steps = np.roll(turn, -1, axis)[:-1, :-1] * turn[:-1, :-1].conj()
        np.testing.assert_allclose(np.angle(steps) / (2 * np.pi), frequency, atol=0.01)
