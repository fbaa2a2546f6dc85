"""Classical filters on simulated speckle: flat ground, edges, points, tiles, and images of any calibration."""

import numpy as np
import pytest
import torch
from sarbridge.contract.despeckling_jobs import DESPECKLERS
from sarbridge.engine.despeckling.band_despeckler import Filtered
from sarbridge.engine.despeckling.classical import CLASSICAL
from sarbridge.engine.despeckling.filters.lee_sigma import BRIGHT_SHARE, sigma_range
from sarbridge.engine.despeckling.speckled_scene import band_of
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.rasters.radiometry import to_db
from sarbridge.tests.engine.despeckling.simulated_speckle import SLC, intensity
from sarbridge.tests.engine.inference.toy_networks import mapped
from scipy.stats import gamma

KEYS = tuple(CLASSICAL)
FLAT = np.ones((256, 256))

pytestmark = pytest.mark.usefixtures("one_thread")


def made(key, image, looks):
    return CLASSICAL[key](looks, float(np.quantile(image, BRIGHT_SHARE)))


@torch.inference_mode()
def filtered(key, image, looks=1.0):
    image = np.asarray(image, np.float32)
    return made(key, image, looks)(torch.from_numpy(image)[None, None])[0, 0].numpy()


def test_filters_are_those_that_jobs_may_name():
    assert set(CLASSICAL) == set(DESPECKLERS) - {"model"}


def looks_of(image):
    return image.mean() ** 2 / image.var()


@pytest.mark.parametrize("looks", [1, 2, 4.4, 20])
@pytest.mark.parametrize(("key", "most", "least"), [("boxcar", 49, 43), ("refined_lee", 28, 13), ("lee_sigma", 81, 19)])
def test_flat_ground_becomes_smooth_and_keeps_its_mean(key, most, least, looks):
    """By at most as many looks as there are pixels in the window; less for those that look for what is not flat."""
    image = intensity(FLAT, looks=looks)
    after = filtered(key, image, looks)
    assert after.mean() == pytest.approx(image.mean(), rel=0.022 if looks == 1 else 0.012)
    assert least < looks_of(after) / looks_of(image) < most


@pytest.mark.parametrize("key", KEYS)
def test_without_speckle_nothing_changes_on_flat_ground(key):
    np.testing.assert_allclose(filtered(key, np.full((40, 50), 3e-3)), 3e-3, rtol=1e-5)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("slope", [0, 1])
@pytest.mark.parametrize("key", ["refined_lee", "lee_sigma"])
def test_edges_of_all_directions_stay_where_the_mean_blurs_them(key, slope, turns):
    """Beside an edge of 10 dB, pixels of the dark side hold what has leaked from the bright one."""
    rows, cols = np.mgrid[-64:64, -64:64]
    behind = np.rot90(cols + slope * rows, turns)
    image = intensity(np.ones((128, 128)), looks=4.4) * np.where(behind >= 0, 10.0, 1.0)
    beside = (behind < 0) & (behind >= -2)
    beside[:8] = beside[-8:] = beside[:, :8] = beside[:, -8:] = False
    leaked = {each: filtered(each, image, 4.4)[beside].mean() - 1 for each in (key, "boxcar")}
    assert leaked["boxcar"] > 2
    assert leaked[key] < 0.15 * leaked["boxcar"]


def test_points_survive_lee_sigma():
    image = intensity(FLAT)
    image[99:102, 49:52] = 200
    image[30, 30] = 200  # a single pixel may be speckle
    after = filtered("lee_sigma", image)
    np.testing.assert_array_equal(after[99:102, 49:52], 200)
    assert after[94:98, 44:57].max() < 10
    assert filtered("boxcar", image)[100, 50] < 50


@pytest.mark.parametrize("key", KEYS)
def test_a_pixel_depends_on_no_more_than_its_reach(key):
    image = intensity(FLAT[:64, :64], SLC)
    network = made(key, image, 1)
    reach = network.reach
    values = torch.from_numpy(image)[None, None].requires_grad_()
    network(values)[0, 0, 32, 30].backward()
    rows, cols = np.nonzero(values.grad[0, 0].numpy())
    assert max(np.abs(rows - 32).max(), np.abs(cols - 30).max()) <= reach
    whole, part = network(values), network(values[..., 10:40, 5:50])
    inner = slice(reach, -reach)
    expected = whole[..., 10:40, 5:50][..., inner, inner]
    torch.testing.assert_close(part[..., inner, inner], expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("scale", [1e-30, 1e-9, 1e12, 1e34])
@pytest.mark.parametrize("key", KEYS)
def test_calibration_does_not_matter(key, scale):
    image = intensity(FLAT[:64, :64])
    np.testing.assert_allclose(filtered(key, image * np.float32(scale)) / scale, filtered(key, image), rtol=1e-4)


@pytest.mark.parametrize("key", KEYS)
def test_bands_and_zeros(key):
    images = np.stack([intensity(FLAT[:40, :50], seed=seed) * 1000**seed for seed in range(3)])
    images[1] = 0
    after = made(key, images, 1)(torch.from_numpy(images)[None])
    assert after.shape == (1, 3, 40, 50)
    assert (after[0, 1] == 0).all()
    assert after[0, 0].mean() == pytest.approx(1, rel=0.15)
    assert after[0, 2].mean() == pytest.approx(1e6, rel=0.15)


@pytest.mark.parametrize("key", KEYS)
def test_tiles_give_what_the_whole_gives(key):
    image = intensity(FLAT[:150, :170], SLC)
    power_filter = made(key, image, 1)
    tiles = mapped(Filtered(power_filter, band_of(image[None])), image[None], Tiling(64, power_filter.reach, 1)).values[
        0
    ]
    inner = (slice(power_filter.reach, -power_filter.reach),) * 2
    np.testing.assert_allclose(tiles[inner], to_db(filtered(key, image))[inner], atol=1e-3)


@pytest.mark.parametrize("looks", [0.6, 1, 4.4, 100])
@pytest.mark.parametrize("sigma", [0.5, 0.9, 0.95])
def test_sigma_ranges_hold_their_share_and_keep_the_mean(sigma, looks):
    low, high, variance = sigma_range(looks, sigma)
    speckle = gamma(looks, scale=1 / looks)
    assert speckle.cdf(high) - speckle.cdf(low) == pytest.approx(sigma)
    assert speckle.expect(lb=low, ub=high, conditional=True) == pytest.approx(1, abs=1e-5)
    squares = speckle.expect(lambda x: (x - 1) ** 2, lb=low, ub=high, conditional=True)
    assert variance == pytest.approx(squares, abs=1e-5)


def test_sigma_ranges_are_those_of_the_paper():
    """Single look, intensity: range and standard deviation, to what the paper's numerical search reached."""
    for sigma, low, high, deviation in ((0.5, 0.436, 1.920, 0.4057), (0.9, 0.084, 3.941, 0.8191)):
        found_low, found_high, variance = sigma_range(1, sigma)
        assert (found_low, found_high) == pytest.approx((low, high), abs=0.01)
        assert variance**0.5 == pytest.approx(deviation, abs=1e-3)
