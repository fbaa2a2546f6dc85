"""The robust outlier test against planted outliers."""

import tracemalloc

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.tie_points.outliers import SURE, is_by_chance, robust_inliers

TOLERANCE = 30.0  # metres; three pixels of 10 m


def planted(count, outlier_share, seed=0, rotation=0.0, noise=4.0):
    """Points over 10 km, a share of them off by a random offset of up to 320 m; returns (source, destination, good)."""
    random = np.random.default_rng(seed)
    source = [600_000, 4_100_000] + random.uniform(0, 10_000, (count, 2))
    centred = source - source.mean(axis=0)
    turn = np.radians(rotation)
    matrix = 1.01 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) if rotation else np.eye(2)
    destination = centred @ matrix.T + source.mean(axis=0) + [173, 116] + random.normal(0, noise, source.shape)
    good = np.ones(count, bool)
    good[random.permutation(count)[: round(outlier_share * count)]] = False
    destination[~good] += random.uniform(-320, 320, (np.sum(~good), 2))
    return source, destination, good


@pytest.mark.parametrize(("kind", "rotation"), [("shift", 0.0), ("affine", 0.5)])
@pytest.mark.parametrize("count", [40, 500, 20_000])
def test_sixty_percent_outliers_are_found(kind, rotation, count):
    source, destination, good = planted(count, 0.6, rotation=rotation)
    inliers, residual, transform = robust_inliers(kind, source, destination, TOLERANCE)
    off = np.linalg.norm(destination - fit_of_the_good(kind, source, destination, good), axis=1)
    clear = (off < 0.7 * TOLERANCE) | (off > 1.3 * TOLERANCE)
    assert clear.mean() > 0.9
    assert (inliers == (off < TOLERANCE))[clear].all()
    assert transform.kind == kind
    assert (inliers == (residual <= TOLERANCE)).all()
    assert np.allclose(residual, np.linalg.norm(destination - transform.transform(source), axis=1))


def fit_of_the_good(kind, source, destination, good):
    centred = (source - source.mean(axis=0)) / 1000
    design = np.ones((len(source), 1)) if kind == "shift" else np.column_stack([np.ones(len(source)), centred])
    return source + design @ np.linalg.lstsq(design[good], (destination - source)[good], rcond=None)[0]


def test_the_result_is_the_same_every_time():
    source, destination, _ = planted(300, 0.5)
    first, second = (robust_inliers("affine", source, destination, TOLERANCE) for _ in range(2))
    assert (first[1] == second[1]).all()


def test_without_a_test_all_points_are_accepted_and_measured_against_the_mean_shift():
    source, destination, _ = planted(50, 0.3)
    inliers, residual, transform = robust_inliers("none", source, destination, TOLERANCE)
    assert inliers.all() and transform.kind == "shift"
    displacement = destination - source
    assert np.allclose(residual, np.linalg.norm(displacement - displacement.mean(axis=0), axis=1))


def test_few_points_are_tested_with_a_shift():
    source, destination, _ = planted(5, 0)
    destination[2] += [500, 0]
    inliers, _, transform = robust_inliers("affine", source, destination, TOLERANCE)
    assert transform.kind == "shift"
    assert inliers.tolist() == [True, True, False, True, True]


def test_points_on_one_line_are_tested_with_a_shift():
    source = np.column_stack([np.linspace(0, 5000, 20), np.linspace(0, 3000, 20)])
    destination = source + [10, -20]
    destination[7] += 400
    inliers, _, transform = robust_inliers("affine", source, destination, TOLERANCE)
    assert transform.kind == "shift"
    assert np.flatnonzero(~inliers).tolist() == [7]


def test_a_single_point_agrees_with_itself():
    inliers, residual, _ = robust_inliers("affine", [[1.0, 2.0]], [[4.0, 6.0]], TOLERANCE)
    assert inliers.tolist() == [True] and residual[0] == pytest.approx(0)


def test_no_points_are_refused():
    with pytest.raises(UserError, match="no tie points"):
        robust_inliers("affine", np.empty((0, 2)), np.empty((0, 2)), TOLERANCE)


def test_memory_stays_bounded_with_many_points():
    source, destination, _ = planted(20_000, 0.6)
    tracemalloc.start()
    robust_inliers("affine", source, destination, TOLERANCE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


@pytest.mark.parametrize("kind", ["shift", "affine"])
@pytest.mark.parametrize("count", [12, 35, 200])
def test_what_agrees_by_chance_is_told_from_what_agrees(kind, count):
    """Displacements anywhere within ±320 m, of which a disc of three pixels agrees with a transform."""
    share = np.pi * TOLERANCE**2 / 640**2
    for seed in range(5):
        inliers, _, transform = robust_inliers(kind, *planted(count, 1.0, seed)[:2], TOLERANCE)
        assert is_by_chance(transform.kind, inliers.sum(), count, share)
    inliers, _, transform = robust_inliers(kind, *planted(count, 0.2)[:2], TOLERANCE)
    assert not is_by_chance(transform.kind, inliers.sum(), count, share)


def test_where_nothing_else_speaks_for_them_more_points_have_to_agree():
    share = np.pi * 3**2 / 65**2
    assert not is_by_chance("shift", 2, 2, share) and is_by_chance("shift", 2, 2, share, SURE)
    assert not is_by_chance("shift", 4, 4, share, SURE)
    assert not is_by_chance("affine", 5, 6, share) and is_by_chance("affine", 5, 6, share, SURE)
    assert not is_by_chance("affine", 7, 8, share, SURE)
