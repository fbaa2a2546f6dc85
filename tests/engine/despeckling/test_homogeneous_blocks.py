"""Blocks for comparing images before and after: where the ground is flat, and chosen without favour."""

import numpy as np
import pytest
from sarbridge.engine.despeckling.homogeneous_blocks import equivalent_looks, homogeneous_blocks
from sarbridge.engine.despeckling.looks import estimate_speckle
from sarbridge.tests.engine.despeckling.simulated_speckle import GRD, SLC, intensity
from scipy.ndimage import gaussian_filter, uniform_filter


def chosen(image, count):
    return homogeneous_blocks(image[None], estimate_speckle(image[None]), count)


@pytest.mark.parametrize(("samplings", "looks"), [(SLC, 1), (GRD, 4.4)])
def test_they_lie_on_flat_ground(samplings, looks):
    texture = gaussian_filter(np.random.default_rng(1).normal(size=(512, 512)), 4)
    power = np.exp(0.6 * texture / texture.std())
    power[:, :128] = 0.5
    blocks = chosen(intensity(power, samplings, looks), 20)
    assert (blocks[:, 2] < 128).mean() >= 0.8


def test_the_choice_favours_neither_image():
    """On flat ground all blocks are alike: those chosen must not be smoother than the others, before nor after."""
    power = np.ones((1024, 1024))
    image = intensity(power)
    after = uniform_filter(image, 7, mode="wrap")
    rows, cols = np.mgrid[0:1024:32, 0:1024:32]
    everywhere = np.column_stack([0 * rows.ravel(), rows.ravel(), cols.ravel()])
    some = chosen(image, 100)
    for each, tolerance in ((image, 0.03), (after, 0.15)):
        mean_of_all = np.mean(equivalent_looks(each[None], everywhere))
        assert np.mean(equivalent_looks(each[None], some)) == pytest.approx(mean_of_all, rel=tolerance)


def test_blocks_hold_no_gaps_and_do_not_overlap():
    images = np.stack([intensity(np.ones((128, 128)), seed=seed) for seed in range(3)])
    images[0] = np.nan
    images[1, :64] = 0
    blocks = homogeneous_blocks(images, estimate_speckle(images), 50)
    assert len(blocks) > 9
    for block in blocks:
        beside = (np.abs(blocks - block)[:, 1:] < 32).all(axis=1) & (blocks[:, 0] == block[0])
        assert beside.sum() == 1  # only itself
    assert set(blocks[:, 0]) == {1, 2}
    assert blocks[blocks[:, 0] == 1][:, 1].min() >= 64


def test_where_nothing_is_homogeneous_there_are_none():
    steep = np.geomspace(1, 1e6, 256)[None].repeat(256, 0)
    speckle = estimate_speckle(intensity(np.ones((128, 128)))[None])
    assert len(homogeneous_blocks(intensity(steep)[None], speckle, 20)) == 0


def test_texture_of_single_pixels_is_not_homogeneous():
    texture = np.exp(1.5 * np.random.default_rng(0).normal(size=(256, 256)))
    speckle = estimate_speckle(intensity(np.ones((128, 128)), looks=4.0)[None])
    assert len(homogeneous_blocks(intensity(texture, looks=4.0)[None], speckle, 20)) == 0


def test_smaller_than_a_block():
    speckle = estimate_speckle(intensity(np.ones((128, 128)))[None])
    assert homogeneous_blocks(np.ones((2, 30, 200)), speckle, 5).shape == (0, 3)


def test_equivalent_looks():
    image = np.ones((1, 64, 64))
    image[0, :32, :32:2] = 3
    looks = equivalent_looks(image, np.array([[0, 0, 0], [0, 32, 32]]))
    assert looks.tolist() == [4.0, np.inf]
    assert len(equivalent_looks(image, np.empty((0, 3), int))) == 0
