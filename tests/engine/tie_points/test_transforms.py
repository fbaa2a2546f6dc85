"""Transforms against planted ones, plain least squares and real refits."""

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.rasters.positions import apply_affine
from sarbridge.engine.tie_points.transforms import FEWEST_POINTS, MOST_CONTROL_POINTS, fit, root_mean_square
from scipy.interpolate import RBFInterpolator

FAR = np.array([500_000.0, 5_300_000.0])  # where map coordinates are large enough to hurt


def points(count=40, seed=0):
    return FAR + np.random.default_rng(seed).uniform(0, 10_000, (count, 2))


def planted(kind, source):
    x, y = ((source - FAR) / 10_000).T
    fields = {
        "shift": (173 + 0 * x, 116 + 0 * x),
        "affine": (173 + 90 * x - 60 * y, 116 + 60 * x + 95 * y),
        "polynomial2": (173 + 90 * x - 60 * y + 40 * x * x - 25 * x * y, 116 + 60 * x + 80 * y * y),
        "tps": (173 + 30 * np.sin(4 * x) + 10 * y, 116 + 25 * np.cos(5 * y) * x),
    }
    return source + np.stack(fields[kind], axis=1)


@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2"])
def test_a_planted_transform_is_found_to_a_micrometre(kind):
    source = points()
    transform = fit(kind, source, planted(kind, source))
    elsewhere = points(seed=1)
    assert np.abs(transform.transform(elsewhere) - planted(kind, elsewhere)).max() < 1e-6
    assert root_mean_square(transform.residuals) < 1e-6


def test_an_affine_fit_equals_plain_least_squares_under_noise():
    source = points()
    destination = planted("affine", source) + np.random.default_rng(2).normal(0, 5, source.shape)
    design = np.column_stack([np.ones(len(source)), source - FAR])
    expected = design @ np.linalg.lstsq(design, destination - FAR, rcond=None)[0] + FAR
    transform = fit("affine", source, destination)
    assert np.allclose(transform.transform(source), expected, atol=1e-6)
    assert np.allclose(np.column_stack(apply_affine(transform.affine, *source.T)), expected, atol=1e-6)
    assert root_mean_square(transform.residuals) == pytest.approx(
        np.sqrt(((destination - expected) ** 2).sum(axis=1).mean())
    )


@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2"])
def test_a_point_of_twice_the_weight_counts_as_two(kind):
    source, random = points(12), np.random.default_rng(9)
    destination = planted(kind, source) + random.normal(0, 5, source.shape)
    counts = random.integers(1, 4, len(source))
    repeated = fit(kind, np.repeat(source, counts, axis=0), np.repeat(destination, counts, axis=0))
    weighted = fit(kind, source, destination, 0.01 * counts)  # their scale says nothing
    alike = fit(kind, source, destination)
    assert np.abs(weighted.transform(source) - repeated.transform(source)).max() < 1e-6
    assert np.abs(weighted.transform(source) - alike.transform(source)).max() > 0.1


def test_weights_of_right_errors_bring_the_fit_closer_to_the_truth():
    source, random = points(60), np.random.default_rng(10)
    sigma = np.where(np.arange(60) % 2, 1.0, 20.0)
    off = {"alike": [], "weighted": []}
    for _ in range(50):
        destination = planted("affine", source) + sigma[:, None] * random.normal(size=source.shape)
        for name, weights in (("alike", None), ("weighted", 1 / sigma**2)):
            found = fit("affine", source, destination, weights).transform(source)
            off[name].append(root_mean_square(found - planted("affine", source)))
    assert np.mean(off["weighted"]) < np.mean(off["alike"]) / 5


def test_a_thin_plate_spline_passes_through_its_points_and_is_the_textbook_spline():
    source = points(30)
    destination = planted("tps", source)
    transform = fit("tps", source, destination)
    assert np.abs(transform.residuals).max() < 1e-6
    x = (source - FAR) / 1000
    squares = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    kernel = np.where(squares > 0, squares * np.log(squares + (squares == 0)), 0)
    polynomial = np.column_stack([np.ones(30), x])
    system = np.block([[kernel, polynomial], [polynomial.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(system, np.vstack([destination - FAR, np.zeros((3, 2))]))
    other = (points(5, seed=3) - FAR) / 1000
    squares = ((other[:, None] - x[None]) ** 2).sum(axis=2)
    expected = squares * np.log(squares) @ weights[:30] + np.column_stack([np.ones(5), other]) @ weights[30:] + FAR
    assert np.allclose(transform.transform(FAR + other * 1000), expected, atol=1e-5)


@pytest.mark.parametrize("sigma", [None, np.linspace(0.3, 3, 15)])
@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2", "tps"])
def test_the_leave_one_out_error_equals_real_refits(kind, sigma):
    weights = np.ones(15) if sigma is None else 1 / sigma**2
    source = points(15)
    destination = planted("tps", source) + np.random.default_rng(4).normal(0, 3, source.shape)
    refits = []
    for left_out in range(15):
        others = np.arange(15) != left_out
        transform = fit(kind, source[others], destination[others], weights[others])
        refits.append(destination[left_out] - transform.transform(source[left_out][None])[0])
    transform = fit(kind, source, destination, None if sigma is None else weights)
    assert np.allclose(transform.leave_one_out, refits, atol=1e-5)
    assert transform.leave_one_out_rmse == pytest.approx(np.sqrt((np.square(refits)).sum(axis=1).mean()))


@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2"])
def test_without_a_point_to_spare_there_is_no_leave_one_out_error(kind):
    source = points(FEWEST_POINTS[kind])
    transform = fit(kind, source, planted(kind, source))
    assert np.isnan(transform.leave_one_out_rmse)


@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2", "tps"])
def test_the_inverse_leads_back(kind):
    source = points()
    transform = fit(kind, source, planted(kind, source))
    elsewhere = points(seed=5)
    assert np.abs(transform.inverse(transform.transform(elsewhere)) - elsewhere).max() < 1e-3


def test_where_a_polynomial_folds_over_there_is_no_inverse():
    x, y = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 1, 6))
    source = np.column_stack([x.ravel(), y.ravel()])
    folded = np.column_stack([source[:, 0] - 0.4 * source[:, 0] ** 2, source[:, 1]])  # largest at x = 1.25: 0.625
    transform = fit("polynomial2", source, folded)
    found = transform.inverse(np.array([[0.5, 0.5], [0.7, 0.5]]))
    assert found[0, 0] - 0.4 * found[0, 0] ** 2 == pytest.approx(0.5)
    assert np.isnan(found[1]).all()


def test_many_points_become_cell_means_for_the_spline():
    source = points(5000)
    noise = np.random.default_rng(6).normal(0, 20, source.shape)
    transform = fit("tps", source, planted("tps", source) + noise)
    assert len(transform.control_source) <= MOST_CONTROL_POINTS
    elsewhere = FAR + 5000 + 0.8 * (points(200, seed=7) - FAR - 5000)
    error = np.linalg.norm(transform.transform(elsewhere) - planted("tps", elsewhere), axis=1)
    assert np.sqrt((error**2).mean()) < 12  # a single point's noise has 28


def test_points_at_one_position_are_averaged_for_the_spline():
    source = points(10)
    destination = planted("tps", source)
    doubled = fit("tps", np.vstack([source, source[:1]]), np.vstack([destination + [[2, 0]] * 10, destination[:1]]))
    expected = destination + [[2, 0]] * 10
    expected[0, 0] -= 1
    assert np.allclose(doubled.transform(source), expected, atol=1e-6)


def test_of_points_at_one_position_the_surer_one_counts_more_for_the_spline():
    source = points(10)
    destination = planted("tps", source)
    other = destination[:1] + [[4, 0]]
    both = fit("tps", np.vstack([source, source[:1]]), np.vstack([destination, other]), [*[3.0] * 10, 1.0])
    destination[0, 0] += 1
    assert np.abs(both.transform(source) - destination).max() < 1e-6


@pytest.mark.parametrize("kind", list(FEWEST_POINTS))
def test_too_few_points_are_refused(kind):
    source = points(FEWEST_POINTS[kind] - 1)
    with pytest.raises(UserError, match=f"at least {FEWEST_POINTS[kind]} tie points"):
        fit(kind, source, source)


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_points_on_one_line_are_refused(kind):
    along = np.linspace(0, 1, 20)[:, None]
    source = FAR + along * [3000, 4000] + np.random.default_rng(0).normal(0, 1, (20, 2))
    with pytest.raises(UserError, match="one line"):
        fit(kind, source, source)


def test_points_on_a_circle_do_not_determine_a_polynomial():
    angle = np.linspace(0, 2 * np.pi, 20)[:-1]
    source = FAR + 1000 * np.column_stack([np.cos(angle), np.sin(angle)])
    with pytest.raises(UserError, match="too few places"):
        fit("polynomial2", source, source)


def test_a_long_narrow_strip_is_no_line():
    source = FAR + np.random.default_rng(0).uniform(0, 1, (40, 2)) * [60_000, 2_000]
    transform = fit("polynomial2", source, planted("polynomial2", source))
    assert root_mean_square(transform.residuals) < 1e-5


def test_the_spline_is_the_same_in_scipy():
    source = points(25)
    destination = planted("tps", source)
    expected = RBFInterpolator(source - FAR, destination - FAR, kernel="thin_plate_spline")(points(9, 8) - FAR) + FAR
    assert np.allclose(fit("tps", source, destination).transform(points(9, 8)), expected, atol=1e-4)
