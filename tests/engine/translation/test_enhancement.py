"""The filters against their definitions."""

import numpy as np
import pytest
import torch
from sarbridge.engine.translation.enhancement import enhancement
from scipy.ndimage import gaussian_filter, laplace

IMAGE = gaussian_filter(np.random.default_rng(0).random((90, 100)), 2) * 2 - 0.5


def enhanced(name, image):
    return enhancement(name)(torch.from_numpy(image)[None, None].float())[0, 0].numpy()


def test_the_laplacian_is_taken_from_the_image():
    expected = IMAGE - laplace(IMAGE, mode="nearest")
    assert np.abs(enhanced("laplacian", IMAGE) - expected.clip(0, 1)).max() < 1e-5


def test_wiener_undoes_a_blur_of_nine_pixels_where_it_can():
    profile = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 29**2))
    wave = np.sin(2 * np.pi * np.arange(100) / 20)[None] * np.ones((90, 1))
    kept = (profile / profile.sum() * np.cos(2 * np.pi * np.arange(-4, 5) / 20)).sum()
    blurred = enhanced("wiener", 0.5 + 0.2 * kept * wave)
    gain = np.ptp(blurred[45, 40:60]) / (0.4 * kept)
    assert gain == pytest.approx((kept + 0.25) / (kept**2 + 0.25), rel=0.02) and gain > 1.2


@pytest.mark.parametrize("name", ["laplacian", "wiener"])
def test_what_is_even_stays(name):
    assert enhanced(name, np.full((20, 30), 0.3)) == pytest.approx(0.3, abs=1e-5)


def test_none_is_no_filter():
    assert enhancement("none") is None
