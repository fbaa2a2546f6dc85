"""Pixels of which a model knows nothing are doubted."""

import pytest
from affine import Affine
from sarbridge.engine.despeckling.pixel_doubt import doubt_of_pixels
from sarbridge.engine.rasters.grid import Grid
from sarbridge.tests.engine.rasters.test_grid_reader import UTM31
from sarbridge.tests.model_cards import card_with

CARD = card_with(name="Toy", task="despeckle", pixel_size_range=(2, 10))


@pytest.mark.parametrize(("side", "is_doubted"), [(1.2, True), (1.5, False), (10, False), (14, False), (16, True)])
def test_of_a_layer_on_a_map(side, is_doubted):
    said = doubt_of_pixels("x", Grid(UTM31, Affine(side, 0, 5e5, 0, -side, 5e6), 9, 9), CARD)
    assert bool(said) == is_doubted and (f"'x' are {side:g} m wide, but the model 'Toy' knows" in said) == is_doubted


def test_of_radar_geometry_nothing_is_known():
    assert doubt_of_pixels("x", Grid("", Affine.identity(), 9, 9), CARD) == ""
