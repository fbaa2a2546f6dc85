"""Patches of Inception-v3: each is seen once, whatever the areas they are read in."""

import numpy as np
import pytest
import torch
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.translation.inception_features import PATCH, InceptionFeatures
from sarbridge.tests.inception_weights import write_weights

MARGIN = InceptionFeatures.margin


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    path = write_weights(tmp_path_factory.mktemp("weights") / "inception.safetensors")
    return InceptionFeatures(path, 3, torch.device("cpu"), NullReporter())


def seen(features, monkeypatch, image, valid, side):
    """Which patches are seen of an image [3, h, w] that is read in areas of `side` pixels."""
    patches = []
    monkeypatch.setattr(features, "_describe", lambda given: patches.extend(given) or [np.zeros((len(given), 2048))])
    around = [(MARGIN, MARGIN)] * 2
    image, valid = np.pad(image, [(0, 0), *around]), np.pad(valid, around)
    for row in range(0, valid.shape[0] - 2 * MARGIN, side):
        for col in range(0, valid.shape[1] - 2 * MARGIN, side):
            area = np.s_[..., row : row + side + 2 * MARGIN, col : col + side + 2 * MARGIN]
            features.vectors(image[area], valid[area])
    return {tuple(patch[:, 0, 0].astype(int)) for patch in patches}, len(patches)


@pytest.mark.parametrize("side", [128, 256, 1024])
def test_each_whole_patch_is_seen_once(features, monkeypatch, side):
    rows, cols = np.mgrid[:400, :700]
    valid = np.ones((400, 700), bool)
    valid[300, 10] = False  # of the patch at (128, 0)
    expected = {(row, col, 0) for row in (0, 128) for col in (0, 128, 256, 384)} - {(128, 0, 0)}
    assert seen(features, monkeypatch, np.stack([rows, cols, 0 * rows]), valid, side) == (expected, 7)


def test_one_band_is_shown_thrice(features):
    grey = np.random.default_rng(0).uniform(size=(1, PATCH + 1, PATCH + 1)).astype(np.float32)
    valid = np.ones(grey.shape[1:], bool)
    [of_grey], [of_colours] = features.vectors(grey, valid), features.vectors(grey.repeat(3, 0), valid)
    assert np.array_equal(of_grey, of_colours) and of_grey.shape == (2048,) and of_grey.std() > 0
