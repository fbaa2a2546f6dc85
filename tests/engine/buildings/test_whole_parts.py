"""Parts of masks are whole wherever strips end."""

import numpy as np
import pytest
from sarbridge.engine.buildings import whole_parts
from sarbridge.engine.buildings.whole_parts import Part, WholeParts
from sarbridge.engine.rasters.grid import Window
from scipy import ndimage


def parts_of(mask, values, rows):
    """Return the connected parts as (first row, first column, pixels, sum of values), in order, from strips of rows."""
    whole, found = WholeParts(), []
    height, width = mask.shape
    for row in range(0, height, rows):
        strip = Part(
            Window(0, row, width, min(rows, height - row)), mask[row : row + rows], values[:, row : row + rows]
        )
        for part in whole.add(strip, row + rows >= height):
            labels, count = ndimage.label(part.mask)
            for label in range(1, count + 1):
                inside = labels == label
                places = np.argwhere(inside)
                first = places[0] + (part.window.row, part.window.col)
                found.append((*first.tolist(), int(inside.sum()), round(float(part.values[0][inside].sum()), 3)))
    return sorted(found)


@pytest.mark.parametrize("rows", [1, 2, 7, 16, 50])
@pytest.mark.parametrize("share", [0.1, 0.45, 0.6, 1.0])
def test_parts_are_those_of_the_whole_mask(rows, share):
    generator = np.random.default_rng(1)
    mask, values = generator.random((50, 70)) < share, generator.random((1, 50, 70)).astype(np.float32)
    assert parts_of(mask, values, rows) == parts_of(mask, values, 1000)


def test_a_part_that_comes_back_from_below_is_one():
    """A U: its arms meet only in the last strip; an island within stays its own."""
    mask = np.zeros((30, 20), bool)
    mask[:, 2:5] = mask[:, 15:18] = mask[27:, 2:18] = True
    mask[8:14, 8:11] = True
    values = np.ones((1, 30, 20), np.float32)
    assert parts_of(mask, values, 10) == [(0, 2, 30 * 6 + 30, 210.0), (8, 8, 18, 18.0)]


def test_corners_do_not_connect():
    mask = np.eye(8, dtype=bool)
    assert len(parts_of(mask, np.ones((1, 8, 8), np.float32), 4)) == 8


def test_nothing_is_kept_of_parts_that_are_whole():
    whole = WholeParts()
    mask = np.zeros((4, 10), bool)
    mask[1:3, 2:5] = True
    for row in range(0, 40, 4):
        list(whole.add(Part(Window(0, row, 10, 4), mask, np.zeros((1, 4, 10), np.float32)), False))
        assert not whole._open


def test_what_is_too_large_to_be_held_is_cut_and_nothing_of_it_is_lost(monkeypatch):
    """Beside it a part across the same rows, and one that comes later, stay whole."""
    monkeypatch.setattr(whole_parts, "MOST_PIXELS", 12 * 20)
    mask = np.zeros((50, 30), bool)
    mask[:, :20] = mask[8:12, 25:] = mask[30:44, 28] = True
    found, whole = np.zeros(mask.shape, int), WholeParts()
    shapes = []
    for row in range(0, 50, 5):
        values = np.ones((1, 5, 30), np.float32)
        for part in whole.add(Part(Window(0, row, 30, 5), mask[row : row + 5], values), row == 45):
            left, top, width, height = part.window
            found[top : top + height, left : left + width] += part.mask
            assert part.mask.size <= 12 * 20 + 5 * 30, "a strip more than what is held"
            shapes.append((left, top, width, height))
    assert np.array_equal(found, mask)
    assert (25, 8, 5, 4) in shapes and (28, 30, 1, 14) in shapes
    assert whole.cuts == sum(left == 0 for left, *_ in shapes) - 1 == 3


def test_parts_are_not_cut_while_they_can_be_held(monkeypatch):
    monkeypatch.setattr(whole_parts, "MOST_PIXELS", 15 * 30)
    mask, whole = np.ones((20, 30), bool), WholeParts()
    parts = [
        part
        for row in range(0, 20, 5)
        for part in whole.add(Part(Window(0, row, 30, 5), mask[:5], np.ones((1, 5, 30), np.float32)), row == 15)
    ]
    assert [part.mask.shape for part in parts] == [(20, 30)] and not whole.cuts
