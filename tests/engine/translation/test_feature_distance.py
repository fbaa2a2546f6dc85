"""The Fréchet distance against what is known of it, and against a number that scipy's matrix root gave."""

import math

import numpy as np
import pytest
from sarbridge.engine.translation.feature_distance import FeatureComparison, FeatureSums, frechet_distance


def features():
    """Two sets of 60 feature vectors [60, 4]."""
    count = np.arange(60)
    first = np.stack([np.sin(count * k * 0.7) + k * 0.1 * np.cos(count**1.3) for k in range(1, 5)], 1)
    return first, 0.9 * np.roll(first, 1, 1) + np.array([0.1, 0.2, 0, -0.3])


def sums_of(vectors):
    sums = FeatureSums(vectors.shape[1])
    for part in np.array_split(vectors, 3):
        sums.add(part)
    return sums


def test_the_frechet_distance_is_that_of_the_matrix_root():
    first, second = (sums_of(vectors).normal() for vectors in features())
    assert frechet_distance(first, second) == pytest.approx(0.18433283884509952)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)


def test_normal_distributions_on_a_line_differ_by_mean_and_deviation():
    values = np.linspace(-1, 1, 41)[:, None]
    deviation = values.std(ddof=1)
    distance = frechet_distance(sums_of(values).normal(), sums_of(3 * values + 2).normal())
    assert distance == pytest.approx(2**2 + (2 * deviation) ** 2) and not math.isnan(distance)


class Means:
    """Describes each column of an area by the mean of its bands and by the first of them."""

    KEY = TITLE = ABOUT = SAMPLES = name = "toy"
    count, margin, area = 2, 3, 128

    def vectors(self, colours, valid):
        inner = colours[:, 3:-3, 3:-3].mean(1)
        return np.stack([inner.mean(0), inner[0]], 1)[valid[3:-3, 3:-3].all(0)]


def seen_by(areas):
    """What is seen of images that are a shift of 0.5 apart, area by area, and of one even colour."""
    seen = FeatureComparison(Means(), ["shifted", "even"])
    for area in areas:
        valid = np.ones(area.shape[1:], bool)
        seen.add({"shifted": (area + 0.5, valid)}, (area, valid))
    seen.add_even("even", np.array([0.2, 0.4, 0.9]))
    return seen


def test_images_are_compared_area_by_area():
    areas = [np.random.default_rng(number).uniform(size=(3, 12, 26)).astype(np.float32) for number in range(2)]
    seen = seen_by(areas)
    reference = np.concatenate([Means().vectors(area, np.ones(area.shape[1:], bool)) for area in areas])
    distances = seen.distances()
    assert seen.samples == 40 and distances["shifted"] == pytest.approx(0.5, rel=1e-5)
    mean, variances = reference.mean(0), reference.var(0, ddof=1)
    even = np.square(mean - (0.5, 0.2)).sum() + variances.sum()  # what does not vary has no covariance
    assert distances["even"] == pytest.approx(even, rel=1e-5)


@pytest.mark.parametrize(
    ("columns", "doubt"), [(1, "know 1 whole toy"), (2, "2 samples are no more than the 2 features"), (3, "")]
)
def test_few_samples_are_no_more_than_features(columns, doubt):
    said = seen_by([np.ones((3, 12, 6 + columns), np.float32)]).doubt
    assert doubt in said and bool(said) == bool(doubt)


def test_of_one_sample_there_is_no_distance():
    assert seen_by([np.ones((3, 12, 7), np.float32)]).distances() == {"shifted": None, "even": None}
