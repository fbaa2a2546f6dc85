"""What is mirrored: as numpy mirrors at straight edges, and the same wherever an array is cut."""

import numpy as np
import pytest
from sarbridge.engine.inference.mirroring import REACH, mirrored


def noise(height=60, width=50, channels=2):
    return np.random.default_rng(0).normal(size=(channels, height, width)).astype(np.float32)


def test_straight_edges_and_corners_are_mirrored_as_numpy_does():
    whole = noise()
    values, known = np.pad(whole, ((0, 0), (9, 0), (7, 20))), np.zeros((69, 77), bool)
    known[9:, 7:57] = True
    np.testing.assert_array_equal(mirrored(values, known), np.pad(whole, ((0, 0), (9, 0), (7, 20)), mode="reflect"))


def test_what_is_known_stays_and_what_is_not_is_never_seen():
    values, known = noise(), np.random.default_rng(1).random((60, 50)) < 0.5
    filled = mirrored(np.where(known, values, np.nan), known)
    np.testing.assert_array_equal(filled[:, known], values[:, known])
    assert np.isfinite(filled).all()


def test_what_is_only_looked_at_is_not_returned():
    values, known = noise(), np.random.default_rng(1).random((60, 50)) < 0.01
    np.testing.assert_array_equal(mirrored(values, known, 20), mirrored(values, known)[:, 20:-20, 20:-20])


def test_where_the_mirror_image_is_unknown_the_nearest_pixel_is_repeated():
    values, known = np.zeros((1, 1, 9), np.float32), np.zeros((1, 9), bool)
    values[0, 0, 3], known[0, 3] = 5, True
    assert (mirrored(values, known) == 5).all()


@pytest.mark.parametrize("seed", range(8))
def test_pixels_depend_on_what_is_near(seed):
    """Holes of all sizes; whoever is `n` pixels from what is known sees the same in every cut that is wide enough."""
    random = np.random.default_rng(seed)
    values, known = noise(200, 200, 1), np.ones((200, 200), bool)
    for left, top, width, height in zip(*random.integers(0, 200, (2, 40)), *random.integers(1, 25, (2, 40))):
        known[top : top + height, left : left + width] = False
    whole = mirrored(values, known)
    near = 6
    reach = REACH * near
    rows, cols = np.nonzero(known)
    for row, col in random.permutation(np.column_stack([rows, cols]))[:40]:
        top, left = max(row - near - reach, 0), max(col - near - reach, 0)
        cut = slice(top, row + near + reach + 1), slice(left, col + near + reach + 1)
        seen = mirrored(values[:, cut[0], cut[1]], known[cut])
        around = slice(max(row - near, 0), row + near + 1), slice(max(col - near, 0), col + near + 1)
        inner = tuple(slice(part.start - first, part.stop - first) for part, first in zip(around, (top, left)))
        np.testing.assert_array_equal(seen[:, inner[0], inner[1]], whole[:, around[0], around[1]])
