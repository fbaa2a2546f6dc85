"""Quality against numbers that scikit-image 0.25 gave for the same images."""

import numpy as np
import pytest
from sarbridge.engine.translation.quality import QualitySums, whole_quality
from sarbridge.models.translation.ssim import RADIUS


def images():
    """An image and its truth [3, 40, 56]."""
    rows, cols = np.mgrid[:40, :56]
    truth = np.stack([0.5 + 0.4 * np.sin(rows / 3 + band) * np.cos(cols / 5) for band in range(3)])
    return np.clip(0.8 * truth + 0.15 * np.cos(rows * cols / 97), 0, 1), truth


def test_scores_are_those_of_scikit_image():
    quality = whole_quality(*images())["all"]
    assert quality.pixels == 40 * 56
    assert quality.mse == pytest.approx(0.019465326037715103)
    assert quality.psnr == pytest.approx(17.1073831759726)
    # structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)
    assert quality.ssim == pytest.approx(0.775671986036893, abs=1e-6)


def test_zones_are_scored_apart():
    zones = np.full((40, 56), 2 | 16, np.uint8)  # active layover in passive shadow
    zones[:, 28:] = 0
    zones[0, 28:] = 128  # no data in the mask
    qualities = whole_quality(*images(), zones)
    for zone in ("shadow", "layover"):
        assert qualities[zone].pixels == 40 * 28
        assert qualities[zone].mse == pytest.approx(0.018628963701968988)
        assert qualities[zone].ssim == pytest.approx(0.8010481928618146, abs=1e-6)
    assert qualities["undistorted"].pixels == 39 * 28
    assert qualities["foreshortening"] == (0, None, None)


def test_windows_give_what_the_whole_gives():
    image, truth = images()
    zones = np.random.default_rng(0).choice(np.array([0, 1, 4, 24, 128], np.uint8), (40, 56))
    whole, sums = whole_quality(image, truth, zones), QualitySums()
    margin = [(RADIUS, RADIUS)] * 2
    valid, zones = (np.pad(each, margin) for each in (np.ones((40, 56), bool), zones))
    image, truth = (np.pad(each, [(0, 0), *margin]) for each in (image, truth))
    for top, bottom in ((0, 13), (13, 40)):
        for left, right in ((0, 30), (30, 56)):
            part = np.s_[..., top : bottom + 2 * RADIUS, left : right + 2 * RADIUS]
            sums.add(image[part], truth[part], valid[part], zones[part])
    for zone, quality in sums.qualities().items():
        assert quality == pytest.approx(whole[zone]), zone


def test_what_is_not_valid_counts_for_nothing():
    image, truth = images()
    valid = np.zeros((40, 56), bool)
    valid[5:-5, 5:30] = True
    hidden = np.where(valid, image, 7.0)
    scored, alone = QualitySums(), QualitySums()
    scored.add(hidden, truth, valid)
    alone.add(image[..., :35], truth[..., :35], valid[:, :35])
    assert scored.qualities()["all"] == pytest.approx(alone.qualities()["all"])
    assert scored.qualities()["all"].pixels == 30 * 25


def test_identical_images_have_no_error_and_no_psnr():
    quality = whole_quality(*images()[:1] * 2)["all"]
    assert (quality.mse, quality.psnr) == (0, None) and quality.ssim == pytest.approx(1)


def test_an_offset_is_its_square():
    _, truth = images()
    quality = whole_quality(truth * 0.8 + 0.1, truth * 0.8)["all"]
    assert quality.mse == pytest.approx(0.01) and quality.psnr == pytest.approx(20)
