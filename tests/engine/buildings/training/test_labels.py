"""Footprints as labels, against counts by hand."""

import numpy as np
import shapely
from sarbridge.engine.buildings.footprints import objects
from sarbridge.engine.buildings.training.labels import Labels
from sarbridge.engine.rasters.grid import Window

TOUCHING = objects([shapely.box(2, 2, 5, 6), shapely.box(5, 2, 8, 6)])


def test_touching_buildings_have_numbers_of_their_own_wherever_a_window_begins():
    labels = Labels(TOUCHING, None, as_shares=False)
    for col, row in ((0, 0), (-3, 1), (4, 3)):
        window = Window(col, row, 8, 8)
        numbers, known = labels.read(window)
        place = np.zeros((40, 40), np.float32)
        place[12:16, 12:15], place[12:16, 15:18] = 1, 2  # 10 pixels around what lies at 0
        expected = place[row + 10 : row + 18, col + 10 : col + 18]
        assert ((numbers > 0) == (expected > 0)).all() and (known == (expected > 0)).all()
        parts = {tuple(np.unique(numbers[expected == each])) for each in np.unique(expected[expected > 0])}
        assert len(parts) == len(np.unique(expected[expected > 0])) and all(len(each) == 1 for each in parts)


def test_shares_of_large_pixels():
    labels = Labels(objects([shapely.box(0.5, 0, 2, 0.25)]), None, as_shares=True)
    shares, _ = labels.read(Window(0, 0, 3, 1))
    assert shares.tolist() == [[0.125, 0.25, 0.0]]


def test_buildings_are_known_in_the_area_or_in_the_hull_of_all():
    corners = objects([shapely.box(0, 0, 1, 1), shapely.box(0, 9, 1, 10), shapely.box(9, 0, 10, 1)])
    _, known = Labels(corners, None, as_shares=False).read(Window(0, 0, 10, 10))
    assert known[0, 9] and known[9, 0] and known[4, 4] and not known[9, 9]
    _, known = Labels(corners, objects([shapely.box(0, 0, 10, 2)]), as_shares=False).read(Window(0, 0, 10, 10))
    assert known[:2].all() and not known[2:].any()
