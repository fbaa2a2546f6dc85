"""Equivalent number of looks and correlation of simulated and real speckle."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from sarbridge.engine.despeckling.looks import estimate_speckle
from sarbridge.tests.engine.despeckling.simulated_speckle import GRD, INDEPENDENT, SLC, intensity
from scipy.ndimage import gaussian_filter

SLC_IMAGES = Path(__file__).resolve().parents[4] / "shared" / "data" / "slc"
FLAT = np.ones((256, 256))


def textured(share_flat, seed=1):
    """Return a mean power [512, 512]: flat on the left, fields and trees of 2.6 dB on the rest."""
    texture = gaussian_filter(np.random.default_rng(seed).normal(size=(512, 512)), 3)
    power = np.exp(0.6 * texture / texture.std())
    power[:, : int(512 * share_flat)] = 0.5
    return power


@pytest.mark.parametrize("samplings", [INDEPENDENT, SLC, GRD])
@pytest.mark.parametrize("looks", [1, 2, 4.4])
def test_looks_of_flat_ground(samplings, looks):
    assert estimate_speckle(intensity(FLAT, samplings, looks)[None]).looks == pytest.approx(looks, rel=0.06)


@pytest.mark.parametrize("looks", [1, 4.4])
@pytest.mark.parametrize("samplings", [INDEPENDENT, SLC, GRD])
def test_a_quarter_of_flat_ground_is_enough(samplings, looks):
    image = intensity(textured(0.25), samplings, looks)
    over_all = image.mean() ** 2 / image.var()
    assert over_all < 0.75 * looks
    assert estimate_speckle(image[None]).looks == pytest.approx(looks, rel=0.12)


@pytest.mark.parametrize("samplings", [INDEPENDENT, SLC, GRD])
def test_correlation_of_neighbours(samplings):
    image = intensity(np.ones((1024, 1024)), samplings, seed=3)
    truth = image - image.mean()
    cols, rows = (truth[:, 1:] * truth[:, :-1]).mean() / image.var(), (truth[1:] * truth[:-1]).mean() / image.var()
    found = estimate_speckle(intensity(FLAT, samplings, seed=4)[None])
    assert found.correlation_cols == pytest.approx(cols, abs=0.03)
    assert found.correlation_rows == pytest.approx(rows, abs=0.03)
    assert found.correlation_area >= 1


def test_scale_and_windows_do_not_matter():
    image = intensity(FLAT, SLC, 2)
    whole = estimate_speckle(image[None])
    scaled = estimate_speckle((image * np.float32(1e12))[None])
    assert scaled.looks == pytest.approx(whole.looks, rel=1e-4)
    windows = image.reshape(2, 128, 2, 128).swapaxes(1, 2).reshape(4, 128, 128)
    assert estimate_speckle(windows).looks == pytest.approx(whole.looks, rel=0.04)


def test_gaps_zeros_and_saturated_places_do_not_count():
    image = intensity(FLAT)
    image[:, :64] = np.nan
    image[:64] = 0
    image[200:] = 255
    found = estimate_speckle(image[None])
    assert found.looks == pytest.approx(1, rel=0.06)


@pytest.mark.parametrize("image", [intensity(np.ones((40, 40))), np.ones((256, 256)), np.full((256, 256), np.nan)])
def test_too_little_to_judge_by(image):
    assert estimate_speckle(image[None]) is None


def test_smaller_than_a_block():
    assert estimate_speckle(intensity(np.ones((9, 300)))[None]) is None


@pytest.mark.parametrize("name", ["envisat_480x480", "rotterdam_capella_x_vv_c64", "uavsar_winnipeg"])
def test_single_look_complex_images_have_one_look(name):
    path = SLC_IMAGES / f"{name}.tif"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with rasterio.open(path) as dataset:
        power = np.abs(dataset.read(1)) ** 2
    assert estimate_speckle(power[None]).looks == pytest.approx(1, abs=0.08)
