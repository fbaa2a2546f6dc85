"""The transform that points ask for: no more than they can tell."""

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.coregistration.chosen_transform import chosen_transform
from sarbridge.engine.rasters.grid import Grid

IMAGE = Grid("EPSG:32633", Affine(10, 0, 500_000, 0, -10, 5_000_000), 1000, 1000)


def points(warp, count=80, noise=0.5, within=1000, seed=0):
    """Return fixed and moving positions on the map, which `warp` takes pixels of the fixed image to, with noise."""
    random = np.random.default_rng(seed)
    fixed = random.uniform(0, within, (count, 2))
    moving = warp(*fixed.T) + random.normal(0, noise, (2, count))
    return np.column_stack(IMAGE.to_map(*fixed.T)), np.column_stack(IMAGE.to_map(*moving))


def shifted(x, y):
    return np.stack([x + 60, y - 45])


def turned(x, y):
    return np.stack(Affine.rotation(2, (500, 500)) * (x, y))


def bent(x, y):
    return np.stack([x + 20 * (x / 1000) ** 2, y + 20 * (x / 1000) * (y / 1000)])


@pytest.mark.parametrize("warp, kind", [(shifted, "shift"), (turned, "affine"), (bent, "polynomial2")])
@pytest.mark.parametrize("seed", range(5))
def test_the_simplest_that_explains_the_points(warp, kind, seed):
    chosen, said = chosen_transform(*points(warp, seed=seed), None, IMAGE)
    assert chosen.kind == kind
    assert "shift only" in said and "affine transform" in said and "polynomial of second order" in said


def test_without_noise_a_shift_stays_one():
    assert chosen_transform(*points(shifted, noise=0), None, IMAGE)[0].kind == "shift"


def test_few_points_are_not_bent():
    """Eleven are fewer than twice the six that a polynomial needs; two say nothing of a rotation."""
    assert chosen_transform(*points(bent, count=11, noise=0), None, IMAGE)[0].kind != "polynomial2"
    assert chosen_transform(*points(turned, count=2), None, IMAGE)[0].kind == "shift"


def test_no_polynomial_runs_away_where_there_are_no_points():
    chosen, _ = chosen_transform(*points(bent, within=300, noise=0.3), None, IMAGE)
    assert chosen.kind != "polynomial2"


def test_one_point_is_a_shift_without_an_error():
    chosen, said = chosen_transform(*points(shifted, count=1), None, IMAGE)
    assert chosen.kind == "shift" and "not defined" in said


def test_no_point_is_refused():
    with pytest.raises(UserError, match="at least 1"):
        chosen_transform(np.empty((0, 2)), np.empty((0, 2)), None, IMAGE)


def test_points_on_a_line_are_a_shift():
    fixed, moving = points(turned)
    fixed[:, 1], moving[:, 1] = 4_995_000, 4_995_100
    assert chosen_transform(fixed, moving, None, IMAGE)[0].kind == "shift"
