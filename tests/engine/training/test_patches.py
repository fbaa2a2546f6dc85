"""Patches: their lattice, their flaws, and parts that share no pixel."""

from itertools import product

import numpy as np
import pytest
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.training.patches import (
    CLOUDS,
    NO_DATA,
    SEAM,
    TRAINING,
    VALIDATION,
    flaw,
    has_seam,
    lattice,
    split_at_random,
    split_by_place,
)

SIDE = 64


def images(seed=0):
    """Speckle [1, h, w] and dim colours [3, h, w] without structure."""
    random = np.random.default_rng(seed)
    return random.normal(0, 1, (1, SIDE, SIDE)), random.uniform(0.2, 0.6, (3, SIDE, SIDE))


def test_patches_begin_every_half_side_within_the_area():
    found = lattice(Window(10, 20, 200, 129), SIDE)
    assert [each[:2] for each in found] == [(col, row) for row in (20, 52, 84) for col in (10, 42, 74, 106, 138)]
    assert all(each[2:] == (SIDE, SIDE) for each in found)
    assert lattice(Window(0, 0, 63, 500), SIDE) == []


def test_flaws():
    sar, optical = images()
    valid = np.ones((SIDE, SIDE), bool)
    assert flaw(sar, optical, valid, 0.1) == ""
    holed = valid.copy()
    holed[5, 7] = False
    assert flaw(sar, optical, holed, 0.1) == NO_DATA
    cloudy = optical.copy()
    cloudy[:, :44, :44] = 0.97
    assert flaw(sar, cloudy, valid, 0.1) == CLOUDS and flaw(sar, cloudy, valid, 0.5) == ""
    cloudy[2] -= 0.3  # bright and yellow is sand
    assert flaw(sar, cloudy, valid, 0.1) == ""
    roofs = optical.copy()
    roofs[:, ::3, ::2] = roofs[:, 1::3] = 0.97
    assert flaw(sar, roofs, valid, 0.1) == ""
    mosaic = optical.copy()
    mosaic[:, :, 20:] += 0.2
    assert flaw(sar, mosaic, valid, 0.1) == SEAM
    joined = sar.copy()
    joined[:, 40:] += 2.5
    assert flaw(joined, optical, valid, 0.1) == SEAM


def test_borders_that_do_not_run_through_are_no_seams():
    image = images()[1].mean(0)
    assert not has_seam(image)
    image[:40, 30:] += 0.3
    assert not has_seam(image) and has_seam(image[:40])


def test_roads_are_no_seams():
    image = images()[1].mean(0)
    image[:, 30:38] += 0.4
    assert not has_seam(image) and not has_seam(image.T)


@pytest.mark.parametrize(("cols", "rows"), [(2, 1), (3, 3), (10, 1), (40, 30)])
@pytest.mark.parametrize("seed", [1, 2])
def test_parts_by_place_share_no_pixel(cols, rows, seed):
    windows = lattice(Window(32, 64, cols * SIDE, rows * SIDE), SIDE)
    parts = split_by_place(windows, 0.2, seed)
    assert parts == split_by_place(windows, 0.2, seed) and set(parts) <= {TRAINING, VALIDATION, ""}
    seen = {part: np.zeros((64 + rows * SIDE, 32 + cols * SIDE), bool) for part in (TRAINING, VALIDATION)}
    for window, part in zip(windows, parts):
        if part:
            seen[part][window.row : window.row + SIDE, window.col : window.col + SIDE] = True
    assert all(each.any() for each in seen.values()) and not (seen[TRAINING] & seen[VALIDATION]).any()
    if cols == 40:
        share = parts.count(VALIDATION) / (len(parts) - parts.count(""))
        assert 0.2 <= share < 0.26 and parts.count("") < 0.25 * len(parts)
        # blocks, not single patches: most patches of a part have a neighbour of the same part
        validation = {window[:2] for window, part in zip(windows, parts) if part == VALIDATION}
        beside = [
            any((col + dx, row + dy) in validation for dx, dy in product((-32, 0, 32), repeat=2) if dx or dy)
            for col, row in validation
        ]
        assert all(beside)


def test_what_has_no_two_places_has_no_parts():
    assert split_by_place(lattice(Window(0, 0, SIDE + 32, SIDE + 32), SIDE), 0.2, 1) == [""] * 4
    assert split_by_place([], 0.2, 1) == []


def test_random_parts_have_their_shares():
    parts = split_at_random(50, 0.2, 3)
    assert parts.count(VALIDATION) == 10 and parts.count(TRAINING) == 40 and parts == split_at_random(50, 0.2, 3)
