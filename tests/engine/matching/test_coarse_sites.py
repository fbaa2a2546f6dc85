"""Sites whose templates vote: what they find, and what is not looked at."""

import numpy as np
import pytest
import torch
from rasterio.transform import Affine
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.coarse_sites import TEMPLATE, CoarseSite, Votes
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.tests.engine.matching.misplaced_pairs import NO_DATA, misplaced, texture
from sarbridge.tests.tiny_bundle import tiny_bridge_match

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE, REACH = 384, 24
SITE = Window(64, 64, 256, 256)
BLUR = 1.1
"""Pixels by which random weights may be off: their finest features repeat every other pixel."""


def votes_of(folder, error, sar, optical, moved=None):
    """Votes of one site of a pair, of which the optical image is moved first."""
    sar_layer, optical_layer, whole = misplaced(folder, error, sar, optical)
    grid = Grid(whole.crs, sar_layer_lattice(), SIDE, SIDE)
    moved = moved or Affine.identity()
    laid = Grid(grid.crs, grid.transform * ~moved, SIDE, SIDE)
    matcher = BridgeMatcher(tiny_bridge_match(), torch.device("cpu"))
    with torch.inference_mode(), sar_layer.on(grid, SIDE) as sar_reader, optical_layer.on(laid, SIDE) as optical_reader:
        return CoarseSite(sar_reader, matcher, SITE, REACH).votes(optical_reader, moved, TEMPLATE)


def sar_layer_lattice():
    """The lattice of the SAR image itself, so that its pixels count from its corner."""
    return Affine(10, 0, 500_000, 0, -10, 5_500_000)


def test_every_template_votes_for_the_shift(tmp_path):
    ground = texture(SIDE)
    votes = votes_of(tmp_path, Affine.translation(13, -7), ground, ground)
    assert len(votes.optical) == (256 // TEMPLATE) ** 2
    np.testing.assert_allclose(votes.sar - votes.optical, [[-13, 7]] * len(votes.sar), atol=BLUR)


def test_votes_are_of_the_optical_image_as_it_is_georeferenced(tmp_path):
    """Once it is moved to where it belongs nothing remains, and the votes still say the whole way."""
    ground, error = texture(SIDE), Affine.translation(50, -40) * Affine.rotation(7)
    votes = votes_of(tmp_path, error, ground, ground, moved=~error)
    assert len(votes.optical) == (256 // TEMPLATE) ** 2
    np.testing.assert_allclose(np.column_stack(~error * votes.optical.T), votes.sar, atol=BLUR)


def test_templates_without_data_do_not_vote(tmp_path):
    ground = texture(SIDE)
    collar = ground.copy()
    collar[:, : 64 + 128] = NO_DATA
    for sar, optical in ((ground, collar), (collar, ground)):
        votes = votes_of(tmp_path, Affine.identity(), sar, optical)
        assert 0 < len(votes.optical) <= (256 // TEMPLATE) ** 2 * 3 / 4
    at_its_place = np.abs(votes.sar - votes.optical).max(1) < 0.3
    assert at_its_place[votes.optical[:, 0] >= 64 + 128 + TEMPLATE / 2].all()
    assert len(votes_of(tmp_path, Affine.identity(), ground, np.full_like(ground, NO_DATA)).optical) == 0


def test_votes_of_no_site():
    assert Votes.joined([]).optical.shape == Votes.joined([]).sar.shape == (0, 2)
