"""Touching buildings come apart where borders are, and only there."""

import numpy as np
from sarbridge.engine.buildings.separation import separated
from scipy import ndimage


def test_two_houses_of_a_row_come_apart_in_the_middle_of_their_border():
    mask, border = np.zeros((12, 30), bool), np.zeros((12, 30), bool)
    mask[2:10, 2:28] = True
    border[:, 13:17] = True
    labels = separated(mask, border)
    assert ((labels > 0) == mask).all()
    assert len(np.unique(labels[2:10, 2:15])) == len(np.unique(labels[2:10, 15:28])) == 1
    assert labels[5, 5] != labels[5, 20]


def test_a_building_without_a_seed_stays_and_takes_no_part_of_its_neighbour():
    mask, border = np.zeros((12, 30), bool), np.zeros((12, 30), bool)
    mask[2:10, 2:6] = mask[2:10, 8:20] = True
    border[:, 2:6] = border[:, 12:15] = True
    labels = separated(mask, border)
    assert len(np.unique(labels[mask])) == 3 and len(np.unique(labels[2:10, 2:6])) == 1


def test_rims_of_a_single_house_are_no_houses():
    mask = np.zeros((12, 12), bool)
    mask[1:11, 1:11] = True
    border = mask & ~ndimage.binary_erosion(mask, iterations=2)
    assert np.array_equal(separated(mask, border) > 0, mask) and separated(mask, border).max() == 1


def test_seeds_grow_round_corners_and_each_building_is_connected():
    generator = np.random.default_rng(3)
    mask = ndimage.gaussian_filter(generator.normal(size=(120, 160)), 4) > 0
    border = ndimage.gaussian_filter(generator.normal(size=(120, 160)), 2) > 0.05
    labels = separated(mask, border)
    assert ((labels > 0) == mask).all()
    for label in np.unique(labels[mask]):
        assert ndimage.label(labels == label)[1] == 1
    seeds, count = ndimage.label(mask & ~border)
    for seed in range(1, count + 1):
        assert len(np.unique(labels[seeds == seed])) == 1


def test_crumbs_between_borders_are_no_buildings():
    mask, border = np.zeros((12, 30), bool), np.zeros((12, 30), bool)
    mask[2:10, 2:28] = True
    border[:, 13:17] = True
    mask[2:4, 14:16], border[2:4, 14:16] = True, False  # a seed of 4 pixels amid the border
    assert len(np.unique(separated(mask, border)[mask])) == 3
    labels = separated(mask, border, least_seed=5)
    assert ((labels > 0) == mask).all() and len(np.unique(labels[mask])) == 2
