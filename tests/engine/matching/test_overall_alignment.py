"""How two images lie over each other as a whole, or why that is not known."""

import numpy as np
import pytest
import torch
from rasterio.transform import Affine
from sarbridge.engine.matching import overall_alignment as module
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.coarse_search import CoarseSearch
from sarbridge.engine.matching.overall_alignment import OverallAlignment, overall_alignment
from sarbridge.tests.engine.matching.misplaced_pairs import (
    NO_DATA,
    about_the_middle,
    largest_error,
    misplaced,
    texture,
)
from sarbridge.tests.tiny_bundle import tiny_bridge_match

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE = 448
COARSE = 2
"""Working pixels along the side of a coarse one, in images of this size."""


@pytest.fixture(scope="module")
def ground():
    return texture(SIDE)


def alignment(folder, error, sar, optical, max_shift=48, sar_corner=(0, 0)):
    """Return (alignment, its largest error in working pixels)."""
    sar, optical, grid = misplaced(folder, error, sar, optical, sar_corner)
    matcher = BridgeMatcher(tiny_bridge_match(), torch.device("cpu"))
    with torch.inference_mode():
        found = overall_alignment(sar, optical, grid, max_shift, matcher)
    return found, largest_error(found.transform, error, grid, SIDE)


@pytest.mark.parametrize(
    ("error", "max_shift"),
    [
        (Affine.translation(90, -70), 100),
        (Affine.rotation(7) * Affine.scale(0.93), 48),
        (Affine.translation(-20, 30) * Affine.rotation(-10) * Affine.scale(1.1), 48),
    ],
)
def test_shift_rotation_and_scale_are_found_to_two_coarse_pixels(tmp_path, ground, error, max_shift):
    found, missed = alignment(tmp_path, about_the_middle(SIDE, error), ground, ground, max_shift)
    assert found.found and found.reason == "" and found.agreeing >= 6
    assert missed < 2 * COARSE
    assert found.pixel_size == pytest.approx(COARSE * 10 * max(1, np.sqrt(error.determinant)), rel=1e-3)
    assert found.rotation() == pytest.approx(-np.degrees(np.arctan2(error.d, error.a)), abs=0.4)
    assert found.scale() == pytest.approx(1 / np.sqrt(error.determinant), abs=0.01)


def test_collars_without_data_do_not_hide_it(tmp_path, ground):
    sar, optical = ground.copy(), ground.copy()
    sar[:, :90], optical[330:] = NO_DATA, NO_DATA
    found, missed = alignment(tmp_path, Affine.translation(25, 30), sar, optical)
    assert found.found and missed < 2 * COARSE


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda image: image[:, ::-1], "when it is mirrored:"),
        (lambda image: texture(SIDE, seed=5), "another place"),
        (lambda image: np.full_like(image, NO_DATA), "no place shows enough of both"),
    ],
)
def test_why_nothing_was_found(tmp_path, ground, changed, words):
    found, _ = alignment(tmp_path, Affine.identity(), ground, changed(ground), max_shift=24)
    assert not found.found and words in found.reason and found.transform == Affine.identity()


def test_in_small_images_templates_overlap(tmp_path):
    """Also where they are looked for so far around that turned images are compared by fewer."""
    small = texture(200)
    found, _ = alignment(tmp_path, Affine.translation(-30, 20), small, small, max_shift=100)
    assert found.found and found.agreeing >= 16  # side by side there is room for four


def test_no_farther_is_searched_than_the_images_could_share_a_place(tmp_path, monkeypatch):
    """What is searched grows with the square of it, until no memory holds it."""
    searched = []

    class Search(CoarseSearch):
        def __init__(self, *arguments):
            searched.append(arguments[3])
            super().__init__(*arguments)

    monkeypatch.setattr(module, "CoarseSearch", Search)
    small = texture(200)
    found, _ = alignment(tmp_path, Affine.translation(-30, 20), small, small, max_shift=500)
    assert found.found and set(searched) == {200 + 30}


def part(ground, side=256):
    """Return (corner, the middle of an image, of this side)."""
    first = (len(ground) - side) // 2
    return (first, first), ground[first : first + side, first : first + side]


@pytest.mark.parametrize(
    "error", [Affine.translation(130, -120), Affine.translation(-90, 60) * Affine.rotation(7) * Affine.scale(0.93)]
)
def test_a_small_sar_image_is_found_in_a_large_optical_one(tmp_path, error):
    """Of the large image, most places belong nowhere."""
    wide = texture(3 * 256)
    corner, sar = part(wide)
    found, missed = alignment(tmp_path, about_the_middle(len(wide), error), sar, wide, 160, corner)
    assert found.found and missed < 4
    assert found.rotation() == pytest.approx(-np.degrees(np.arctan2(error.d, error.a)), abs=0.6)


@pytest.mark.parametrize("sar_is_small", [False, True])
def test_the_orientation_is_that_of_the_optical_image_however_large_it_is(tmp_path, ground, sar_is_small):
    corner, sar = part(ground, 192) if sar_is_small else ((0, 0), ground)
    found, _ = alignment(tmp_path, Affine.identity(), sar, np.rot90(ground).copy(), 32, sar_corner=corner)
    assert found.is_turned and "the optical image fits the SAR image when it is turned by 90°:" in found.reason


def test_rotation_counts_clockwise_as_pixels_are_drawn():
    turned = OverallAlignment(Affine.rotation(7) * Affine.scale(0.9), True)  # rows count down
    assert (turned.rotation(), turned.scale()) == pytest.approx((7, 0.9))
