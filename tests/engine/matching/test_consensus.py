"""Votes that agree on one similarity, among others that are wrong."""

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.engine.matching.consensus import MOST_ROTATION, MOST_SCALE, consensus

REACH = 100
SEARCHED = (2 * REACH + 1) ** 2


def votes(transform, right, wrong, noise=0.3, seed=0):
    """Votes of random places: `right` ones of a transform, and `wrong` ones for anywhere within reach."""
    random = np.random.default_rng(seed)
    optical = random.uniform(0, 600, (right + wrong, 2))
    sar = np.column_stack(transform * optical.T) + random.normal(0, noise, optical.shape)
    sar[right:] = optical[right:] + random.uniform(-REACH, REACH, (wrong, 2))
    return optical, sar


@pytest.mark.parametrize(
    "planted",
    [
        Affine.translation(80, -30),
        Affine.translation(10, 20) * Affine.rotation(9) * Affine.scale(0.92),
        Affine.translation(-40, 60) * Affine.rotation(-10) * Affine.scale(1.1),
    ],
)
def test_a_similarity_is_found_among_seventy_percent_of_wrong_votes(planted):
    optical, sar = votes(planted, right=12, wrong=28)
    found = consensus(optical, sar, 2.5, SEARCHED)
    assert found.is_sure and found.agrees[:12].all() and found.agrees.sum() <= 14
    corners = np.array([[0, 0], [600, 0], [0, 600], [600, 600]]).T
    assert np.abs(np.subtract(found.transform * corners, planted * corners)).max() < 1.5


@pytest.mark.parametrize("seed", range(20))
def test_random_votes_are_not_sure(seed):
    found = consensus(*votes(Affine.identity(), right=0, wrong=40, seed=seed), 2.5, SEARCHED)
    assert found is None or not found.is_sure


def test_a_few_votes_that_agree_may_be_chance():
    """Three are refused however well they agree; four among forty within a small reach as well."""
    assert not consensus(*votes(Affine.translation(9, 9), right=3, wrong=0), 2.5, SEARCHED).is_sure
    assert not consensus(*votes(Affine.translation(9, 9), right=4, wrong=36), 2.5, 400).is_sure


def test_votes_on_the_same_ground_count_less():
    optical, sar = votes(Affine.translation(5, 5), right=5, wrong=3)
    alone, shared = (consensus(optical, sar, 2.5, SEARCHED, share) for share in (1.0, 0.25))
    assert alone.is_sure and not shared.is_sure and (alone.agrees == shared.agrees).all()


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (Affine.rotation(MOST_ROTATION - 0.5), Affine.rotation(MOST_ROTATION + 1)),
        (Affine.rotation(0.5 - MOST_ROTATION), Affine.rotation(-MOST_ROTATION - 1)),
        (Affine.scale(MOST_SCALE - 0.01), Affine.scale(MOST_SCALE + 0.03)),
        (Affine.scale(1 / (MOST_SCALE - 0.01)), Affine.scale(1 / (MOST_SCALE + 0.03))),
    ],
)
def test_rotation_and_scale_have_bounds(inside, outside):
    assert consensus(*votes(inside, right=30, wrong=0, noise=0.01), 2.5, SEARCHED).agrees.all()
    found = consensus(*votes(outside, right=30, wrong=0, noise=0.01), 2.5, SEARCHED)
    assert found is None or not found.agrees.all()


def test_mirrored_votes_have_no_similarity():
    found = consensus(*votes(Affine.translation(600, 0) * Affine.scale(-1, 1), right=30, wrong=0), 2.5, SEARCHED)
    assert found is None or not found.is_sure


def test_votes_of_one_place_determine_nothing():
    optical = np.array([[10.0, 10.0], [12.0, 11.0], [14.0, 9.0]])
    assert consensus(optical, optical + 5, 2.5, SEARCHED) is None
