"""The ratio image: pure speckle, and what is left of the scene in it."""

import numpy as np
import pytest
from sarbridge.engine.despeckling.looks import estimate_speckle
from sarbridge.engine.despeckling.ratio import RatioStatistics
from sarbridge.tests.engine.despeckling.simulated_speckle import GRD, INDEPENDENT, SLC, intensity
from scipy.ndimage import gaussian_filter, uniform_filter


def scene():
    """Return a mean power [512, 512] with fields 10 dB apart and trees."""
    rng = np.random.default_rng(5)
    fields = np.kron(rng.uniform(-1, 0, (16, 16)), np.ones((32, 32)))
    return 10 ** (fields + 0.15 * gaussian_filter(rng.normal(size=(512, 512)), 2) * 7)


def imaged(samplings=INDEPENDENT, looks=1.0):
    """Return the scene with speckle that its changes leave alone: no impulse response spreads what is bright."""
    return intensity(np.ones((512, 512)), samplings, looks) * scene()


def ratio_of(before, after, looks=1.0):
    statistics = RatioStatistics(looks)
    statistics.add(before / after)
    return statistics.result()


@pytest.mark.parametrize(("samplings", "looks"), [(INDEPENDENT, 1), (SLC, 1), (GRD, 4.4)])
def test_the_perfect_filter(samplings, looks):
    image = imaged(samplings, looks)
    ratio = ratio_of(image, scene(), looks)
    assert ratio.mean == pytest.approx(1, abs=0.02)
    assert ratio.expected_variance == 1 / looks
    assert ratio.variance == pytest.approx(1 / looks, rel=0.04)
    assert abs(ratio.structure) < 0.01
    speckle = estimate_speckle(intensity(np.ones((512, 512)), samplings, looks)[None])
    assert ratio.correlation_cols == pytest.approx(speckle.correlation_cols, abs=0.03)
    assert ratio.correlation_rows == pytest.approx(speckle.correlation_rows, abs=0.03)
    assert ratio.pixels == 512 * 512


def test_structure_grows_with_what_is_taken_off():
    image, truth = imaged(), scene()
    blurred = [ratio_of(image, uniform_filter(truth, size)).structure for size in (1, 5, 15, 61)]
    assert np.all(np.diff(blurred) > 0)
    assert blurred[-1] > 0.05


def test_too_little_taken_off_shows_in_the_variance():
    image = imaged()
    ratio = ratio_of(image, np.sqrt(image * scene()))
    assert ratio.variance < 0.5


def test_windows_add_up_whatever_the_calibration():
    image, truth = imaged(SLC) * np.float32(1e-9), scene() * 1e-9
    statistics = RatioStatistics(1)
    for row in range(0, 512, 128):
        statistics.add(image[row : row + 128] / truth[row : row + 128])
    parts, whole = statistics.result(), ratio_of(image, truth)
    assert parts.pixels == whole.pixels
    assert parts.mean == pytest.approx(whole.mean, rel=1e-9)
    assert parts.structure == pytest.approx(whole.structure, abs=0.003)
    assert parts.correlation_rows == pytest.approx(whole.correlation_rows, abs=0.01)


def test_pixels_without_a_ratio():
    image, truth = intensity(np.ones((100, 100))), np.ones((100, 100), np.float32)
    image[:20] = np.nan
    image[20:40] = 0
    truth[90:] = np.nan
    truth[80:90] = 0
    with np.errstate(divide="ignore"):
        ratio = ratio_of(image, truth)
    assert ratio.pixels == 4000
    assert np.isfinite([ratio.mean, ratio.variance, ratio.structure, ratio.correlation_cols]).all()


def test_nothing_known():
    assert ratio_of(np.full((8, 8), np.nan), np.ones((8, 8))) is None


def test_nothing_taken_off():
    image = intensity(np.ones((3, 3)))
    ratio = ratio_of(image, image)
    assert (ratio.mean, ratio.variance, ratio.correlation_cols, ratio.structure) == (1, 0, 0, 0)
